"""Write down what one household or one site asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.actions.checks import (
    circumstance_problems,
    contact_problems,
    describe_household,
    field_problems,
    household_problems,
    line_problems,
    refuse,
)
from aid.actions.noticing import notice_possible_duplicates
from aid.enums import AidRequestStatus, Channel, Consent
from aid.models import AidRequest, Contact, Item, RequestLine
from aid.querysets import review_interval
from coordination.access.models import Caseload, Organisation
from coordination.access.phones import phone_index
from coordination.access.wall import seen_as
from coordination.areas.models import Area
from coordination.geo.cells import HOME_RESOLUTION, cell_of
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require
from incidents.models import AffectedBuilding, Incident


class AlreadyFiled(DomainError):
    """The organisation has filed a request with this client_ref before; `ref` names it."""

    code = "already_filed"
    field = "client_ref"

    def __init__(self, ref: str) -> None:
        self.ref = ref
        super().__init__(_("The organisation has sent a request with this reference already: %(ref)s.") % {"ref": ref})


@dataclass(frozen=True)
class NewLine:
    """One item that is asked for."""

    item: Item
    quantity: int
    conditions: Sequence[str] = ()


@dataclass(frozen=True)
class NewContact:
    """Whom to call, in plain text; sealed as it is stored."""

    name: str = ""
    phone: str = ""
    address: str = ""
    notes: str = ""


@action
def file_aid_request(
    *,
    reported_by: Organisation,
    lines: Sequence[NewLine],
    location: Point,
    people: int,
    urgency: int,
    incident: Incident | None = None,
    building: AffectedBuilding | None = None,
    channel: str = Channel.OTHER,
    members: Sequence[Mapping[str, Any]] = (),
    age_bands: Mapping[str, int] | None = None,
    vulnerabilities: Sequence[str] = (),
    vulnerable_people: int | None = None,
    needed_by: datetime | None = None,
    consent: str = Consent.NOT_ASKED,
    contact: NewContact | None = None,
    client_ref: str = "",
    is_draft: bool = False,
    is_exercise: bool = False,
    actor: Actor,
    now: datetime,
) -> AidRequest:
    """File a request with its lines; a trusted organisation's is verified at once.

    Without `incident` the building's counts. Without `vulnerable_people` they are counted from `members`.
    What an organisation made for exercises files is an exercise. Other requests that may be the same one are noted.
    Fields of a line are named `lines.0.quantity`, those of the contact `contact.phone`.
    Raises InvalidFields: naming each field that is wrong. Raises AlreadyFiled: when the client_ref was used before.
    """
    area = Area.objects.containing(location).first()
    require(policies.may_file(actor, reported_by.pk, area.pk if area else None))
    reported_by = Organisation.objects.get(pk=reported_by.pk)
    if building and not incident:
        incident = building.incident
    incident = Incident.objects.get(pk=incident.pk) if incident else None
    aid_request = AidRequest(
        reported_by=reported_by,
        incident=incident,
        building=building,
        channel=channel,
        location=location,
        public_cell=cell_of(location, HOME_RESOLUTION),
        area=area,
        caseload=Caseload.objects.of(reported_by, area),
        people=people,
        urgency=urgency,
        members=list(members),
        age_bands=dict(age_bands or {}),
        vulnerabilities=list(dict.fromkeys(vulnerabilities)),
        needed_by=needed_by,
        consent=consent,
        review_at=now + review_interval(urgency),
        is_exercise=is_exercise or reported_by.is_exercise,
        client_ref=client_ref,
    )
    new_lines = [
        RequestLine(
            aid_request=aid_request,
            item=line.item,
            quantity=line.quantity,
            conditions=list(dict.fromkeys(line.conditions)),
        )
        for line in lines
    ]
    refuse(
        [
            *household_problems(aid_request),
            *field_problems(aid_request),
            *circumstance_problems(aid_request, now),
            *line_problems(new_lines),
            *(contact_problems(contact_columns(contact)) if contact else []),
        ]
    )
    describe_household(aid_request, vulnerable_people)
    if is_draft:
        aid_request.status = AidRequestStatus.DRAFT
    elif reported_by.is_trusted:
        aid_request.status = AidRequestStatus.VERIFIED
        aid_request.verified_at = now
    _insert_once(aid_request)
    RequestLine.objects.bulk_create(new_lines)
    if contact:
        store_contact(aid_request, contact, actor)
    announce_aid_request("filed", aid_request, now=now)
    if aid_request.status == AidRequestStatus.VERIFIED:
        announce_aid_request("verified", aid_request, now=now)
    notice_possible_duplicates(aid_request, actor=actor, now=now)
    return aid_request


def contact_columns(contact: NewContact) -> dict[str, str]:
    """Give the columns of a contact with their texts."""
    return {field.name: getattr(contact, field.name) for field in fields(contact)}


def contact_of(aid_request: AidRequest) -> NewContact | None:
    """Give whom to call as the wall shows it, for an action to carry or compare; nobody reads it by this."""
    stored = Contact.objects.filter(aid_request=aid_request).first()
    return NewContact(**{field.name: getattr(stored, field.name) for field in fields(NewContact)}) if stored else None


def store_contact(aid_request: AidRequest, contact: NewContact, actor: Actor) -> None:
    """Store whom to call, in place of whoever was named before, findable by the phone number."""
    columns = {**contact_columns(contact), "phone_index": phone_index(contact.phone)}
    with seen_as(actor, scope=policies.WRITE):
        Contact.objects.update_or_create(aid_request=aid_request, defaults=columns)


def _insert_once(aid_request: AidRequest) -> None:
    try:
        with transaction.atomic():
            aid_request.save(force_insert=True)
        return
    except IntegrityError:
        earlier = AidRequest.objects.filter(
            reported_by=aid_request.reported_by, client_ref=aid_request.client_ref
        ).exclude(client_ref="")
        ref = earlier.values_list("ref", flat=True).first()
        if ref is None:
            raise
    # Raised outside the handler: the database's own error quotes the whole row.
    raise AlreadyFiled(ref)
