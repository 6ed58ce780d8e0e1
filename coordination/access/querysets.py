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


Rules = dict[Disclosure, Q] | Disclosure


class OrganisationQuerySet(VisibleQuerySet["Organisation"]):
    """The directory is open: who takes part is no secret, who belongs to whom is."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT


class UserQuerySet(VisibleQuerySet["User"]):
    """People see themselves and the members of their organisations; the cell sees everybody."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.is_cell or actor.is_system or actor.is_operator:
            return Disclosure.CONTACT
        memberships = apps.get_model("access", "Membership")._base_manager
        colleagues = memberships.filter(user=OuterRef("pk"), organisation__in=sorted(actor.organisation_ids))
        return {Disclosure.CONTACT: Q(pk=actor.user_id) | Q(Exists(colleagues))}


class OfOrganisation:
    """Rows that belong to one organisation: its members see them, and the cell."""

    organisation_path = "organisation"

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.is_cell or actor.is_system:
            return Disclosure.CONTACT
        return {Disclosure.CONTACT: Q(**{f"{self.organisation_path}__in": sorted(actor.organisation_ids)})}


class MembershipQuerySet(OfOrganisation, VisibleQuerySet["Membership"]):
    """Who belongs to the actor's organisations; the operator sees everybody's roles, to give and take them."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.CONTACT if actor.is_operator else super().disclosure_rules(actor)


class ApiClientQuerySet(OfOrganisation, VisibleQuerySet["ApiClient"]):
    """Systems of the actor's organisations."""


class ApiKeyQuerySet(VisibleQuerySet["ApiKey"]):
    """Keys of the actor and of the systems of the actor's organisations."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.is_cell or actor.is_system:
            return Disclosure.CONTACT
        own = Q(client__organisation__in=sorted(actor.organisation_ids))
        return {Disclosure.CONTACT: own | Q(user=actor.user_id) if actor.user_id else own}


class OAuthClientQuerySet(OfOrganisation, VisibleQuerySet["OAuthClient"]):
    """Credentials of the systems of the actor's organisations."""

    organisation_path = "client__organisation"


class CaseloadQuerySet(OfOrganisation, VisibleQuerySet["Caseload"]):
    """Where an organisation has requests is its own business."""


class SharingAgreementQuerySet(VisibleQuerySet["SharingAgreement"]):
    """Both parties see an agreement, and the cell."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.is_cell or actor.is_system:
            return Disclosure.EXACT
        own = sorted(actor.organisation_ids)
        return {Disclosure.EXACT: Q(giver__in=own) | Q(receiver__in=own)}


class AccessRecordQuerySet(OfOrganisation, VisibleQuerySet["AccessRecord"]):
    """Who read sealed data in the name of the actor's organisations."""


class AlertQuerySet(OfOrganisation, VisibleQuerySet["Alert"]):
    """What the actor's organisations ought to look at."""


class ErasureTombstoneQuerySet(VisibleQuerySet["ErasureTombstone"]):
    """Erasures are the cell's business."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT if actor.is_cell or actor.is_system else {}
