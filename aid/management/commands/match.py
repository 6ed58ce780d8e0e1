from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from aid.actions.book_plan import book_plan
from aid.matching.candidates import Scope
from aid.matching.planning import plan_for
from aid.models import Item
from coordination.access.actors import SYSTEM
from coordination.areas.models import Area
from coordination.records.clock import database_now


class Command(BaseCommand):
    help = str(_("Match what waits now, or tell with --dry-run what would be proposed."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", help=_("code of an area: only requests in it or below it"))
        parser.add_argument("--item", help=_("code of an item: only lines that ask for it"))
        parser.add_argument("--dry-run", action="store_true", help=_("decide, but book nothing"))
        parser.add_argument("--json", action="store_true", help=_("print the summary as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        scope = Scope(
            area_ids=self._ids(Area.objects.by_code(options["area"]), options["area"]) if options["area"] else None,
            item_ids=self._ids(Item.objects.filter(code=options["item"]), options["item"]) if options["item"] else None,
        )
        now = database_now()
        decision = plan_for(scope, now=now)
        summary = {
            **decision.counts(),
            "objective": decision.objective,
            "lower_bound": decision.lower_bound,
            "gap": decision.gap,
        }
        if not options["dry_run"]:
            summary |= book_plan(decision=decision, actor=SYSTEM, now=now).counts
        if options["json"]:
            self.stdout.write(json.dumps(summary))
            return
        for name, value in summary.items():
            self.stdout.write(f"{name}: {value}")

    def _ids(self, rows: Any, code: str) -> list[Any]:
        found = list(rows.values_list("pk", flat=True))
        if not found:
            raise CommandError(_("Nothing has the code %(code)s.") % {"code": code})
        return found
