"""Aid requests through REST."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action as route
from rest_framework.request import Request

from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.change_aid_request import change_aid_request
from aid.actions.close_aid_request import close_aid_request
from aid.actions.dismiss_possible_duplicate import dismiss_possible_duplicate
from aid.actions.erase_person import erase_person
from aid.actions.file_aid_request import NewContact, NewLine, file_aid_request
from aid.actions.find_by_phone import find_by_phone
from aid.actions.merge_duplicate import merge_duplicate
from aid.actions.read_contact import read_contact
from aid.actions.reject_aid_request import reject_aid_request
from aid.actions.renew_aid_request import renew_aid_request
from aid.actions.submit_aid_request import submit_aid_request
from aid.actions.undo_merge import undo_merge
from aid.actions.verify_aid_request import verify_aid_request
from aid.enums import Channel, Condition, Consent, Coverage, DuplicateReason, Sex, Urgency, Vulnerability
from aid.matching.candidates import Scope, Weights, read_candidates, seen_coarsely
from aid.matching.explain import Suggestion, suggestion_sentences, suggestions
from aid.models import AidRequest, Item, PossibleDuplicate, RequestLine, Resource
from coordination.access.models import Organisation
from coordination.records.actors import Actor
from coordination.records.clock import database_now
from coordination.records.errors import require
from coordination.records.visibility import Disclosure
from coordination.web.fields import ActingOrganisation, GeometryField, RelatedId, guarded
from coordination.web.filters import Place
from coordination.web.idempotency import Answer
from coordination.web.paging import MAX_LIMIT
from coordination.web.rest import GuardedViewSet, change, creation, verb
from coordination.web.serializers import Body, DistanceField, OptionalReason, Reason, Row
from incidents.models import AffectedBuilding, Incident


class LineRow(Row):
    """One item of a request."""

    class Meta:
        model = RequestLine
        fields = ["id", "item", "quantity", "conditions", "reserved", "dispatched", "delivered"]


class Member(Body):
    """One person of a household, without a name."""

    age = serializers.IntegerField(min_value=0, max_value=120, required=False, allow_null=True)
    sex = serializers.ChoiceField(choices=Sex.choices, required=False)
    disability = serializers.BooleanField(required=False)


class AidRequestRow(Row):
    """What one household or one site asks for."""

    members = Member(many=True, read_only=True, allow_null=True)
    age_bands = serializers.DictField(child=serializers.IntegerField(), read_only=True, allow_null=True)
    coverage = serializers.ChoiceField(choices=Coverage.choices, read_only=True, allow_null=True)
    lines = LineRow(many=True, read_only=True, source="shown_lines")
    distance_m = DistanceField()

    class Meta:
        model = AidRequest
        fields = [
            "id", "ref", "disclosure", "incident", "building", "reported_by", "channel", "location", "public_cell",
            "area", "people", "members", "age_bands", "vulnerabilities", "vulnerable_people", "urgency", "needed_by",
            "consent", "status", "status_reason", "coverage", "lines", "verified_at", "closed_at", "review_at",
            "follow_up", "duplicate_of", "is_exercise", "client_ref", "distance_m", "created_at", "updated_at",
        ]  # fmt: skip

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        lines = RequestLine.objects.visible_to(actor).order_by("created_at", "id")
        covered = rows.with_coverage()  # type: ignore[attr-defined] # of AidRequestQuerySet
        prepared: QuerySet[Any] = covered.prefetch_related(Prefetch("lines", queryset=lines, to_attr="shown_lines"))
        return prepared


class WarningShown(Body):
    """Another request that may be the same one, and what both have in common."""

    ref = serializers.CharField()
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=DuplicateReason.choices))


@extend_schema_field(WarningShown(many=True))
class WarningsField(serializers.Field[Any, Any, Any, Any]):
    """The other requests that may be the same one, as guarded prefetches put their pairs into `shown_…`."""

    def get_attribute(self, instance: Any) -> Any:
        return [*instance.shown_earlier, *instance.shown_later]

    def to_representation(self, value: Any) -> list[dict[str, Any]]:
        return [{"ref": pair.ref, "reasons": pair.reasons} for pair in value]


class AidRequestDetail(AidRequestRow):
    """One request, with a warning where it may be the same as another that its viewer may compare it with."""

    possible_duplicates = WarningsField(read_only=True)

    class Meta(AidRequestRow.Meta):
        fields = [*AidRequestRow.Meta.fields, "possible_duplicates"]

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        pairs = PossibleDuplicate.objects.visible_to(actor).undecided().order_by("created_at", "id")
        earlier, later = pairs.annotate(ref=F("earlier__ref")), pairs.annotate(ref=F("later__ref"))
        prepared: QuerySet[Any] = super().prepared(rows, actor)
        return prepared.prefetch_related(
            Prefetch("earlier_duplicates", queryset=earlier, to_attr="shown_earlier"),
            Prefetch("later_duplicates", queryset=later, to_attr="shown_later"),
        )


class LineBody(Body):
    """One item that is asked for."""

    makes = NewLine

    item = RelatedId(Item, code="code")
    quantity = serializers.IntegerField(min_value=1)
    conditions = serializers.ListField(child=serializers.ChoiceField(choices=Condition.choices), required=False)


class ContactBody(Body):
    """Whom to call; sealed, and read again only for a purpose."""

    makes = NewContact

    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    phone = serializers.CharField(max_length=50, allow_blank=True, required=False)
    address = serializers.CharField(max_length=500, allow_blank=True, required=False)
    notes = serializers.CharField(max_length=5_000, allow_blank=True, required=False)


class AidRequestChange(Body):
    """What of a request may change; `lines` are all lines, as they shall be."""

    lines = LineBody(many=True, required=False)
    location = GeometryField(required=False)
    people = serializers.IntegerField(min_value=1, required=False)
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False)
    incident = RelatedId(Incident, code="ref", required=False, allow_null=True)
    building = RelatedId(AffectedBuilding, required=False, allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    members = Member(many=True, required=False)
    age_bands = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False)
    vulnerabilities = serializers.ListField(
        child=serializers.ChoiceField(choices=Vulnerability.choices), required=False
    )
    vulnerable_people = serializers.IntegerField(min_value=0, required=False)
    needed_by = serializers.DateTimeField(required=False, allow_null=True)
    consent = serializers.ChoiceField(choices=Consent.choices, required=False)
    contact = ContactBody(required=False)


class NewAidRequest(AidRequestChange):
    """What one household or one site asks for."""

    reported_by = RelatedId(Organisation, default=ActingOrganisation())
    lines = LineBody(many=True)
    location = GeometryField()
    people = serializers.IntegerField(min_value=1)
    urgency = serializers.ChoiceField(choices=Urgency.choices)
    client_ref = serializers.CharField(max_length=100, allow_blank=True, required=False)
    is_draft = serializers.BooleanField(required=False)
    is_exercise = serializers.BooleanField(required=False)


class Original(Body):
    """The request that was there first."""

    original = RelatedId(AidRequest, code="ref")


class Other(Body):
    """The request that is not the same one."""

    other = RelatedId(AidRequest, code="ref")


class Purpose(Body):
    """What the contact is needed for; it is recorded with the reader's name."""

    purpose = serializers.CharField(max_length=300)


class ContactShown(Body):
    """Whom to call."""

    name = serializers.CharField()
    phone = serializers.CharField()
    address = serializers.CharField()
    notes = serializers.CharField()


class PhoneSearch(Body):
    """The whole number, however it is written, and what it is searched for; the search is recorded."""

    phone = serializers.CharField(max_length=50)
    purpose = serializers.CharField(max_length=300)


class FoundByPhoneShown(Body):
    """The requests that the number was left with, the newest first."""

    refs = serializers.ListField(child=serializers.CharField())


class SuggestionShown(Body):
    """One resource that could serve a line now; what the caller may not see of it is null."""

    line = serializers.UUIDField()
    rank = serializers.IntegerField()
    resource = serializers.UUIDField(allow_null=True)
    is_enough = serializers.BooleanField()
    free = serializers.IntegerField(allow_null=True)
    distance_m = serializers.FloatField(allow_null=True)
    distance_band_m = serializers.IntegerField()
    why = serializers.ListField(child=serializers.CharField())


class Suggestions(Body):
    """What could serve a request, line by line, nearest first."""

    results = SuggestionShown(many=True)


class AlikeRow(AidRequestDetail):
    """A request that may be the same one, and what both have in common."""

    reasons = serializers.ListField(child=serializers.ChoiceField(choices=DuplicateReason.choices))

    class Meta(AidRequestDetail.Meta):
        fields = [*AidRequestDetail.Meta.fields, "reasons"]


class PossibleDuplicates(Body):
    """Other requests that may be the same one; people decide, nothing is merged."""

    results = AlikeRow(many=True)


class AidRequestViewSet(GuardedViewSet):
    """What people need."""

    model = AidRequest
    serializer_class = AidRequestRow
    detail_class = AidRequestDetail
    needs_idempotency_key = True
    place = Place(point="location", cell="public_cell", area="area")
    filterset_fields = (
        "status", "urgency", "incident", "building", "reported_by", "channel", "follow_up", "is_exercise", "client_ref",
    )  # fmt: skip

    create = creation(file_aid_request, NewAidRequest)
    partial_update = change(change_aid_request, subject="aid_request", body=AidRequestChange)
    submit = verb("submit", submit_aid_request, subject="aid_request")
    verify = verb("verify", verify_aid_request, subject="aid_request")
    reject = verb("reject", reject_aid_request, subject="aid_request", body=Reason)
    merge_duplicate = verb("merge_duplicate", merge_duplicate, subject="aid_request", body=Original)
    undo_merge = verb("undo_merge", undo_merge, subject="aid_request")
    dismiss_possible_duplicate = verb(
        "dismiss_possible_duplicate", dismiss_possible_duplicate, subject="aid_request", body=Other
    )
    renew = verb("renew", renew_aid_request, subject="aid_request")
    cancel = verb("cancel", cancel_aid_request, subject="aid_request", body=Reason)
    close = verb("close", close_aid_request, subject="aid_request", body=OptionalReason)
    erase = verb("erase", erase_person, subject="aid_request", body=Reason)

    @extend_schema(
        responses=Suggestions, description="Rank the resources that could serve a request; nothing is written."
    )
    @route(detail=True, url_path="suggestions")
    def suggestions(self, request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the address
        """Rank the resources that could serve a request now; nothing is written."""
        aid_request = self.row(id)
        require(aid_request.disclosure >= Disclosure.EXACT)
        candidates = read_candidates(
            Scope(aid_request_ids=[aid_request.pk]), now=database_now(), weights=Weights.of_deployment()
        )
        resources = guarded(Resource, self.actor).filter(pk__in=candidates.resource_ids)
        disclosures = dict(resources.values_list("pk", "disclosure"))
        known = {resource_id for resource_id, disclosure in disclosures.items() if disclosure >= Disclosure.EXACT}
        # Asked for one place after the other, distances, ranks and circles would find a hidden offer's own place.
        found = suggestions(seen_coarsely(candidates, except_for=known))
        # Whom the request was released to sees the lines that he serves; the others may tell of the people's health.
        lines = set(guarded(RequestLine, self.actor).filter(aid_request=aid_request.pk).values_list("pk", flat=True))
        return self.respond({"results": [_shown(each, disclosures) for each in found if each.line_id in lines]})

    @extend_schema(
        responses=PossibleDuplicates,
        description="Show open requests with the same phone, or for the same building and item within 72 hours.",
    )
    @route(detail=True, url_path="possible-duplicates")
    def possible_duplicates(self, request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the address
        """Show other open requests that may be the same one, to who may compare them."""
        aid_request = self.row(id)
        reasons = {
            pair.later_id if pair.earlier_id == aid_request.pk else pair.earlier_id: pair.reasons
            for pair in PossibleDuplicate.objects.visible_to(self.actor).about([aid_request]).undecided()
        }
        alike = AidRequest.objects.visible_to(self.actor).filter(pk__in=reasons).order_by("created_at", "id")
        rows = list(AidRequestDetail.prepared(alike, self.actor)[:MAX_LIMIT])
        shown = zip(rows, self.shown(rows), strict=True)
        return self.respond({"results": [{**told, "reasons": reasons[row.pk]} for row, told in shown]})

    @extend_schema(request=Purpose, responses=ContactShown, description="Give whom to call; the reading is recorded.")
    @route(detail=True, methods=["post"], url_path="read-contact")
    def read_contact(self, request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the address
        """Give whom to call; who read it and what for is recorded."""

        def perform(now: datetime) -> Answer:
            purpose = self.body(Purpose)["purpose"]
            contact = read_contact(aid_request=self.subject(id), purpose=purpose, actor=self.actor, now=now)
            return Answer(200, ContactShown(contact).data, subject_id=contact.aid_request_id)

        return self.write(perform, is_kept=False)

    @extend_schema(
        request=PhoneSearch,
        responses=FoundByPhoneShown,
        description="Name the requests with this phone number whose contact the caller may read; it is recorded.",
    )
    @route(detail=False, methods=["post"], url_path="find-by-phone")
    def find_by_phone(self, request: Request) -> HttpResponse:
        """Name the requests with this phone number whose contact the caller may read."""

        def perform(now: datetime) -> Answer:
            found = find_by_phone(**self.body(PhoneSearch), actor=self.actor, now=now)
            return Answer(200, FoundByPhoneShown(found).data)

        return self.write(perform, is_kept=False)


def _shown(suggestion: Suggestion, disclosures: Mapping[UUID, int]) -> dict[str, Any]:
    """Write a suggestion as far as its resource is disclosed; a hidden one is another offer, in a band of distance."""
    disclosure = disclosures.get(suggestion.resource_id, 0)
    is_exact = disclosure >= Disclosure.EXACT
    return {
        "line": suggestion.line_id,
        "rank": suggestion.rank,
        "resource": suggestion.resource_id if disclosure else None,
        "is_enough": suggestion.is_enough,
        "free": suggestion.free if is_exact else None,
        "distance_m": round(suggestion.distance_m, 1) if is_exact else None,
        "distance_band_m": suggestion.distance_band_m,
        "why": suggestion_sentences(suggestion, disclosure=disclosure),
    }
