from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aid.actions.audit_quantities import audit_quantities
from coordination.access.actors import SYSTEM


class Command(BaseCommand):
    help = str(_("Compare every counter with the sum of its matches, stays and deliveries."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("print the differences as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        differences = audit_quantities(actor=SYSTEM)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(difference) for difference in differences], default=str))
        else:
            for wrong in differences:
                self.stdout.write(
                    _("%(noun)s %(row_id)s: %(counter)s is %(stored)s, should be %(counted)s") % asdict(wrong)
                )
        if differences:
            raise CommandError(
                ngettext("%(count)s counter is wrong.", "%(count)s counters are wrong.", len(differences))
                % {"count": len(differences)}
            )
        if not options["json"]:
            self.stdout.write(_("Every counter is right."))
