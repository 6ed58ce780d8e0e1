"""Load the founding case for a demonstration."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from tqdm import tqdm

from aid.management.scenario.people import demo_password
from aid.management.scenario.reading import Scenario
from aid.management.scenario.telling import Telling
from coordination.access.models import Membership, Organisation
from coordination.records.clock import database_now

# Two starts at once would otherwise both find nothing loaded.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('load_scenario'))"


class Command(BaseCommand):
    """Tell the Kyiv scenario once, all of it or nothing, and print how to sign in."""

    help = str(_("Load the Kyiv scenario: real places, fictional people; for demonstrations only."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the scenario's name; there is one so far."""
        parser.add_argument("scenario", nargs="?", choices=["kyiv"], default="kyiv")
        parser.add_argument("--sign-ins", action="store_true", help=_("print the demo sign-ins and load nothing"))
        parser.add_argument(
            "--force-demo", action="store_true", help=_("load although this is not a development machine")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, unless it was loaded before."""
        if not (settings.DEBUG or options["force_demo"]):
            raise CommandError(
                _("Demo people could sign in here, and DEBUG is off. If that is meant, add --force-demo.")
            )
        scenario = Scenario()
        if not options["sign_ins"]:
            self._load(scenario)
        if not _is_loaded(scenario):
            raise CommandError(_("The scenario is not loaded: there are no demo sign-ins."))
        self._print_sign_ins(scenario)

    def _load(self, scenario: Scenario) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_LOCK)
            if _is_loaded(scenario):
                self.stdout.write(_("The Kyiv scenario is already loaded."))
                return
            call_command("load_items", verbosity=0)
            told = Counter[str]()
            # disable=None: a bar on a terminal, silence in a log.
            bar = tqdm(total=scenario.length, desc=_("Kyiv scenario"), unit="", disable=None, file=sys.stderr)
            with bar:
                for kind in Telling(scenario, loaded_at=database_now()).tell():
                    told[kind] += 1
                    bar.update()
        self.stdout.write(_("Loaded the Kyiv scenario:"))
        for kind, count in told.items():
            self.stdout.write(f"  {count:>4} {kind}")

    def _print_sign_ins(self, scenario: Scenario) -> None:
        usernames = [row["username"] for row in scenario.organisations["people"]]
        password = demo_password(usernames)
        self.stdout.write(_("Demo sign-ins, all with the password %(password)s") % {"password": password})
        memberships = Membership.objects.filter(user__username__in=usernames).select_related("user", "organisation")
        for membership in memberships.order_by("-organisation__is_cell", "organisation__name", "user__username"):
            person = f"{membership.user.username:10} {membership.get_role_display():14}"
            self.stdout.write(f"  {person} {membership.organisation.name} [{membership.user.language}]")


def _is_loaded(scenario: Scenario) -> bool:
    return Organisation.objects.filter(name=scenario.organisations["organisations"][0]["name"]).exists()
