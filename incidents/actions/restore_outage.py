from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, WrongState, require
from incidents import policies
from incidents.actions.telling import tell_of_part
from incidents.enums import OutageStatus
from incidents.models import Outage


class OutageAlreadyRestored(WrongState):
    """A service comes back once; another interruption is another outage."""

    code = "outage_already_restored"
    message = _("This outage is over already.")


class RestoredInTheFuture(DomainError):
    """Expectations go into `expected_until`."""

    code = "restored_in_the_future"
    message = _("An outage cannot have been restored at a time that is still to come.")
    field = "restored_at"


@action
def restore_outage(*, outage: Outage, actor: Actor, now: datetime, restored_at: datetime | None = None) -> Outage:
    """Say that a service is back, now or since `restored_at`.

    Raises OutageAlreadyRestored: when it was back before.
    Raises RestoredInTheFuture: when `restored_at` is later than now.
    """
    require(policies.may_restore(actor, outage))
    outage = locked(outage)
    if outage.status == OutageStatus.RESTORED:
        raise OutageAlreadyRestored
    if restored_at and restored_at > now:
        raise RestoredInTheFuture
    outage.status = OutageStatus.RESTORED
    outage.restored_at = restored_at or now
    outage.save(update_fields=["status", "restored_at"])
    tell_of_part(
        "incidents.outage.restored.v1", outage, outage.incident, now=now, service=outage.service, status=outage.status
    )
    return outage
