"""Bodies as callers send them: strict JSON, because what two programs read differently is how data slips in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from coordination.interop.strict_json import JSONError, strict_json
from coordination.web.problems import Refusal

CHARSET = re.compile(r'charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)


class StrictJSONParser(BaseParser):
    """Read a body as JSON in UTF-8.

    Raises Refusal: 400, naming what is wrong with it.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        charset = CHARSET.search(media_type or "")
        if charset and charset[1].lower() not in ("utf-8", "utf8"):
            raise Refusal(400, "json_encoding", _("The text is not in UTF-8."))
        refusal: Refusal
        try:
            return strict_json(stream.read())
        except JSONError as error:
            refusal = Refusal(400, error.code, error.message)
        raise refusal
