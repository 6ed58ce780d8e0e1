"""Simulate a night of needs around real incidents."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from aid.management.scenario.night import Night
from aid.management.scenario.reading import Scenario
from coordination.records.clock import database_now
from incidents.models import Incident


class Command(BaseCommand):
    """Draw an exercise around the latest incidents with a known place, the demonstration's own left out."""

    help = str(_("Simulate a night: exercise requests and resources around the incidents that were imported."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the size of the exercise."""
        parser.add_argument("--incidents", type=int, default=100, help=_("how many incidents, the latest first"))
        parser.add_argument("--each", type=int, default=2, help=_("how many requests around each"))
        parser.add_argument("--seed", type=int, default=1, help=_("another seed draws another night"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw the night, all of it or nothing."""
        if min(options["incidents"], options["each"]) < 1 or options["incidents"] * options["each"] > 10_000:
            raise CommandError(_("A night has between 1 and 10,000 requests."))
        scenario = Scenario()
        demonstrated = Q(
            client_ref__in=[row["key"] for row in scenario.events["incidents"]],
            reported_by__name__in=[row["name"] for row in scenario.organisations["organisations"]],
        )
        real = Incident.objects.filter(location__isnull=False, is_exercise=False).exclude(demonstrated)
        incidents = list(real.order_by("-occurred_at", "id")[: options["incidents"]])
        if not incidents:
            raise CommandError(_("There is no incident with a known place; import some first."))
        drawn = Counter[str]()
        with transaction.atomic():
            call_command("load_items", verbosity=0)
            night = Night(incidents, each=options["each"], seed=options["seed"], now=database_now())
            for kind in tqdm(night.draw(), desc=_("Night"), unit="", disable=None, file=sys.stderr):
                drawn[kind] += 1
        heading = ngettext(
            "Around %(count)d incident, as an exercise:", "Around %(count)d incidents, as an exercise:", len(incidents)
        )
        self.stdout.write(heading % {"count": len(incidents)})
        for kind, number in drawn.items():
            self.stdout.write(f"  {number:>5} {kind}")
