"""The one table from field to disclosure level: what a data officer reads first.

Doors, filters, orderings and exports read this table and nothing else. A field that is not named needs `coarse` only:
whoever sees the row sees the field. Models by name, so that no arrow points upwards.
"""

from __future__ import annotations

from coordination.records.visibility import Disclosure

COARSE, EXACT, CONTACT = Disclosure.COARSE, Disclosure.EXACT, Disclosure.CONTACT

FIELD_LEVELS: dict[str, dict[str, Disclosure]] = {
    "incidents.Incident": {
        "location": EXACT,
        "footprint": EXACT,
        "description": EXACT,
        "reported_by": EXACT,
        "client_ref": EXACT,
        "dismissal_reason": EXACT,
    },
    "incidents.ImpactSite": {"location": EXACT, "area": EXACT, "reported_by": EXACT},
    "incidents.Outage": {"footprint": EXACT, "reported_by": EXACT},
    "incidents.CasualtyReport": {"reported_by": EXACT},
    "aid.AidRequest": {
        "location": EXACT,
        "building": EXACT,
        "area": EXACT,
        "reported_by": EXACT,
        "channel": EXACT,
        "members": EXACT,
        "age_bands": EXACT,
        "vulnerabilities": EXACT,
        "vulnerable_people": EXACT,
        "consent": EXACT,
        "status_reason": EXACT,
        "coverage": EXACT,
        "review_at": EXACT,
        "follow_up": EXACT,
        "duplicate_of": EXACT,
        "client_ref": EXACT,
        "created_at": EXACT,
        "verified_at": EXACT,
    },
    "aid.RequestLine": {"reserved": EXACT, "dispatched": EXACT, "delivered": EXACT, "unmet": EXACT},
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
    },
    "aid.Shelter": {"places": EXACT, "total_places": EXACT, "free_places": EXACT, "client_ref": EXACT},
    "aid.ShelterStay": {},
    "aid.Match": {"status_reason": EXACT, "distance_m": EXACT, "reasons": EXACT, "run": EXACT},
    "aid.Delivery": {"failure_reason": EXACT},
}


def level_of(model_label: str, field: str) -> Disclosure:
    """Give the level that a field needs, by the model's label such as `aid.AidRequest`."""
    return FIELD_LEVELS.get(model_label, {}).get(field, COARSE)


def is_disclosed(model_label: str, field: str, disclosure: int) -> bool:
    """Tell whether a row at this level shows this field."""
    return disclosure >= level_of(model_label, field)
