"""What callers send to change needs and supplies through GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from aid import enums, models
from aid.actions.file_aid_request import NewContact, NewLine
from aid.api.graphql import codes  # noqa: F401 - an enum is described before a type names it
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.web.graphql.changes import Change, Input, Row
from coordination.web.graphql.scalars import BigInt, Point
from incidents.models import AffectedBuilding, Incident


@strawberry.input
class LineInput(Input):
    """One item that is asked for, by its id or code."""

    rows = {"item": Row(models.Item, code="code")}
    makes = NewLine

    item: strawberry.ID
    quantity: BigInt
    conditions: list[enums.Condition] | None = None


@strawberry.input
class MemberInput(Input):
    """One person of a household, without a name."""

    age: int | None = None
    sex: enums.Sex | None = None
    disability: bool | None = None


@strawberry.input
class AgeBandInput(Input):
    """People of one of the source's own bands of age and sex."""

    band: str
    people: int


@strawberry.input
class ContactInput(Input):
    """Whom to call; sealed, and read again only for a purpose."""

    makes = NewContact

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    notes: str | None = None


def bands_as_mapping(values: dict[str, Any]) -> dict[str, Any]:
    """Give age bands as the mapping that the action takes."""
    if values.get("age_bands"):
        values["age_bands"] = {band["band"]: band["people"] for band in values["age_bands"]}
    return values


@strawberry.input
class FileAidRequestInput(Input):
    """What one household or one site asks for."""

    rows = {
        "reported_by": Row(Organisation),
        "incident": Row(Incident, code="ref"),
        "building": Row(AffectedBuilding),
    }
    speaker = "reported_by"

    lines: list[LineInput]
    location: Point
    people: int
    urgency: enums.Urgency
    reported_by: strawberry.ID | None = None
    incident: strawberry.ID | None = None
    building: strawberry.ID | None = None
    channel: enums.Channel | None = None
    members: list[MemberInput] | None = None
    age_bands: list[AgeBandInput] | None = None
    vulnerabilities: list[enums.Vulnerability] | None = None
    vulnerable_people: int | None = None
    needed_by: datetime | None = None
    consent: enums.Consent | None = None
    contact: ContactInput | None = None
    client_ref: str | None = None
    is_draft: bool | None = None
    is_exercise: bool | None = None
    client_mutation_id: str | None = None

    adapt = staticmethod(bands_as_mapping)


@strawberry.input
class ChangeAidRequestInput(Change):
    """What of a request shall be otherwise; what is left out stays, and `lines` are all its lines."""

    rows = {
        "aid_request": Row(models.AidRequest, code="ref", is_subject=True),
        "incident": Row(Incident, code="ref"),
        "building": Row(AffectedBuilding),
    }
    may_be_empty = frozenset({"incident", "building", "needed_by"})

    aid_request: strawberry.ID
    lines: list[LineInput] | None = strawberry.UNSET
    location: Point | None = strawberry.UNSET
    people: int | None = strawberry.UNSET
    urgency: enums.Urgency | None = strawberry.UNSET
    incident: strawberry.ID | None = strawberry.UNSET
    building: strawberry.ID | None = strawberry.UNSET
    channel: enums.Channel | None = strawberry.UNSET
    members: list[MemberInput] | None = strawberry.UNSET
    age_bands: list[AgeBandInput] | None = strawberry.UNSET
    vulnerabilities: list[enums.Vulnerability] | None = strawberry.UNSET
    vulnerable_people: int | None = strawberry.UNSET
    needed_by: datetime | None = strawberry.UNSET
    consent: enums.Consent | None = strawberry.UNSET
    contact: ContactInput | None = strawberry.UNSET
    client_mutation_id: str | None = None

    adapt = staticmethod(bands_as_mapping)


@strawberry.input
class MergeDuplicateInput(Input):
    """A request, and the one that was there first."""

    rows = {
        "aid_request": Row(models.AidRequest, code="ref", is_subject=True),
        "original": Row(models.AidRequest, code="ref"),
    }

    aid_request: strawberry.ID
    original: strawberry.ID
    client_mutation_id: str | None = None


@strawberry.input
class DismissPossibleDuplicateInput(Input):
    """A request, and the other that is not the same one."""

    rows = {
        "aid_request": Row(models.AidRequest, code="ref", is_subject=True),
        "other": Row(models.AidRequest, code="ref"),
    }

    aid_request: strawberry.ID
    other: strawberry.ID
    client_mutation_id: str | None = None


@strawberry.input
class ReadContactInput(Input):
    """What the contact is needed for; it is recorded with the reader's name."""

    rows = {"aid_request": Row(models.AidRequest, code="ref", is_subject=True)}

    aid_request: strawberry.ID
    purpose: str


@strawberry.input
class FindByPhoneInput(Input):
    """The whole number, however it is written, and what it is searched for; the search is recorded."""

    phone: str
    purpose: str


@strawberry.input
class OfferResourceInput(Input):
    """A quantity of one item, by its id or code, at one place."""

    rows = {"provider": Row(Organisation), "item": Row(models.Item, code="code")}
    speaker = "provider"

    item: strawberry.ID
    total: BigInt
    location: Point
    provider: strawberry.ID | None = None
    name: str | None = None
    service_radius_m: int | None = None
    available_from: datetime | None = None
    expires_at: datetime | None = None
    conditions: list[enums.Condition] | None = None
    is_exercise: bool | None = None
    client_ref: str | None = None
    client_mutation_id: str | None = None


@strawberry.input
class ChangeResourceInput(Change):
    """What of a resource shall be otherwise; what is left out stays."""

    rows = {"resource": Row(models.Resource, is_subject=True)}
    may_be_empty = frozenset({"available_from", "expires_at"})

    resource: strawberry.ID
    name: str | None = strawberry.UNSET
    total: BigInt | None = strawberry.UNSET
    location: Point | None = strawberry.UNSET
    service_radius_m: int | None = strawberry.UNSET
    available_from: datetime | None = strawberry.UNSET
    expires_at: datetime | None = strawberry.UNSET
    conditions: list[enums.Condition] | None = strawberry.UNSET
    client_mutation_id: str | None = None


@strawberry.input
class OpenShelterInput(Input):
    """A place where people can go."""

    rows = {"operator": Row(Organisation), "area": Row(Area, code="pcode")}
    speaker = "operator"

    name: str
    kind: enums.ShelterKind
    operator: strawberry.ID | None = None
    location: Point | None = None
    area: strawberry.ID | None = None
    total_places: BigInt | None = None
    service_radius_m: int | None = None
    status: enums.ShelterStatus | None = None
    address: str | None = None
    amenities: list[enums.Amenity] | None = None
    amenities_verified_at: datetime | None = None
    backup_power_h: int | None = None
    is_step_free: bool | None = None
    accepts_pets: bool | None = None
    opening_hours: str | None = None
    observed_at: datetime | None = None
    is_public: bool | None = None
    is_exercise: bool | None = None
    client_ref: str | None = None
    client_mutation_id: str | None = None


@strawberry.input
class ChangeShelterInput(Change):
    """What of a shelter shall be otherwise; what is left out stays."""

    rows = {"shelter": Row(models.Shelter, code="ref", is_subject=True), "area": Row(Area, code="pcode")}
    may_be_empty = frozenset(
        {"location", "area", "amenities_verified_at", "backup_power_h", "is_step_free", "accepts_pets", "observed_at"}
    )

    shelter: strawberry.ID
    name: str | None = strawberry.UNSET
    location: Point | None = strawberry.UNSET
    area: strawberry.ID | None = strawberry.UNSET
    address: str | None = strawberry.UNSET
    total_places: BigInt | None = strawberry.UNSET
    service_radius_m: int | None = strawberry.UNSET
    amenities: list[enums.Amenity] | None = strawberry.UNSET
    amenities_verified_at: datetime | None = strawberry.UNSET
    backup_power_h: int | None = strawberry.UNSET
    is_step_free: bool | None = strawberry.UNSET
    accepts_pets: bool | None = strawberry.UNSET
    opening_hours: str | None = strawberry.UNSET
    observed_at: datetime | None = strawberry.UNSET
    is_public: bool | None = strawberry.UNSET
    client_mutation_id: str | None = None


@strawberry.input
class PlanStayInput(Input):
    """A party that wants places in a shelter."""

    rows = {"shelter": Row(models.Shelter, code="ref", is_subject=True)}

    shelter: strawberry.ID
    party_size: int
    client_mutation_id: str | None = None


@strawberry.input
class PlanDeliveryInput(Input):
    """A journey of accepted matches of one provider."""

    rows = {"matches": Row(models.Match, code="ref")}

    matches: list[strawberry.ID]
    client_mutation_id: str | None = None


@strawberry.input
class ArrivedInput(Input):
    """How much of one match arrived."""

    rows = {"match": Row(models.Match, code="ref")}

    match: strawberry.ID
    quantity: BigInt


@strawberry.input
class ConfirmDeliveryInput(Input):
    """How much arrived; a match that is not named arrived whole."""

    rows = {"delivery": Row(models.Delivery, is_subject=True)}

    delivery: strawberry.ID
    quantities: list[ArrivedInput] | None = None
    client_mutation_id: str | None = None

    @staticmethod
    def adapt(values: dict[str, Any]) -> dict[str, Any]:
        """Give quantities as the mapping that the action takes."""
        if "quantities" in values:
            values["quantities"] = {arrived["match"].pk: arrived["quantity"] for arrived in values["quantities"]}
        return values
