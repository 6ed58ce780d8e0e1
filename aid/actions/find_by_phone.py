"""Find the requests of somebody who calls, on the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.checks import refuse
from aid.models import AidRequest, Contact
from coordination.access.actions.record_reading import latest_readings, record_reading
from coordination.access.phones import international
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import FieldProblem, TooOften, require
from coordination.records.visibility import Disclosure

SUBJECT = f"{Contact._meta.label_lower}.phone_index"
MAX_FOUND = 100


class TooManySearches(TooOften):
    code = "too_many_searches"
    message = _("You have searched for many phone numbers; try again in an hour.")


@dataclass(frozen=True)
class FoundByPhone:
    """The requests that a number was left with, the newest first, by their references."""

    refs: list[str]


@action
def find_by_phone(*, phone: str, purpose: str, actor: Actor, now: datetime) -> FoundByPhone:
    """Name the requests with this phone number, of those whose contact the actor may read.

    The number is found however it is written, but whole only. Finding nothing is recorded as well.
    Raises InvalidFields: for what is no phone number, or without a purpose. Raises TooManySearches.
    """
    require(policies.may_find_by_phone(actor))
    if international(phone) is None:
        refuse([FieldProblem("phone", "invalid", _("This is not a phone number."))])
    if latest_readings(actor, now).filter(subject=SUBJECT).count() >= settings.PHONE_SEARCHES_PER_HOUR:
        raise TooManySearches
    reader = actor.narrowed_to(policies.READ_CONTACT)
    seen: QuerySet[Any] = AidRequest.objects.with_phone(phone).visible_to(reader)
    known = seen.filter(disclosure=Disclosure.CONTACT).order_by("-created_at", "-id")
    found = dict(known.values_list("pk", "ref")[:MAX_FOUND])
    own = reader.acts_for_id
    record_reading(subject=SUBJECT, subject_ids=found.keys(), purpose=purpose, on_behalf_of=own, actor=actor, now=now)
    return FoundByPhone(list(found.values()))
