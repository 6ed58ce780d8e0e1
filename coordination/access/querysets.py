"""Questions about people and organisations, and who sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from coordination.access.models import (
        AccessRecord,
        Alert,
        ApiClient,
        ApiKey,
        Caseload,
        ErasureTombstone,
        Membership,
        OAuthClient,
        Organisation,
        SharingAgreement,
        User,
    )
    from coordination.areas.models import Area


MANAGE = "access:manage"

Rules = dict[Disclosure, Q] | Disclosure


def _own(actor: Actor, path: str) -> Q:
    return Q(**{f"{path}__among": actor.organisation_ids})


def _or_by_himself(rules: Rules, actor: Actor) -> Rules:
    if isinstance(rules, Disclosure) or actor.user_id is None:
        return rules
    return {level: rule | Q(user=actor.user_id) for level, rule in rules.items()}


class OrganisationQuerySet(VisibleQuerySet["Organisation"]):
    """The directory is open: who takes part is no secret, who belongs to whom is."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT


class UserQuerySet(VisibleQuerySet["User"]):
    """People see themselves and the members of their organisations; the whole cell sees everybody."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere or actor.is_operator:
            return Disclosure.CONTACT
        memberships = apps.get_model("access", "Membership")._base_manager
        colleagues = memberships.filter(_own(actor, "organisation"), user=OuterRef("pk"))
        return {Disclosure.CONTACT: Q(pk=actor.user_id) | Q(Exists(colleagues))}


class OfOrganisation:
    """Rows that belong to one organisation: its members see them, and the whole cell."""

    organisation_path = "organisation"

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.CONTACT
        return {Disclosure.CONTACT: _own(actor, self.organisation_path)}


class MembershipQuerySet(OfOrganisation, VisibleQuerySet["Membership"]):
    """Who belongs to the actor's organisations, and to the sandboxes that he manages.

    The operator sees everybody's roles, to give and take them.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        rules = super().disclosure_rules(actor)
        if isinstance(rules, Disclosure) or actor.is_operator:
            return Disclosure.CONTACT
        managed = _own(actor.narrowed_to(MANAGE), "organisation__sandbox_of")
        return {level: rule | managed for level, rule in rules.items()}


class OfManaged:
    """Rows that only who manages an organisation sees, or whose sandbox it is; and the operator and the whole cell."""

    read_scope = MANAGE
    organisation_path = "organisation"

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere or actor.is_operator:
            return Disclosure.CONTACT
        path = self.organisation_path
        return {Disclosure.CONTACT: _own(actor, path) | _own(actor, f"{path}__sandbox_of")}


class ApiClientQuerySet(OfManaged, VisibleQuerySet["ApiClient"]):
    """Systems that act for an organisation; each sees itself."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        rules = super().disclosure_rules(actor)
        if isinstance(rules, Disclosure) or actor.client_id is None:
            return rules
        return {level: rule | Q(pk=actor.client_id) for level, rule in rules.items()}


class ApiKeyQuerySet(OfManaged, VisibleQuerySet["ApiKey"]):
    """Keys of the actor himself and of the systems that he manages."""

    organisation_path = "client__organisation"

    def disclosure_rules(self, actor: Actor) -> Rules:
        return _or_by_himself(super().disclosure_rules(actor), actor)


class OAuthClientQuerySet(OfManaged, VisibleQuerySet["OAuthClient"]):
    """By what the systems of an organisation fetch access tokens."""

    organisation_path = "system__organisation"


class CaseloadQuerySet(OfOrganisation, VisibleQuerySet["Caseload"]):
    """Where an organisation has requests is its own business."""

    def of(self, organisation: Organisation, area: Area | None) -> Caseload | None:
        """Give an organisation's caseload in an area, made on first use; None where no area is known."""
        if area is None:
            return None
        known = self.filter(organisation=organisation, area=area).order_by("pk")
        found = known.first()
        if found is None:
            # Whoever comes at the same moment waits here for the first, and then finds its row.
            self.bulk_create([self.model(organisation=organisation, area=area)], ignore_conflicts=True)
            found = known.get()
        return found


class SharingAgreementQuerySet(VisibleQuerySet["SharingAgreement"]):
    """Both parties see an agreement, and the whole cell."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        return {Disclosure.EXACT: _own(actor, "giver") | _own(actor, "receiver")}


class AccessRecordQuerySet(VisibleQuerySet["AccessRecord"]):
    """Who read sealed data: for the administrators of the organisation in whose name, the cell's, and who read."""

    read_scope = MANAGE

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.CONTACT
        return _or_by_himself({Disclosure.CONTACT: _own(actor, "organisation")}, actor)


class AlertQuerySet(OfManaged, VisibleQuerySet["Alert"]):
    """What those who manage an organisation ought to look at."""


class ErasureTombstoneQuerySet(VisibleQuerySet["ErasureTombstone"]):
    """Erasures are the cell's business."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT if actor.is_cell or actor.is_system else {}
