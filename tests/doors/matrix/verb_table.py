"""Every verb of every door: a new one is written here, or the matrix fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.doors.matrix.verbs import (
    COORDINATORS,
    EVERYBODY,
    MANAGERS,
    NEEDED,
    NOBODY,
    PROVIDED,
    REPORTERS,
    Verb,
)
from tests.doors.matrix.world import World
from tests.factories.places import POZNIAKY

Body = Callable[[World, str], dict[str, Any]]

ORGANISATION = "access.Organisation"
REQUEST, RESOURCE, SHELTER = "aid.AidRequest", "aid.Resource", "aid.Shelter"
STAY, MATCH, DELIVERY = "aid.ShelterStay", "aid.Match", "aid.Delivery"
INCIDENT, BUILDING, OUTAGE = "incidents.Incident", "incidents.AffectedBuilding", "incidents.Outage"
CONSTRAINT = "incidents.AccessConstraint"

# The people of the world; none of them is shut out.
ACTIVE = frozenset({"viewer", "caseworker", "coordinator", "administrator", "cell", "district", "stranger"})
POINT = {"type": "Point", "coordinates": [POZNIAKY.x, POZNIAKY.y]}
IN_DISTRICT = frozenset({"for_us", "once_for_us"})


def telling(**values: Any) -> Body:
    """Give a body of plain values."""
    return lambda _world, _name: values


BECAUSE = telling(reason="because of the matrix")


def speaking(speaker: str, *, at: str = "", **values: Any) -> Body:
    """Give a body in the name of the organisation that the verb is about; `at` names what was a minute ago."""
    return lambda world, name: {speaker: world.organisations[name], **values, **_a_minute_ago(world, at)}


def ours(*, at: str = "", **values: Any) -> Body:
    """Give a body in the name of our organisation; `at` names what was a minute ago."""
    return lambda world, _name: {"reported_by": world.organisations["own"], **values, **_a_minute_ago(world, at)}


def _a_minute_ago(world: World, at: str) -> dict[str, str]:
    return {at: (world.now - timedelta(minutes=1)).isoformat()} if at else {}


def one_line(world: World, name: str) -> dict[str, Any]:
    """Give a request with one line, filed by an organisation."""
    lines = [{"item": "drinking_water", "quantity": 1}]
    return {**speaking("reported_by", location=POINT, people=1, urgency=3)(world, name), "lines": lines}


def stay_there(world: World, name: str) -> dict[str, Any]:
    """Give the stay that is planned at a shelter."""
    return {"stay": world.rows[STAY]["at_public" if name == "public" else name]}


def agreement(world: World, name: str) -> dict[str, Any]:
    """Give an agreement by which an organisation shares what it knows."""
    receiver, until = world.organisations["provider"], (world.now + timedelta(days=1)).isoformat()
    classes = ["exact_place"]
    return {**speaking("giver", purpose="relief", classes=classes)(world, name), "receiver": receiver, "until": until}


def in_whose_name(rest: str, graphql: str, page: str, body: Body) -> Verb:
    """Make the verb that makes a row in the name of an organisation, ours or another."""
    return Verb(ORGANISATION, REPORTERS, rest, graphql, "add", page=page, body=body, rows=("own", "foreign"))


def of_incident(
    rest: str, graphql: str, page: str, body: Body, *, about: str = INCIDENT, others: frozenset[str] = REPORTERS
) -> Verb:
    """Make the verb that adds something of ours to an incident, or to a building, whoever reported that."""
    subject = "incident" if about == INCIDENT else "building"
    return Verb(about, REPORTERS, rest, graphql, "add", page=page, others=others, subject=subject, body=body)


VERBS = [
    in_whose_name("POST aid-requests", "fileAidRequest", REQUEST, one_line),
    Verb(REQUEST, REPORTERS, "PATCH aid-requests/{id}", "changeAidRequest", "change", body=telling(people=4)),
    Verb(REQUEST, REPORTERS, "POST aid-requests/{id}/submit", "submitAidRequest", "do submit"),
    Verb(REQUEST, NOBODY, "POST aid-requests/{id}/verify", "verifyAidRequest", "do verify"),
    Verb(REQUEST, NOBODY, "POST aid-requests/{id}/reject", "rejectAidRequest", "do reject", body=BECAUSE),
    Verb(REQUEST, REPORTERS, "POST aid-requests/{id}/renew", "renewAidRequest", "do renew"),
    Verb(REQUEST, REPORTERS, "POST aid-requests/{id}/close", "closeAidRequest", "do close", body=BECAUSE),
    Verb(REQUEST, REPORTERS, "POST aid-requests/{id}/cancel", "cancelAidRequest", "do cancel", body=BECAUSE),
    Verb(
        REQUEST,
        REPORTERS,
        "POST aid-requests/{id}/merge-duplicate",
        "mergeDuplicate",
        "merge_duplicates",
        body=lambda world, _name: {"original": world.rows[REQUEST]["own"]},
    ),
    Verb(
        REQUEST,
        REPORTERS,
        "POST aid-requests/{id}/undo-merge",
        "undoMerge",
        "do undo-merge",
        # Of those that are merged the originals lie elsewhere.
        in_district=frozenset({"nowhere", "shared_district"}),
    ),
    Verb(
        REQUEST,
        REPORTERS,
        "POST aid-requests/{id}/dismiss-possible-duplicate",
        "dismissPossibleDuplicate",
        "dismiss_duplicates",
        body=lambda world, _name: {"other": world.rows[REQUEST]["own"]},
    ),
    Verb(REQUEST, REPORTERS, admin="do move"),
    Verb(REQUEST, REPORTERS, admin="do change-contact"),
    Verb(
        REQUEST,
        REPORTERS,
        "POST aid-requests/{id}/read-contact",
        "readContact",
        "contact",
        body=telling(purpose="to call back"),
        is_reading=True,
    ),
    in_whose_name(
        "POST resources",
        "offerResource",
        RESOURCE,
        speaking("provider", item="drinking_water", total=1, location=POINT),
    ),
    Verb(RESOURCE, REPORTERS, "PATCH resources/{id}", "changeResource", "change", body=telling(name="changed")),
    Verb(RESOURCE, REPORTERS, "POST resources/{id}/pause", "pauseResource", "do pause"),
    Verb(RESOURCE, REPORTERS, "POST resources/{id}/resume", "resumeResource", "do resume"),
    Verb(RESOURCE, REPORTERS, "POST resources/{id}/withdraw", "withdrawResource", "do withdraw"),
    in_whose_name(
        "POST shelters",
        "openShelter",
        SHELTER,
        speaking("operator", name="new", kind="collective_centre", location=POINT),
    ),
    Verb(SHELTER, REPORTERS, "PATCH shelters/{id}", "changeShelter", "change", body=telling(name="changed")),
    Verb(SHELTER, REPORTERS, "POST shelters/{id}/pause", "pauseShelter", "do pause"),
    Verb(SHELTER, REPORTERS, "POST shelters/{id}/reopen", "reopenShelter", "do reopen"),
    Verb(SHELTER, REPORTERS, "POST shelters/{id}/close", "closeShelter", "do close"),
    Verb(SHELTER, REPORTERS, "POST shelters/{id}/check-in", body=stay_there, rows=("own", "foreign", "public")),
    Verb(
        SHELTER,
        REPORTERS,
        "POST stays",
        "planStay",
        subject="shelter",
        body=telling(party_size=1),
    ),
    Verb(ORGANISATION, REPORTERS, admin="add", page=STAY, rows=("own",)),
    Verb(STAY, REPORTERS, "POST stays/{id}/check-in", "checkIn", "do check-in"),
    Verb(STAY, REPORTERS, "POST stays/{id}/check-out", "checkOut", "do check-out"),
    Verb(STAY, REPORTERS, "POST stays/{id}/cancel", "cancelStay", "do cancel"),
    Verb(STAY, REPORTERS, "POST stays/{id}/no-show", "markNoShow", "do no-show"),
    Verb(
        MATCH, COORDINATORS, "POST matches/{id}/accept", "acceptMatch", "do accept", ours=PROVIDED, in_district=NOBODY
    ),
    Verb(
        MATCH,
        COORDINATORS,
        "POST matches/{id}/decline",
        "declineMatch",
        "do decline",
        ours=PROVIDED,
        in_district=NOBODY,
        body=BECAUSE,
    ),
    Verb(
        MATCH,
        COORDINATORS,
        "POST matches/{id}/cancel",
        "cancelMatch",
        "do cancel",
        ours=PROVIDED | NEEDED,
        in_district=IN_DISTRICT,
        body=BECAUSE,
    ),
    Verb(
        MATCH,
        REPORTERS,
        "POST matches/{id}/release",
        "releaseMatch",
        "do release",
        ours=NEEDED,
        in_district=IN_DISTRICT,
    ),
    Verb(
        MATCH,
        REPORTERS,
        "POST matches/{id}/withdraw-release",
        "withdrawRelease",
        "do withdraw-release",
        ours=NEEDED,
        in_district=IN_DISTRICT,
    ),
    Verb(
        MATCH,
        COORDINATORS,
        "POST deliveries",
        "planDelivery",
        "plan_delivery",
        ours=PROVIDED,
        in_district=NOBODY,
        subject="matches",
        is_list=True,
    ),
    Verb(DELIVERY, COORDINATORS, "POST deliveries/{id}/dispatch", "dispatchDelivery", "do dispatch"),
    Verb(DELIVERY, COORDINATORS, "POST deliveries/{id}/deliver", "confirmDelivery", "do confirm"),
    Verb(DELIVERY, COORDINATORS, "POST deliveries/{id}/fail", "failDelivery", "do fail", body=BECAUSE),
    Verb(DELIVERY, COORDINATORS, "POST deliveries/{id}/return", "returnDelivery", "do return"),
    in_whose_name(
        "POST incidents",
        "reportIncident",
        INCIDENT,
        speaking("reported_by", at="occurred_at", title="new", hazard="missile_strike", location=POINT),
    ),
    Verb(
        INCIDENT,
        NOBODY,
        "POST incidents/{id}/verify",
        "verifyIncident",
        "do verify",
        rows=("own", "own_far", "foreign", "foreign_far", "concerning_us"),
    ),
    Verb(INCIDENT, COORDINATORS, "POST incidents/{id}/contain", "containIncident", "do contain"),
    Verb(INCIDENT, COORDINATORS, "POST incidents/{id}/close", "closeIncident", "do close"),
    Verb(INCIDENT, NOBODY, "POST incidents/{id}/dismiss", "dismissIncident", "do dismiss", body=BECAUSE),
    of_incident(
        "POST casualty-reports",
        "recordCasualties",
        "incidents.CasualtyReport",
        ours(source="us", injured=1, at="as_of"),
    ),
    of_incident(
        "POST impact-sites",
        "addImpactSite",
        "incidents.ImpactSite",
        ours(location=POINT, kind="direct_hit", at="struck_at"),
        # A site prolongs the embargo: who did not report the incident does not.
        others=NOBODY,
    ),
    of_incident("POST buildings", "registerBuilding", BUILDING, ours(location=POINT)),
    of_incident(
        "POST assessments",
        "assessBuilding",
        "incidents.DamageAssessment",
        ours(scale="ems98", value="4", method="ground_rapid", at="assessed_at"),
        about=BUILDING,
    ),
    in_whose_name(
        "POST outages",
        "reportOutage",
        OUTAGE,
        lambda world, name: {
            **speaking("reported_by", service="electricity", at="started_at")(world, name),
            "areas": [str(world.rows["areas.Area"]["district"].pk)],
        },
    ),
    Verb(OUTAGE, REPORTERS, "POST outages/{id}/restore", "restoreOutage", "do restore"),
    in_whose_name(
        "POST access-constraints",
        "declareAccessConstraint",
        CONSTRAINT,
        lambda world, name: {
            **speaking("reported_by", kind="air_raid", at="starts_at")(world, name),
            "area": world.rows["areas.Area"]["district"],
        },
    ),
    Verb(CONSTRAINT, REPORTERS, "POST access-constraints/{id}/lift", "liftAccessConstraint", "do lift"),
    Verb(
        ORGANISATION,
        REPORTERS,
        "POST aid-requests/find-by-phone",
        "findByPhone",
        "find_by_phone",
        page=REQUEST,
        body=telling(phone="+380501000000", purpose="to call back"),
        rows=("own",),
    ),
    Verb(REQUEST, MANAGERS, "POST aid-requests/{id}/erase", "erasePerson", "do erase", body=BECAUSE),
    # Who takes part is managed by people, in the admin alone.
    Verb(ORGANISATION, NOBODY, admin="add", rows=("own",), in_district=NOBODY),
    Verb(ORGANISATION, NOBODY, admin="change", rows=("own", "foreign"), in_district=NOBODY),
    Verb(ORGANISATION, MANAGERS, admin="do open-sandbox", rows=("own", "foreign"), in_district=NOBODY),
    Verb(ORGANISATION, NOBODY, admin="add", page="access.User", rows=("own",), in_district=NOBODY),
    Verb("access.User", NOBODY, admin="change", in_district=NOBODY),
    Verb("access.User", NOBODY, admin="do deactivate", in_district=NOBODY, not_the_cell=frozenset({"cell"})),
    Verb("access.User", NOBODY, admin="do reset-sign-in", in_district=NOBODY),
    Verb("access.User", NOBODY, admin="do erase", in_district=NOBODY, not_the_cell=frozenset({"cell"})),
    Verb("access.User", NOBODY, admin="do reactivate", in_district=NOBODY, not_the_cell=ACTIVE),
    Verb(ORGANISATION, MANAGERS, admin="add", page="access.Membership", rows=("own",)),
    Verb("access.Membership", MANAGERS, admin="change"),
    Verb("access.Membership", MANAGERS, admin="do end"),
    Verb(ORGANISATION, MANAGERS, admin="add", page="access.SharingAgreement", rows=("own",)),
    Verb("access.SharingAgreement", MANAGERS, admin="change", ours=frozenset({"given"})),
    Verb(
        ORGANISATION,
        MANAGERS,
        "POST sharing-agreements",
        "agreeToShare",
        body=agreement,
        rows=("own", "foreign"),
        in_district=NOBODY,
    ),
    Verb(
        "access.SharingAgreement",
        MANAGERS,
        "POST sharing-agreements/{id}/end",
        "endAgreement",
        "do end",
        others=MANAGERS,
    ),
    Verb(ORGANISATION, MANAGERS, admin="add", page="access.ApiClient", rows=("own",)),
    Verb("access.ApiClient", MANAGERS, admin="change"),
    Verb("access.ApiClient", MANAGERS, admin="do issue-key"),
    Verb("access.ApiClient", MANAGERS, admin="do make-oauth-secret"),
    Verb("access.ApiClient", MANAGERS, admin="do end"),
    Verb(ORGANISATION, EVERYBODY, admin="add", page="access.ApiKey", rows=("own",)),
    Verb("access.ApiKey", EVERYBODY, admin="do rotate", others=EVERYBODY, not_the_cell=ACTIVE - {"cell"}),
    Verb("access.ApiKey", EVERYBODY, admin="do revoke", others=EVERYBODY),
    Verb("access.Alert", MANAGERS, admin="do seen"),
]
