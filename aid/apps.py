from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from coordination.outbox.handlers import handle


class AidConfig(AppConfig):
    name = "aid"
    verbose_name = _("aid")

    def ready(self) -> None:
        handle("aid.aid_request.verified.v1", task="aid.tasks.match_aid_request")
        for event_type in ("aid.match.declined.v1", "aid.match.cancelled.v1", "aid.match.expired.v1", "aid.match.failed.v1"):
            handle(event_type, task="aid.tasks.match_again")
