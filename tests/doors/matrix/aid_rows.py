"""What is needed and who brings it: one row of each kind for each reason to see it or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point

from aid.actions.accept_match import accept_match
from aid.actions.cancel_match import cancel_match
from aid.actions.file_aid_request import NewContact
from aid.actions.plan_delivery import plan_delivery
from aid.actions.plan_stay import plan_stay
from aid.enums import Channel, Consent, Vulnerability
from aid.models import AidRequest, DuplicateMerge, Match, MatchRun, NeedCount, NeedSlot, PossibleDuplicate, ShelterStay
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from tests.doors.matrix.incident_rows import Rows
from tests.doors.matrix.parties import GIVERS, REQUESTERS
from tests.factories import aid
from tests.factories.places import OBOLON, POZNIAKY, SALTIVKA

DAY = timedelta(days=1)
# Why a match was proposed, as the solver keeps it.
FACTS = {"distance_m": 4321.0, "rank": 2, "feasible": 3, "penalty": 7.0, "price": 1.0, "alternatives": []}

# Who filed each request, and where: Pozniaky lies in the district that one cell answers for, Saltivka in no known area.
REQUESTS: Mapping[str, tuple[str, Point]] = {
    "own": ("own", POZNIAKY),
    "own_far": ("own", OBOLON),
    "foreign": ("foreign", POZNIAKY),
    "foreign_far": ("foreign", OBOLON),
    "nowhere": ("foreign", SALTIVKA),
    "exercise": ("exercise", OBOLON),
    **{giver: (giver, OBOLON) for giver in GIVERS},
    "shared_district": ("shared_district", POZNIAKY),
    "shared_outside": ("shared_district", OBOLON),
    **{requester: (requester, OBOLON) for requester in REQUESTERS},
    "concerning_us": ("own", OBOLON),
}


def needed(of: Mapping[str, Organisation], happened: Rows, now: datetime) -> Rows:
    """Make the requests, each with a line and a contact; everything that may be hidden has a value."""
    requests = {}
    for number, (name, (reporter, place)) in enumerate(REQUESTS.items()):
        house = happened["incidents.AffectedBuilding"].get(name)
        line = aid.line(
            of[reporter],
            now=now,
            location=place,
            building=house,
            channel=Channel.HOTLINE,
            members=[{"age": 71, "sex": "f", "disability": True}],
            age_bands={"60+ f": 1},
            vulnerabilities=[Vulnerability.INSULIN],
            needed_by=now + DAY,
            consent=Consent.GIVEN,
            client_ref=f"request-ref-{name}.",
            contact=NewContact(f"Name {name}.", f"+3805010000{number:02d}", f"Address {name}.", f"Notes {name}."),
        )
        requests[name] = line.aid_request
        AidRequest.objects.filter(pk=line.aid_request_id).update(
            status_reason=f"status reason of {name}.", closed_at=now
        )
    lines = {name: aid_request.lines.get() for name, aid_request in requests.items()}
    return {"aid.AidRequest": requests, "aid.RequestLine": lines}


def brought(of: Mapping[str, Organisation], needed: Rows, now: datetime) -> Rows:
    """Make what can be promised, and promise some of it."""
    run = MatchRun.objects.create(
        started_at=now, finished_at=now, objective=1, lower_bound=1, gap=0, engine_version="1"
    )
    resources = {
        name: aid.resource(
            of[provider],
            now=now,
            total=1_000,
            location=place,
            name=f"depot {name}.",
            client_ref=f"resource-ref-{name}.",
            available_from=now,
            expires_at=now + DAY,
        )
        for name, provider, place in (
            ("own", "own", OBOLON),
            ("foreign", "foreign", POZNIAKY),
            ("foreign_far", "foreign", OBOLON),
            ("offered_to_us", "provider", OBOLON),
            ("once_offered_to_us", "provider", OBOLON),
            ("of_giver", "shared_place", OBOLON),
        )
    }
    shelters = {
        name: aid.shelter(
            of[operator],
            now=now,
            location=POZNIAKY if name == "foreign" else OBOLON,
            name=f"shelter {name}.",
            is_public=name.startswith("public"),
            client_ref=f"shelter-ref-{name}.",
        )
        for name, operator in (
            ("own", "own"),
            ("foreign", "foreign"),
            ("public", "foreign"),
            ("public_exercise", "exercise"),
            ("promised_to_us", "provider"),
            ("of_giver", "shared_place"),
        )
    }
    resources |= {f"places_{name}": aid.places_of(shelter) for name, shelter in shelters.items()}
    lines = needed["aid.RequestLine"]
    guests = aid.line(of["own"], now=now, of=resources["places_own"].item, quantity=3, location=OBOLON)
    needed["aid.AidRequest"]["guests"] = guests.aid_request
    lines["guests"] = guests
    proposed = {
        name: aid.proposal(lines[line], resources[resource], now=now, quantity=3)
        for name, line, resource in (
            ("live", "live", "own"),
            ("accepted", "accepted", "own"),
            ("released", "released", "own"),
            ("ended", "ended", "own"),
            ("for_us", "own", "offered_to_us"),
            ("once_for_us", "own", "once_offered_to_us"),
            ("accepted_for_us", "own_far", "offered_to_us"),
            ("places_for_us", "guests", "places_promised_to_us"),
            ("foreign", "foreign_far", "foreign_far"),
        )
    }
    for name in ("accepted", "released", "accepted_for_us", "places_for_us", "foreign"):
        accept_match(match=proposed[name], actor=SYSTEM, now=now)
    for name in ("ended", "once_for_us"):
        cancel_match(match=proposed[name], reason=f"reason of {name}.", actor=SYSTEM, now=now)
    Match.objects.update(run=run, reasons=FACTS)
    Match.objects.filter(pk__in=[proposed["released"].pk, proposed["ended"].pk]).update(released_at=now)
    deliveries = {
        name: plan_delivery(matches=[proposed[match]], actor=SYSTEM, now=now)
        for name, match in (("own", "accepted"), ("for_us", "accepted_for_us"), ("foreign", "foreign"))
    }
    stays = {
        "own": plan_stay(shelter=shelters["own"], party_size=3, actor=SYSTEM, now=now),
        "foreign": plan_stay(shelter=shelters["foreign"], party_size=3, actor=SYSTEM, now=now),
        "at_public": plan_stay(shelter=shelters["public"], party_size=3, actor=SYSTEM, now=now),
        "for_us": ShelterStay.objects.get(match=proposed["places_for_us"]),
    }
    return {
        "aid.Item": {row.code: row for row in (lines["own"].item, guests.item)},
        "aid.Resource": resources,
        "aid.Shelter": shelters,
        "aid.ShelterStay": stays,
        "aid.Match": proposed,
        "aid.MatchRun": {"any": run},
        "aid.Delivery": deliveries,
    }


def noticed(of: Mapping[str, Organisation], requests: Mapping[str, Any], area: Any, now: datetime) -> Rows:
    """Make what was noticed about requests: possible duplicates, merges and the counts that are public."""
    pairs = {"own": ("own", "own_far"), "half_foreign": ("own", "foreign"), "foreign": ("foreign", "foreign_far")}
    return {
        "aid.PossibleDuplicate": {
            name: PossibleDuplicate.objects.create(earlier=requests[one], later=requests[other], reasons=["phone"])
            for name, (one, other) in pairs.items()
        },
        "aid.DuplicateMerge": {
            name: DuplicateMerge.objects.create(
                duplicate=requests[one], original=requests[other], previous_status="submitted", merged_at=now
            )
            for name, (one, other) in pairs.items()
            if name != "half_foreign"
        },
        "aid.NeedCount": {
            "any": NeedCount.objects.create(
                area=area, slot=NeedSlot.objects.create(starts_at=now - DAY, ends_at=now), households=15
            )
        },
    }
