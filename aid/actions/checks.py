"""What is looked at before a request or a resource is written: each wrong field is named, all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from aid.enums import Sex
from aid.models import AidRequest, RequestLine, Resource
from coordination.records.errors import FieldProblem, InvalidFields
from coordination.records.models import BaseModel
from incidents.enums import OPEN_STATUSES

MAX_LINES = 50
MAX_AGE_BANDS = 50
MAX_AGE = 120
MAX_REASON = 300
MEMBER_KEYS = {"age", "sex", "disability"}
CONTACT_LENGTHS = {"name": 200, "phone": 50, "address": 500, "notes": 5_000}
# Who is counted as vulnerable by age alone: under two, the limit of infant feeding programmes, and from sixty, that of
# the humanitarian response in Ukraine. That both are counted at all is a judgement of this project.
INFANT_BELOW = 2
ELDERLY_FROM = 60


def refuse(problems: Sequence[FieldProblem]) -> None:
    """Stop where anything is wrong, each field named once.

    Raises InvalidFields: when the list is not empty.
    """
    if problems:
        raise InvalidFields(problems=list({problem.field: problem for problem in reversed(problems)}.values())[::-1])


def check_reason(reason: str, *, is_required: bool = True) -> None:
    """Check the reason that somebody gives for what they do.

    Raises InvalidFields: when it is missing, too long or not text.
    """
    if is_required and not reason.strip():
        refuse([FieldProblem("reason", "required", _("Say why."))])
    if len(reason) > MAX_REASON:
        refuse([FieldProblem("reason", "max_length", _("This text is too long."))])
    if "\0" in reason:
        refuse([FieldProblem("reason", "null_character", _("Null characters are not allowed."))])


def describe_household(aid_request: AidRequest, vulnerable_people: int | None) -> None:
    """Put the members into one form and count the vulnerable among them where nobody has.

    Raises InvalidFields: when more vulnerable people are stated than there are people.
    """
    aid_request.members = [_described(member) for member in aid_request.members]
    if vulnerable_people is None:
        counted = sum(_is_vulnerable(member) for member in aid_request.members)
        aid_request.vulnerable_people = max(counted, 1) if aid_request.vulnerabilities else counted
    elif 0 <= vulnerable_people <= aid_request.people:
        aid_request.vulnerable_people = vulnerable_people
    else:
        message = _("There cannot be more vulnerable people than people.")
        raise InvalidFields(problems=[FieldProblem("vulnerable_people", "too_many", message)])


def household_problems(aid_request: AidRequest) -> list[FieldProblem]:
    """Say what is wrong with the description of the people."""
    problems = []
    if aid_request.people < 1:
        problems.append(FieldProblem("people", "too_few", _("A request is for at least one person.")))
    elif len(aid_request.members) > aid_request.people:
        problems.append(FieldProblem("members", "too_many", _("There are more members than people.")))
    return [*problems, *member_problems(aid_request.members), *age_band_problems(aid_request.age_bands)]


def member_problems(members: Sequence[Any]) -> list[FieldProblem]:
    """Say what is wrong with the members; anything beyond age, sex and disability is refused, names above all."""
    problems = []
    for position, member in enumerate(members):
        if not isinstance(member, Mapping) or not MEMBER_KEYS.issuperset(member):
            message = _("A member has an age, a sex and a disability, and nothing else.")
            problems.append(FieldProblem(f"members.{position}", "unknown_field", message))
            continue
        age, sex, disability = _described(member).values()
        if age is not None and (type(age) is not int or not 0 <= age <= MAX_AGE):
            message = _("An age is a whole number of years from 0 to 120, or null.")
            problems.append(FieldProblem(f"members.{position}.age", "invalid", message))
        if sex not in Sex.values:
            message = _("This sex is not in the list.")
            problems.append(FieldProblem(f"members.{position}.sex", "invalid_choice", message))
        if type(disability) is not bool:
            message = _("A disability is true or false.")
            problems.append(FieldProblem(f"members.{position}.disability", "invalid", message))
    return problems


def age_band_problems(age_bands: Mapping[str, Any]) -> list[FieldProblem]:
    """Say what is wrong with the source's own bands: names of bands, each with a number of people."""
    is_named = all(len(band) <= 50 and "\0" not in band for band in age_bands)
    is_counted = all(type(count) is int and count >= 0 for count in age_bands.values())
    if is_named and is_counted and len(age_bands) <= MAX_AGE_BANDS:
        return []
    return [FieldProblem("age_bands", "invalid", _("Age bands are names of bands, each with a number of people."))]


def field_problems(row: BaseModel, prefix: str = "") -> list[FieldProblem]:
    """Say what is wrong with single fields of a row."""
    try:
        row.check_fields()
    except InvalidFields as refusal:
        return [FieldProblem(prefix + problem.field, problem.code, problem.message) for problem in refusal.problems]
    return []


def circumstance_problems(aid_request: AidRequest, now: datetime) -> list[FieldProblem]:
    """Say where a request disagrees with its incident, its building or the clock."""
    problems = []
    incident, building = aid_request.incident, aid_request.building
    if aid_request.needed_by and aid_request.needed_by <= now:
        problems.append(FieldProblem("needed_by", "in_the_past", _("The time by which help is needed has passed.")))
    if incident and incident.status not in OPEN_STATUSES:
        problems.append(FieldProblem("incident", "not_open", _("The incident is closed or was dismissed.")))
    if incident and incident.is_exercise != aid_request.is_exercise:
        message = _("An exercise and a real incident do not mix.")
        problems.append(FieldProblem("is_exercise", "not_the_incidents", message))
    if building and incident and incident.pk not in (building.incident_id, building.incident.parent_id):
        message = _("The building does not belong to this incident.")
        problems.append(FieldProblem("building", "of_another_incident", message))
    return problems


def line_problems(lines: Sequence[RequestLine]) -> list[FieldProblem]:
    """Say what is wrong with the lines, each named by its position."""
    if not lines:
        return [FieldProblem("lines", "empty", _("A request needs at least one line."))]
    if len(lines) > MAX_LINES:
        return [FieldProblem("lines", "too_many", _("A request has at most 50 lines."))]
    problems = []
    seen = set()
    for position, line in enumerate(lines):
        problems += field_problems(line, f"lines.{position}.")
        if not line.item.is_active:
            message = _("This item is no longer in use.")
            problems.append(FieldProblem(f"lines.{position}.item", "not_active", message))
        if line.item_id in seen:
            message = _("The request asks for this item on another line already.")
            problems.append(FieldProblem(f"lines.{position}.item", "repeated", message))
        seen.add(line.item_id)
    return problems


def resource_problems(resource: Resource, now: datetime) -> list[FieldProblem]:
    """Say what is wrong with an offer."""
    problems = field_problems(resource)
    if not resource.item.is_active:
        problems.append(FieldProblem("item", "not_active", _("This item is no longer in use.")))
    if resource.expires_at and resource.expires_at <= max(now, resource.available_from or now):
        message = _("The offer would expire before it can be used.")
        problems.append(FieldProblem("expires_at", "too_early", message))
    return problems


def contact_problems(contact: Mapping[str, str]) -> list[FieldProblem]:
    """Say what is wrong with the contact, without repeating any of it."""
    problems = []
    for name, value in contact.items():
        if len(value) > CONTACT_LENGTHS[name]:
            problems.append(FieldProblem(f"contact.{name}", "max_length", _("This text is too long.")))
        if "\0" in value:
            problems.append(FieldProblem(f"contact.{name}", "null_character", _("Null characters are not allowed.")))
    return problems


def _described(member: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "age": member.get("age"),
        "sex": member.get("sex", Sex.UNKNOWN),
        "disability": member.get("disability", False),
    }


def _is_vulnerable(member: Mapping[str, Any]) -> bool:
    age = member["age"]
    return member["disability"] or (age is not None and not INFANT_BELOW <= age < ELDERLY_FROM)
