from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from coordination.access.actions.rotate_sealing_keys import count_by_key, keyed_columns, rotate_batch
from coordination.access.actors import SYSTEM


class Command(BaseCommand):
    help = str(_("Put what is sealed, and the indexes of phones, under the newest keys; it may be stopped any time."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help=_("only count which keys are in use"))

    def handle(self, *args: Any, **options: Any) -> None:
        for column in keyed_columns():
            if not options["check"]:
                self._rotate(column)
            for key_id, count in count_by_key(column=column, actor=SYSTEM).items():
                self.stdout.write(
                    _("%(column)s: %(count)s under key %(key_id)s")
                    % {"column": column, "count": count, "key_id": key_id}
                )

    def _rotate(self, column: Any) -> None:
        done = 0
        try:
            while count := rotate_batch(column=column, actor=SYSTEM):
                done += count
                self.stdout.write(_("%(column)s: %(count)s rotated") % {"column": column, "count": done})
        except KeyError as missing:
            raise CommandError(_("The ring does not hold the key %(key_id)s.") % {"key_id": missing}) from missing
