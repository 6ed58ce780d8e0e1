from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.models import Alert
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import WrongState, require


class AlertSeenAlready(WrongState):
    """Somebody was faster."""

    code = "alert_seen_already"
    message = _("Somebody has looked at this already.")


@action
def acknowledge_alert(*, alert: Alert, actor: Actor, now: datetime) -> Alert:
    """Note that somebody has looked at an alert.

    Raises NotAllowed: unless the actor manages whom it is for. Raises AlertSeenAlready: when somebody did before.
    """
    require(policies.may_see_alert(actor, alert))
    alert = locked(alert)
    if alert.seen_at is not None:
        raise AlertSeenAlready
    alert.seen_at, alert.seen_by_id = now, actor.user_id
    alert.save(update_fields=["seen_at", "seen_by"])
    publish("access.alert.seen.v1", subject=alert, now=now, audience=[alert.organisation_id])
    return alert
