from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.actions.change_agreement import AgreementEnded
from coordination.access.actors import Actor
from coordination.access.models import SharingAgreement
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import require


@action
def end_agreement(*, agreement: SharingAgreement, actor: Actor, now: datetime) -> SharingAgreement:
    """End an agreement at once: what it opened is closed with the next reading.

    Raises NotAllowed: unless the actor administers either party, or is the cell.
    Raises AgreementEnded: when it ended before.
    """
    require(policies.may_end_sharing(actor, agreement))
    agreement = locked(agreement)
    if agreement.until <= now:
        raise AgreementEnded
    agreement.until = now
    agreement.save(update_fields=["until"])
    publish(
        "access.agreement.ended.v1", subject=agreement, now=now, audience=[agreement.giver_id, agreement.receiver_id]
    )
    return agreement
