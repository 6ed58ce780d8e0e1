"""The one table from field to what it takes to read it: what a data officer reads first.

Doors, filters, orderings and exports read this table and nothing else. A field that is not named needs `coarse` only:
whoever sees the row sees the field. Levels include those below them; HEALTH stands beside them, in no level. What an
agreement or a release gives of another's row is said where rows are guarded, in the querysets. Models by name, so that
no arrow points upwards.
"""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Model, Q, QuerySet

from coordination.access.enums import DataClass
from coordination.records.visibility import Disclosure

COARSE, EXACT, CONTACT = Disclosure.COARSE, Disclosure.EXACT, Disclosure.CONTACT
HEALTH: Literal[DataClass.HEALTH] = DataClass.HEALTH

FIELD_LEVELS: dict[str, dict[str, Disclosure | DataClass]] = {
    "incidents.Incident": {
        "location": EXACT,
        "footprint": EXACT,
        "description": EXACT,
        "reported_by": EXACT,
        "client_ref": EXACT,
        "dismissal_reason": EXACT,
        "updated_at": EXACT,
    },
    "incidents.ImpactSite": {
        "location": EXACT,
        "area": EXACT,
        "reported_by": EXACT,
        "updated_at": EXACT,
    },
    "incidents.Outage": {"footprint": EXACT, "reported_by": EXACT, "updated_at": EXACT},
    "incidents.CasualtyReport": {"reported_by": EXACT},
    "aid.AidRequest": {
        "location": EXACT,
        "building": EXACT,
        "area": EXACT,
        "reported_by": EXACT,
        "channel": EXACT,
        "members": HEALTH,
        "age_bands": HEALTH,
        "vulnerabilities": HEALTH,
        "vulnerable_people": HEALTH,
        "consent": EXACT,
        # Free text may say who they are.
        "status_reason": CONTACT,
        "coverage": EXACT,
        "review_at": EXACT,
        "follow_up": EXACT,
        "duplicate_of": EXACT,
        "client_ref": CONTACT,
        "created_at": EXACT,
        "updated_at": EXACT,
        "verified_at": EXACT,
    },
    "aid.RequestLine": {
        "reserved": EXACT,
        "dispatched": EXACT,
        "delivered": EXACT,
        "unmet": EXACT,
        "updated_at": EXACT,
    },
    "aid.Resource": {
        "location": EXACT,
        "area": EXACT,
        "name": EXACT,
        "total": EXACT,
        "reserved": EXACT,
        "consumed": EXACT,
        "free": EXACT,
        "service_radius_m": EXACT,
        "client_ref": EXACT,
        "updated_at": EXACT,
    },
    "aid.Shelter": {
        "places": EXACT,
        "total_places": EXACT,
        "free_places": EXACT,
        "client_ref": EXACT,
        "updated_at": EXACT,
    },
    "aid.ShelterStay": {},
    "aid.Match": {
        "status_reason": EXACT,
        "distance_m": EXACT,
        "reasons": EXACT,
        "run": EXACT,
        "updated_at": EXACT,
    },
    "aid.Delivery": {"failure_reason": EXACT, "updated_at": EXACT},
}


# What is read in a field's stead where the field is not disclosed.
STAND_INS: dict[str, dict[str, str]] = {
    "incidents.Incident": {"updated_at": "coarse_updated_at"},
    "incidents.Outage": {"updated_at": "coarse_updated_at"},
    "aid.Shelter": {"updated_at": "coarse_updated_at"},
}


def is_disclosed(row: Any, field: str) -> bool:
    """Tell whether a row that the guard gave shows this field to its viewer."""
    level = _level_of(row, field)
    return bool(row.discloses_health) if level == HEALTH else row.disclosure >= level


def known(model: type[Model], field: str) -> Q:
    """Give the condition under which a row that the guard gave shows this field to its viewer."""
    level = _level_of(model, field)
    if level == COARSE:
        return Q()
    return Q(discloses_health=True) if level == HEALTH else Q(disclosure__gte=level)


def knowing(rows: QuerySet[Any], field: str) -> QuerySet[Any]:
    """Keep the rows whose viewer may read this field: a filter or an order must not tell what reading does not."""
    return rows.filter(known(rows.model, field))


def is_open(model: type[Model], field: str) -> bool:
    """Tell whether everybody who sees a row of this model may read this of it."""
    return _level_of(model, field) == COARSE


def stand_in(model: type[Model], field: str) -> str | None:
    """Name what is read where a row does not show this field, None where nothing is."""
    return STAND_INS.get(model._meta.label, {}).get(field)


def readable(row: Any, field: str) -> str | None:
    """Name what a row's viewer reads for this field: itself, its stand-in, or nothing."""
    return field if is_disclosed(row, field) else stand_in(type(row), field)


def _level_of(model: Any, field: str) -> Disclosure | DataClass:
    return FIELD_LEVELS.get(model._meta.label, {}).get(field, COARSE)
