from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aid.actions.anonymise_due import anonymise_due
from coordination.access.actors import SYSTEM
from coordination.records.clock import database_now


class Command(BaseCommand):
    help = str(_("Forget who the people of long ended requests were, batch by batch; it can be stopped at any time."))

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while count := anonymise_due(actor=SYSTEM, now=database_now()):
            total += count
        told = ngettext("%(count)s request anonymised.", "%(count)s requests anonymised.", total)
        self.stdout.write(told % {"count": total})
