from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from aid.actions.erase_person import erase_person
from aid.models import AidRequest
from coordination.access.actions.erase_user import erase_user
from coordination.access.actors import SYSTEM
from coordination.access.models import User
from coordination.records.clock import database_now
from coordination.records.errors import DomainError


class Command(BaseCommand):
    help = str(_("Forget who the people of a request are, or who a user is."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--aid-request", metavar="REF", help=_("the reference of the request"))
        parser.add_argument("--user", metavar="NAME", help=_("the user's name"))
        parser.add_argument("--reason", required=True, help=_("why; it is recorded"))

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["aid_request"]) == bool(options["user"]):
            raise CommandError(_("Name either a request or a user."))
        told = {"reason": options["reason"], "actor": SYSTEM, "now": database_now()}
        try:
            if options["user"]:
                erase_user(user=User.objects.get(username=options["user"]), **told)
            else:
                erase_person(aid_request=AidRequest.objects.get(ref=options["aid_request"]), **told)
        except (AidRequest.DoesNotExist, User.DoesNotExist) as missing:
            raise CommandError(_("There is no such record.")) from missing
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(_("Erased. Export the tombstones again: export_tombstones"))
