"""Offer a quantity of one item at one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_resource
from aid.actions.checks import refuse, resource_problems
from aid.actions.lock_order import lock_organisations
from aid.enums import ResourceStatus
from aid.models import Item, Resource
from aid.models.resource import MIN_SERVICE_RADIUS_M
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require


class TooManyOffers(DomainError):
    code = "too_many_offers"
    message = _("An organisation that nobody has vetted yet keeps a limited number of offers: withdraw some first.")


@action
def offer_resource(
    *,
    provider: Organisation,
    item: Item,
    total: int,
    location: Point,
    service_radius_m: int | None = None,
    name: str = "",
    available_from: datetime | None = None,
    expires_at: datetime | None = None,
    conditions: Sequence[str] = (),
    is_exercise: bool = False,
    client_ref: str = "",
    actor: Actor,
    now: datetime,
) -> Resource:
    """Offer what a provider has; it can be promised from `available_from`, or at once.

    Without `service_radius_m` the item's usual radius counts. What an organisation made for exercises offers is an
    exercise.
    Raises InvalidFields: naming each field that is wrong. Raises TooManyOffers: when nobody has vetted the provider and
    it keeps as many offers as it may.
    """
    area = Area.objects.containing(location).first()
    require(policies.may_offer(actor, provider.pk, area.pk if area else None))
    resource = Resource(
        provider=provider,
        item=item,
        name=name,
        location=location,
        area=area,
        total=total,
        service_radius_m=usual_radius_m(item) if service_radius_m is None else service_radius_m,
        available_from=available_from,
        expires_at=expires_at,
        conditions=list(dict.fromkeys(conditions)),
        is_exercise=is_exercise or provider.is_exercise,
        client_ref=client_ref,
    )
    refuse(resource_problems(resource, now))
    _refuse_too_many(provider)
    resource.save(force_insert=True)
    announce_resource("offered", resource, now=now)
    return resource


def usual_radius_m(item: Item) -> int:
    """Give how far help of this kind usually goes, never so near that it tells the place."""
    return max(item.default_radius_m, MIN_SERVICE_RADIUS_M)


def _refuse_too_many(provider: Organisation) -> None:
    if Organisation.objects.filter(pk=provider.pk, is_vetted=True).exists():
        return
    lock_organisations([provider.pk])
    kept = Resource.objects.filter(provider=provider).exclude(status=ResourceStatus.WITHDRAWN)
    if kept.count() >= settings.OPEN_OFFERS_MAX_UNVETTED:
        raise TooManyOffers
