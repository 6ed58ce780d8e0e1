from datetime import datetime

from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require
from incidents import policies
from incidents.actions.telling import tell_of_part
from incidents.enums import OutageStatus
from incidents.models import Outage


@action
def start_planned_outages(*, actor: Actor, now: datetime) -> list[Outage]:
    """Make every planned outage whose time has come an active one, oldest first; for the sweep."""
    require(policies.may_start_outages(actor))
    due = Outage.objects.filter(status=OutageStatus.PLANNED, started_at__lte=now).order_by("started_at", "id")
    started = list(due.select_related("incident").select_for_update(of=("self",), skip_locked=True))
    for outage in started:
        outage.status = OutageStatus.ACTIVE
        outage.save(update_fields=["status"])
        tell_of_part(
            "incidents.outage.started.v1",
            outage,
            outage.incident,
            now=now,
            service=outage.service,
            status=outage.status,
        )
    return started
