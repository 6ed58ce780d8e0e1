"""Who may manage people, organisations, what they share, and the systems that act for them."""

from __future__ import annotations

from coordination.access.enums import SYSTEM_SCOPES, Scope
from coordination.access.models import Alert, ApiKey, Organisation, SharingAgreement, User
from coordination.records.actors import Actor

MANAGE = Scope.ACCESS_MANAGE


def may_manage_everybody(actor: Actor) -> bool:
    """Tell whether the actor may add organisations and people: the operator, and administrators of the whole cell.

    A cell that answers for some areas manages itself alone: it could otherwise give itself the others.
    """
    return actor.is_operator or actor.may_for(MANAGE, None)


def may_manage(actor: Actor, organisation: Organisation) -> bool:
    """Tell whether the actor may manage an organisation's roles, systems and alerts, or those of its sandbox."""
    owner = organisation.sandbox_of_id
    return (
        may_manage_everybody(actor)
        or actor.may_for(MANAGE, organisation.pk)
        or (owner is not None and actor.may_for(MANAGE, owner))
    )


def may_manage_somebody(actor: Actor) -> bool:
    """Tell whether there is any organisation that the actor may manage."""
    return actor.is_operator or actor.may(MANAGE)


def may_change_user(actor: Actor, user: User) -> bool:
    """Tell whether the actor may change a person's account; the operator's is the operator's business."""
    return actor.is_operator if user.is_superuser else may_manage_everybody(actor)


def may_share(actor: Actor, giver: Organisation) -> bool:
    """Tell whether the actor may give away what an organisation knows: its administrators, and the cell."""
    return actor.may_for(MANAGE, giver.pk)


def may_end_sharing(actor: Actor, agreement: SharingAgreement) -> bool:
    """Tell whether the actor may end an agreement: either party's administrators, and the cell."""
    return actor.may_for(MANAGE, agreement.giver_id) or actor.may_for(MANAGE, agreement.receiver_id)


def may_use_key(actor: Actor, key: ApiKey) -> bool:
    """Tell whether a key is the actor's own, or of a system that he manages."""
    if key.client is None:
        return key.user_id == actor.user_id
    return may_manage(actor, key.client.organisation)


def may_end_key(actor: Actor, key: ApiKey) -> bool:
    """Tell whether the actor may end a key: one that he may use, or of a person whose account he may change."""
    return may_use_key(actor, key) or (key.user is not None and may_change_user(actor, key.user))


def may_see_alert(actor: Actor, alert: Alert) -> bool:
    """Tell whether the actor answers for what an alert is about; what is nobody's is for who manages everybody."""
    return may_manage_everybody(actor) if alert.organisation is None else may_manage(actor, alert.organisation)


def own_scopes(actor: Actor) -> frozenset[str]:
    """Give the scopes that a key of the actor's own may have: what he may himself, as he is signed in now."""
    return frozenset(scope for scope in Scope.values if actor.may(scope))


def scopes_to_give(actor: Actor, organisation: Organisation) -> frozenset[str]:
    """Give the scopes that the actor may hand to a system of an organisation: never more than he has there himself."""
    if actor.is_operator:
        return SYSTEM_SCOPES
    owner = organisation.sandbox_of_id or organisation.pk
    return frozenset(scope for scope in SYSTEM_SCOPES if actor.may_for(scope, owner))
