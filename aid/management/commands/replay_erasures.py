from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aid.actions.erase_person import SUBJECT as AID_REQUEST
from aid.actions.erase_person import AlreadyAnonymous, erase_person
from aid.models import AidRequest
from coordination.access.actions.erase_user import SUBJECT as USER
from coordination.access.actions.erase_user import erase_user
from coordination.access.actors import SYSTEM
from coordination.access.models import User
from coordination.records.clock import database_now

REASON = "erased before the restore"


class Command(BaseCommand):
    help = str(_("Erase again, after a restore, whoever was erased before it: from the file of export_tombstones."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("what export_tombstones wrote"))

    def handle(self, *args: Any, **options: Any) -> None:
        erase: dict[str, tuple[type[Model], Callable[[Any], object]]] = {
            AID_REQUEST: (AidRequest, self._aid_request),
            USER: (User, self._user),
        }
        count = 0
        for number, line in enumerate(options["file"].read_text().splitlines(), start=1):
            try:
                mark = json.loads(line)
                model, again = erase[mark["subject"]]
                row = model._base_manager.filter(pk=mark["subject_id"]).first()
            except (KeyError, TypeError, ValueError) as wrong:
                raise CommandError(_("Line %(number)s is no tombstone.") % {"number": number}) from wrong
            if row is not None:
                again(row)
                count += 1
        told = ngettext("%(count)s erasure replayed.", "%(count)s erasures replayed.", count)
        self.stdout.write(told % {"count": count})

    def _aid_request(self, aid_request: AidRequest) -> None:
        with suppress(AlreadyAnonymous):
            erase_person(aid_request=aid_request, reason=REASON, actor=SYSTEM, now=database_now())

    def _user(self, user: User) -> None:
        erase_user(user=user, reason=REASON, actor=SYSTEM, now=database_now())
