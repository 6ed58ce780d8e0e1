from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.agree_to_share import NothingShared
from coordination.access.actions.checks import check_active, check_end
from coordination.access.actors import Actor
from coordination.access.models import SharingAgreement
from coordination.areas.models import Area
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import DomainError, WrongState, require

CHANGEABLE = frozenset({"areas", "classes", "until"})


class AgreementEnded(WrongState):
    """What ended is not taken up again: a new agreement says what for."""

    code = "agreement_ended"
    message = _("This agreement has ended; make a new one.")


class Widened(DomainError):
    """More data, other areas or another purpose is another agreement."""

    code = "agreement_widened"
    message = _("An agreement can be narrowed or prolonged. For more data or areas make a new one.")


@action
def change_agreement(*, agreement: SharingAgreement, actor: Actor, now: datetime, **values: Any) -> SharingAgreement:
    """Narrow the `areas` and `classes` of an agreement, or set `until`, sooner or later.

    What was agreed on is read as it stands by those whose data it is about: nothing is added to it, and what is shared
    from the coarse alone to nothing is an end. Raises NotAllowed: unless the actor administers the giver, or is the
    cell. Raises AgreementEnded, EndNotAhead, Widened, OrganisationNotActive, NothingShared: as they say.
    """
    require(policies.may_share(actor, agreement.giver))
    agreement = locked(agreement)
    if agreement.until <= now:
        raise AgreementEnded
    classes, until = values.get("classes", agreement.classes), values.get("until", agreement.until)
    if not values.keys() <= CHANGEABLE or not frozenset(classes) <= frozenset(agreement.classes):
        raise Widened
    if agreement.classes and not classes:
        raise NothingShared
    if "areas" in values and not _within(values["areas"], agreement.areas.all()):
        raise Widened
    check_end(until, now=now)
    if until > agreement.until:
        check_active(agreement.giver)
        check_active(agreement.receiver)
    agreement.classes, agreement.until = sorted(set(classes)), until
    agreement.check_fields()
    agreement.save(update_fields=["classes", "until"])
    if "areas" in values:
        agreement.areas.set(values["areas"])
    publish(
        "access.agreement.changed.v1", subject=agreement, now=now, audience=[agreement.giver_id, agreement.receiver_id]
    )
    return agreement


def _within(wanted: Iterable[Area], agreed: Iterable[Area]) -> bool:
    """Tell whether each area is one of those agreed on or lies below one; none at all is everywhere."""
    known = {area.pk for area in agreed}
    wanted = list(wanted)
    if not known:
        return True
    return bool(wanted) and all(known & set(_upwards(area)) for area in wanted)


def _upwards(area: Area | None) -> Iterable[UUID]:
    while area is not None:
        yield area.pk
        area = area.parent
