from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from coordination.access.actions.checks import A_YEAR
from coordination.access.enums import Scope
from coordination.access.keys import issue_key
from coordination.access.models import User
from coordination.records.clock import database_now


class Command(BaseCommand):
    """Print a bearer token for scripts; it is shown this once."""

    help = str(_("Print a bearer token that speaks for a person: for scripts and trials."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose token it is, and what it may do for how long."""
        parser.add_argument("username")
        parser.add_argument("--days", type=int, default=7, help=_("how long the token lasts; 7 days by default"))
        parser.add_argument(
            "--scope", action="append", choices=Scope.values, help=_("only this scope, repeatable; by default all")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue the token, which never may more than its person."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(_("There is no active user named %(name)s.") % {"name": options["username"]})
        if not 1 <= options["days"] <= A_YEAR.days:
            raise CommandError(_("A token lasts from 1 to %(days)d days.") % {"days": A_YEAR.days})
        until = database_now() + timedelta(days=options["days"])
        self.stdout.write(issue_key(user=user, scopes=options["scope"] or Scope.values, until=until))
        self.stderr.write(_("It ends on %(moment)s UTC.") % {"moment": f"{until:%Y-%m-%d %H:%M}"})
