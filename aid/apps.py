from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from coordination.outbox.handlers import handle


class AidConfig(AppConfig):
    name = "aid"
    verbose_name = _("Aid")

    def ready(self) -> None:
        handle("aid.aid_request.verified.v1", task="aid.tasks.match_aid_request")
        # Not "expired": the sweep that lets a thousand proposals expire goes on to match whatever waits.
        for ending in ("declined", "cancelled", "failed"):
            handle(f"aid.match.{ending}.v1", task="aid.tasks.match_again")
