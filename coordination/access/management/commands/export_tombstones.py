from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from coordination.access.models import ErasureTombstone


class Command(BaseCommand):
    help = str(_("Write which ids were erased, one JSON object a line, to be kept apart from the database's backups."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("where to; what is there is replaced"))

    def handle(self, *args: Any, **options: Any) -> None:
        marks = [
            {
                "subject": tombstone.subject,
                "subject_id": str(tombstone.subject_id),
                "erased_at": tombstone.erased_at.isoformat(),
            }
            for tombstone in ErasureTombstone.objects.order_by("erased_at", "pk")
        ]
        options["file"].write_text("".join(f"{json.dumps(mark)}\n" for mark in marks))
