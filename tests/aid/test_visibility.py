"""Who sees what is needed, and how much of it: own, shared, released, promised, and by area."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aid.actions.change_aid_request import change_aid_request
from aid.actions.decline_match import decline_match
from aid.actions.file_aid_request import NewContact, NewLine
from aid.actions.plan_delivery import plan_delivery
from aid.actions.verify_aid_request import verify_aid_request
from aid.models import AidRequest, Contact, Delivery, Match, RequestLine, Resource, Shelter
from coordination.access.actors import PUBLIC, SYSTEM, Actor, Grant, actor_for_user
from coordination.access.disclosure import is_disclosed
from coordination.access.enums import DataClass, Role, Scope
from coordination.access.models import Membership, Organisation, User
from coordination.areas.models import Area
from coordination.records import visibility
from coordination.records.visibility import Disclosure
from coordination.web.paging import NEWEST
from tests.factories import aid
from tests.factories.access import agreement, member, organisation
from tests.factories.places import OBOLON, POZNIAKY, SALTIVKA, darnytskyi, kyiv

COARSE, EXACT, CONTACT = Disclosure.COARSE, Disclosure.EXACT, Disclosure.CONTACT
IDENTITY, EXACT_PLACE, HEALTH = DataClass.IDENTITY, DataClass.EXACT_PLACE, DataClass.HEALTH
# At which level, and whether with health.
Sight = tuple[Disclosure, bool] | None


def sight(actor: Actor, model: type[Any] = AidRequest) -> Sight:
    """Say how the one row of a model is seen."""
    rows = list(model.objects.visible_to(actor))
    assert len(rows) <= 1, "a rule that joins gave one row twice"
    return (Disclosure(rows[0].disclosure), getattr(rows[0], "discloses_health", False)) if rows else None


@pytest.fixture
def city(db: None) -> Area:
    """Give the city of Kyiv."""
    return kyiv()


@pytest.fixture
def district(city: Area) -> Area:
    """Give the city's district around Pozniaky."""
    return darnytskyi(city)


@pytest.fixture
def asked(ngo: Organisation, district: Area, now: datetime) -> AidRequest:
    """Give a request in Pozniaky with a contact."""
    return aid.aid_request(ngo, now=now, members=[{"age": 71}], contact=NewContact(name="Olha", phone="+380000000001"))


def test_request_is_its_reporters_the_cells_and_nobody_elses(
    asked: AidRequest, ngo_actor: Actor, cell_actor: Actor, provider_actor: Actor
) -> None:
    seen = [sight(actor) for actor in (ngo_actor, cell_actor, SYSTEM, provider_actor, PUBLIC)]
    assert seen == [(CONTACT, True), (CONTACT, True), (CONTACT, True), None, None]


@pytest.mark.parametrize("reach", ["whole", "its area", "an area above"])
@pytest.mark.parametrize(
    ("classes", "level", "has_health"),
    [
        ((), COARSE, False),
        ((HEALTH,), COARSE, True),
        ((EXACT_PLACE,), EXACT, False),
        ((EXACT_PLACE, HEALTH), EXACT, True),
        # An address is part of who somebody is.
        ((IDENTITY,), CONTACT, False),
        ((IDENTITY, EXACT_PLACE, HEALTH), CONTACT, True),
    ],
)
def test_agreement_shows_what_its_classes_say(
    classes: tuple[str, ...],
    level: Disclosure,
    has_health: bool,
    reach: str,
    asked: AidRequest,
    ngo: Organisation,
    provider: Organisation,
    city: Area,
    district: Area,
    now: datetime,
) -> None:
    areas = {"whole": [], "its area": [district], "an area above": [city]}[reach]
    agreement(ngo, provider, *classes, now=now, areas=areas)
    actor = member(provider)
    assert sight(actor) == (level, has_health)
    assert sight(actor, Contact) == ((CONTACT, False) if level == CONTACT else None)
    assert sight(actor, RequestLine) == (min(level, EXACT), False)


def test_agreement_shares_no_other_area_and_nothing_of_unknown_area(
    ngo: Organisation, provider: Organisation, district: Area, now: datetime
) -> None:
    agreement(ngo, provider, EXACT_PLACE, now=now, areas=[district])
    for place in (OBOLON, SALTIVKA):
        aid.aid_request(ngo, now=now, location=place)
    assert sight(member(provider)) is None


def test_several_agreements_add_up(
    asked: AidRequest, ngo: Organisation, provider: Organisation, district: Area, now: datetime
) -> None:
    agreement(ngo, provider, HEALTH, now=now)
    agreement(ngo, provider, EXACT_PLACE, now=now, areas=[district])
    assert sight(member(provider)) == (EXACT, True)


def test_agreement_moves_with_the_request(
    asked: AidRequest, ngo: Organisation, provider: Organisation, district: Area, ngo_actor: Actor, now: datetime
) -> None:
    agreement(ngo, provider, now=now, areas=[district])
    assert sight(member(provider)) == (COARSE, False)
    change_aid_request(aid_request=asked, location=SALTIVKA, actor=ngo_actor, now=now)
    assert sight(member(provider, username="oksana")) is None


@pytest.mark.parametrize("lost", ["agreement", "role", "giver"])
def test_sight_ends_with_the_agreement_the_role_or_the_giver(
    lost: str, asked: AidRequest, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    agreement(ngo, provider, EXACT_PLACE, now=now, days=-1 if lost == "agreement" else 30)
    actor = member(provider)
    if lost == "role":
        Membership.objects.filter(organisation=provider).update(until=now)
        actor = actor_for_user(User.objects.get(pk=actor.user_id))
    if lost == "giver":
        Organisation.objects.filter(pk=ngo.pk).update(is_active=False)
    assert sight(actor) is None


def test_who_may_not_read_personal_data_is_shared_no_identity(
    asked: AidRequest, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    agreement(ngo, provider, IDENTITY, HEALTH, now=now)
    viewer = member(provider, Role.VIEWER)
    assert (sight(viewer), sight(viewer, Contact)) == ((COARSE, True), None)


def test_system_without_the_scope_of_aid_sees_nothing_that_is_shared(
    asked: AidRequest, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    agreement(ngo, provider, IDENTITY, now=now)
    grant = Grant(scopes=frozenset({Scope.INCIDENTS_READ, Scope.PII_READ}), is_cell=False)
    assert sight(Actor(grants={provider.pk: grant})) is None


def test_shared_request_shows_its_matches_coarsely_and_not_who_provides(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    agreement(ngo, friend := organisation("Friend"), EXACT_PLACE, HEALTH, now=now)
    aid.proposal(aid.line(ngo, now=now), aid.resource(provider, now=now), now=now)
    actor = member(friend)
    assert (sight(actor, Match), sight(actor, Resource)) == ((COARSE, False), None)


class TestRelease:
    """What a provider is given after he has accepted, for as long as the match lasts."""

    @pytest.fixture
    def match(self, ngo: Organisation, provider: Organisation, now: datetime) -> Match:
        """Give an accepted match for one of two lines of a request with a contact."""
        lines = [NewLine(aid.item(), 45), NewLine(aid.item("insulin"), 2)]
        asked = aid.aid_request(ngo, now=now, lines=lines, contact=NewContact(name="Olha"), members=[{"age": 71}])
        verify_aid_request(aid_request=asked, actor=SYSTEM, now=now)
        line = RequestLine.objects.get(aid_request=asked, quantity=45)
        return aid.acceptance(line, aid.resource(provider, now=now), now=now)

    def test_live_match_shows_the_request_coarsely(self, match: Match, provider_actor: Actor) -> None:
        assert (sight(provider_actor), sight(provider_actor, Contact)) == ((COARSE, False), None)

    def test_release_shows_place_and_contact_but_no_health_and_no_other_line(
        self, match: Match, provider: Organisation, now: datetime
    ) -> None:
        Match.objects.filter(pk=match.pk).update(released_at=now)
        actor = member(provider)
        assert sight(actor) == (CONTACT, False)
        assert sight(actor, Contact) == (CONTACT, False)
        assert [line.quantity for line in RequestLine.objects.visible_to(actor)] == [45]
        row = AidRequest.objects.visible_to(actor).get()
        assert is_disclosed(row, "location")
        assert not any(is_disclosed(row, field) for field in ("members", "age_bands", "vulnerabilities"))

    def test_who_may_not_read_personal_data_is_released_the_place_alone(
        self, match: Match, provider: Organisation, now: datetime
    ) -> None:
        Match.objects.filter(pk=match.pk).update(released_at=now)
        viewer = member(provider, Role.VIEWER)
        assert (sight(viewer), sight(viewer, Contact)) == ((EXACT, False), None)

    @pytest.mark.parametrize("status", ["fulfilled", "declined", "expired", "cancelled", "failed"])
    def test_release_ends_with_the_match(
        self, status: str, match: Match, provider: Organisation, now: datetime
    ) -> None:
        Match.objects.filter(pk=match.pk).update(released_at=now, status=status)
        actor = member(provider)
        assert (sight(actor), sight(actor, Contact)) == (None, None)

    def test_release_ends_when_the_provider_is_no_longer_vetted(
        self, match: Match, provider: Organisation, now: datetime
    ) -> None:
        Match.objects.filter(pk=match.pk).update(released_at=now)
        Organisation.objects.filter(pk=provider.pk).update(is_vetted=False)
        assert sight(member(provider)) == (COARSE, False)

    def test_release_is_to_the_provider_alone(self, match: Match, now: datetime) -> None:
        Match.objects.filter(pk=match.pk).update(released_at=now)
        assert sight(member(organisation("Somebody Else"))) is None


def test_declined_match_shows_nothing_any_more(
    asked: AidRequest, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    match = aid.proposal(asked.lines.get(), aid.resource(provider, now=now), now=now)
    assert sight(provider_actor) == (COARSE, False)
    decline_match(match=match, actor=provider_actor, now=now)
    assert sight(member(provider, username="oksana")) is None


class TestLimitedCell:
    """A cell that answers for a district: its rows exactly, those of unknown place too, others as a member."""

    @pytest.fixture
    def limited(self, cell: Organisation, district: Area) -> Actor:
        """Give a coordinator of a cell that answers for the district of Pozniaky."""
        cell.areas.add(district)
        return member(cell)

    @pytest.mark.parametrize(
        ("place", "seen"), [(POZNIAKY, (CONTACT, True)), (SALTIVKA, (CONTACT, True)), (OBOLON, None)]
    )
    def test_requests_and_contacts_are_seen_where_it_answers_and_where_no_area_is_known(
        self, place: Any, seen: Sight, limited: Actor, ngo: Organisation, now: datetime
    ) -> None:
        aid.aid_request(ngo, now=now, location=place, contact=NewContact(name="Olha"))
        assert sight(limited) == seen
        assert sight(limited, RequestLine) == ((CONTACT, False) if seen else None)
        assert sight(limited, Contact) == ((CONTACT, False) if seen else None)

    @pytest.mark.parametrize(("place", "seen"), [(POZNIAKY, (EXACT, False)), (OBOLON, None)])
    def test_resources_are_seen_where_it_answers(
        self, place: Any, seen: Sight, limited: Actor, provider: Organisation, now: datetime
    ) -> None:
        aid.resource(provider, now=now, location=place)
        assert sight(limited, Resource) == seen

    @pytest.mark.parametrize(("place", "seen"), [(POZNIAKY, (EXACT, False)), (OBOLON, None)])
    def test_shelters_are_seen_where_it_answers(
        self, place: Any, seen: Sight, limited: Actor, provider: Organisation, now: datetime
    ) -> None:
        aid.shelter(provider, now=now, location=place)
        assert sight(limited, Shelter) == seen

    @pytest.mark.parametrize(
        ("wanted", "offered", "seen"),
        [
            (POZNIAKY, POZNIAKY, (EXACT, False)),
            # From one end and the distance the other could be found.
            (POZNIAKY, OBOLON, (COARSE, False)),
            (OBOLON, POZNIAKY, (COARSE, False)),
            (OBOLON, OBOLON, None),
        ],
    )
    def test_matches_are_seen_exactly_where_it_answers_for_both_ends(
        self,
        wanted: Any,
        offered: Any,
        seen: Sight,
        limited: Actor,
        ngo: Organisation,
        provider: Organisation,
        now: datetime,
    ) -> None:
        line = aid.line(ngo, now=now, location=wanted)
        match = aid.acceptance(line, aid.resource(provider, now=now, location=offered), now=now)
        plan_delivery(matches=[match], actor=SYSTEM, now=now)
        assert sight(limited, Match) == seen
        assert sight(limited, Delivery) == ((EXACT, False) if wanted is POZNIAKY else None)


@pytest.mark.parametrize("few", [0, 64], ids=["in one go", "grant by grant"])
def test_page_holds_the_same_however_it_is_read(
    few: int,
    ngo: Organisation,
    provider: Organisation,
    district: Area,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(visibility, "FEW_GRANTS", few)
    friend, stranger = organisation("Friend"), organisation("Stranger")
    agreement(ngo, provider, now=now, areas=[district])
    agreement(friend, provider, EXACT_PLACE, now=now)
    seen = []
    for _round in range(3):
        seen += [aid.aid_request(of, now=now) for of in (friend, provider, ngo)]
        aid.aid_request(stranger, now=now)
        aid.aid_request(ngo, now=now, location=OBOLON)
    line = aid.line(stranger, now=now)
    aid.proposal(line, aid.resource(provider, now=now), now=now)
    newest_first = [line.aid_request, *reversed(seen)]
    # Within one transaction the database's clock for defaults stands still.
    for age, aid_request in enumerate(newest_first):
        AidRequest.objects.filter(pk=aid_request.pk).update(created_at=now - age * timedelta(minutes=1))
    rows = AidRequest.objects.visible_to(member(provider))
    assert NEWEST.first(rows, 4) == newest_first[:4]
    third = AidRequest.objects.get(pk=newest_first[2].pk)
    assert NEWEST.first(NEWEST.after(rows, [third.created_at, third.pk]), 20) == newest_first[3:]
    assert NEWEST.first(rows.filter(reported_by=ngo), 2) == [row for row in newest_first if row.reported_by == ngo][:2]
