from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.checks import check_active, check_end
from coordination.access.actors import Actor
from coordination.access.models import Organisation, SharingAgreement
from coordination.areas.models import Area
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.errors import DomainError, InvalidFields, require


class NothingShared(InvalidFields):
    """An empty list may be an oversight: coarse places alone are agreed on in words."""

    code = "nothing_shared"
    message = _("Choose what is shared, or say that coarse places alone are.")
    field = "classes"


class CoarseWithClasses(InvalidFields):
    """Coarse places alone, and more."""

    code = "coarse_with_classes"
    message = _("Either coarse places alone are shared or the chosen classes.")
    field = "classes"


class ExerciseWithReal(DomainError):
    """What is real must not reach those who only practise."""

    code = "exercise_with_real"
    message = _("An exercise and those who really help share nothing.")
    field = "receiver"


@action
def agree_to_share(
    *,
    giver: Organisation,
    receiver: Organisation,
    purpose: str,
    until: datetime,
    classes: Sequence[str] = (),
    is_coarse_only: bool = False,
    areas: Iterable[Area] = (),
    actor: Actor,
    now: datetime,
) -> SharingAgreement:
    """Let one organisation see what another knows: where, which classes of data, what for and until when.

    Without areas it holds everywhere. Whoever receives sees coarse places at least.
    Raises NotAllowed: unless the actor administers the giver, or is the cell.
    Raises OrganisationNotActive, ExerciseWithReal, EndNotAhead, NothingShared, CoarseWithClasses: as they say.
    Raises InvalidFields, ConstraintViolated: for an unknown class, a missing purpose and an agreement with oneself.
    """
    require(policies.may_share(actor, giver))
    for party in (giver, receiver):
        check_active(party)
    if giver.is_exercise != receiver.is_exercise:
        raise ExerciseWithReal
    check_end(until, now=now)
    if not classes and not is_coarse_only:
        raise NothingShared
    if classes and is_coarse_only:
        raise CoarseWithClasses
    agreement = SharingAgreement(
        giver=giver, receiver=receiver, classes=sorted(set(classes)), purpose=purpose.strip(), until=until
    )
    agreement.check_fields()
    agreement.save(force_insert=True)
    agreement.areas.set(areas)
    publish("access.agreement.made.v1", subject=agreement, now=now, audience=[giver.pk, receiver.pk])
    return agreement
