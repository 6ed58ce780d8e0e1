"""The REST door's base: the only way by which REST reaches rows, and the way it calls actions.

A view names its model and shape; lists, details and the answers of verbs are read through `visible_to`.
"""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, cast
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import renderers, viewsets
from rest_framework.decorators import action as route
from rest_framework.exceptions import NotAuthenticated, NotFound
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter

from coordination.access.actors import PUBLIC, Actor
from coordination.records.actions import locked
from coordination.records.clock import database_now
from coordination.web.fields import guarded
from coordination.web.filters import FieldFilters, Place, by_place
from coordination.web.idempotency import Answer, answer_once, key_of
from coordination.web.paging import NEWEST, Order, page_of
from coordination.web.problems import MEDIA_TYPE, FieldError, Refusal, is_known
from coordination.web.serializers import Body, Nothing, Row, visible_related

# PostgreSQL: serialization_failure and deadlock_detected.
WORTH_ANOTHER_TRY = frozenset({"40001", "40P01"})
TRIES = 3
LIST_PARAMETERS = frozenset({"limit", "cursor", "format"})
PLACE_PARAMETERS = frozenset({"near", "radius_m", "bbox", "ordering"})

Verb = Callable[..., Model]
Shown = list[dict[str, Any]]


class GeoJSONRenderer(renderers.JSONRenderer):
    """A list as a FeatureCollection. Source: RFC 7946."""

    media_type = "application/geo+json"
    format = "geojson"
    charset = None


class GuardedViewSet(viewsets.GenericViewSet[Any]):
    """Lists and details of one model, as much of each row as the caller may see."""

    model: ClassVar[type[Model]]
    serializer_class: type[Row]
    detail_class: ClassVar[type[Row] | None] = None
    place: ClassVar[Place] = Place()
    order: ClassVar[Order] = NEWEST
    needs_idempotency_key: ClassVar[bool] = False
    filter_backends = [FieldFilters]
    filterset_fields: ClassVar[Sequence[str]] = ()
    own_parameters: ClassVar[frozenset[str]] = frozenset()
    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"
    metadata_class = None

    @cached_property
    def actor(self) -> Actor:
        """Say who calls."""
        return getattr(self.request, "actor", PUBLIC)

    @cached_property
    def caching(self) -> str:
        """Say how long an answer may be kept: until the minute is over, in which the public is told nothing new."""
        return "private, no-store" if is_known(self.actor) else f"public, max-age={59 - database_now().second}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the clock before any row, and read the body whole before others read parts of it.

        An idempotency key is kept with the body's fingerprint.
        """
        _ = self.caching
        try:
            _ = request._request.body
        except RequestDataTooBig:
            raise Refusal(413, "too_large") from None
        super().initial(request, *args, **kwargs)

    def get_serializer_class(self) -> type[Row]:
        """Give the shape of rows: fuller where there is only one, if there is such a shape."""
        is_one = self.detail or getattr(self, "action", "") == "create"
        return self.detail_class if is_one and self.detail_class else self.serializer_class

    def get_renderers(self) -> builtins.list[Any]:
        """Offer GeoJSON for lists of places."""
        is_map = self.place.point and getattr(self, "action", "") == "list"
        return [renderers.JSONRenderer(), *([GeoJSONRenderer()] if is_map else [])]

    def get_queryset(self) -> QuerySet[Any]:
        """Give the rows that the caller may see."""
        return guarded(self.model, self.actor)

    def list(self, request: Request) -> HttpResponse:
        """List rows, newest first."""
        self._refuse_unknown_parameters()
        rows, order = by_place(self.filter_queryset(self.get_queryset()), request._request, self.place)
        page = page_of(
            self.get_serializer_class().prepared(rows, self.actor),
            request._request,
            self.order if order is NEWEST else order,
        )
        shown = self.shown(page.rows)
        if request.accepted_renderer.format == GeoJSONRenderer.format:
            return self.respond(_feature_collection(shown, page.next, self.place), headers=page.headers, tagged=shown)
        return self.respond({"next": page.next, "results": shown}, headers=page.headers, tagged=shown)

    def retrieve(self, request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the address
        """Give one row, by its id or its reference."""
        return self.respond(self.shown([self.row(id)])[0])

    def row(self, key: str | UUID) -> Any:
        """Load one row through the guard, by id or reference.

        Raises NotFound: for a row that is not there, or not there for this caller.
        """
        row = self.get_serializer_class().prepared(self.get_queryset(), self.actor).filter(self._named(key)).first()
        if row is None:
            raise NotFound
        return row

    def shown(self, rows: Sequence[Any]) -> Shown:
        """Write rows as the caller may see them."""
        context: dict[str, Any] = {"actor": self.actor}
        serializer = self.get_serializer_class()(context=context)
        context["visible"] = visible_related(serializer, rows, self.actor)
        return [serializer.to_representation(row) for row in rows]

    def body(self, body_class: type[Body]) -> dict[str, Any]:
        """Read and check what the caller sent.

        Raises DRF's ValidationError: naming each field that was refused.
        """
        body = body_class(data=self.request.data or {}, context={"actor": self.actor})
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        return values

    def write(self, perform: Callable[[datetime], Answer], *, is_kept: bool = True) -> HttpResponse:
        """Do one thing, once however often it is sent, again after a deadlock, and answer with what came of it.

        An answer that must not be stored is not `is_kept`: the same call is then done anew.
        """
        request = self.request._request
        if not is_known(self.actor):
            raise NotAuthenticated
        key = key_of(request, self.actor, is_required=self.needs_idempotency_key) if is_kept else None
        now = database_now()

        def perform_now() -> Answer:
            return perform(now)

        def attempt() -> Answer:
            if key:
                return answer_once(request, key, perform_now, actor=self.actor, now=now)
            with transaction.atomic():
                return perform_now()

        answer = again_after_deadlock(attempt)
        return self.answered(self._as_seen_now(answer) if answer.is_replayed else answer)

    def _as_seen_now(self, answer: Answer) -> Answer:
        """Tell of a kept answer what its caller may still read.

        Raises NotFound: when he may no longer see the row that it shows.
        """
        if answer.body is None or answer.subject_id is None:
            return answer
        (shown,) = self.shown([self.row(answer.subject_id)])
        is_as_open = shown.get("disclosure") == answer.body.get("disclosure")
        is_told_all = all(shown.get(name) is not None for name, value in answer.body.items() if value is not None)
        return answer if is_as_open and is_told_all else replace(answer, body=shown)

    def answered(self, answer: Answer) -> HttpResponse:
        """Send the answer of a write."""
        headers = {"Location": answer.location} if answer.location else {}
        if answer.is_replayed:
            headers["Idempotent-Replayed"] = "true"
        response = self.respond(answer.body, status=answer.status, headers=headers)
        if answer.status >= 400:
            response["Content-Type"] = MEDIA_TYPE
        return response

    def created(self, row: Model) -> Answer:
        """Answer with a row that came about, read again through the guard; who may only write is told its address."""
        location = self.reverse_action("detail", args=[row.pk])
        return Answer(201, self._as_shown(row), location=location, subject_id=row.pk)

    def changed(self, row: Model) -> Answer:
        """Answer with a row that changed, read again through the guard; with nothing where it is no longer shown."""
        shown = self._as_shown(row)
        return Answer(204, None) if shown is None else Answer(200, shown, subject_id=row.pk)

    def _as_shown(self, row: Model) -> dict[str, Any] | None:
        try:
            return self.shown([self.row(row.pk)])[0]
        except NotFound:
            return None

    def subject(self, key: str) -> Any:
        """Load the row that a verb is about, and stop if it is not as the caller knew it.

        Raises Refusal: 412, when If-Match names another version.
        """
        row = self.row(key)
        if wanted := self.request.headers.get("If-Match"):
            locked(row)
            row = self.row(row.pk)
            if not _matches(wanted, _etag(self._rendered(self.shown([row])[0]))):
                detail = _("The record has changed since you read it; read it again.")
                raise Refusal(412, "changed_in_the_meantime", detail)
        return row

    def respond(
        self, data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None, tagged: Any = None
    ) -> HttpResponse:
        """Send data in the format that was agreed on, with a tag by which the same answer need not be sent twice.

        The tag is that of `tagged`, where data holds what differs each time: a cursor is sealed anew.
        """
        if status == 204:
            return HttpResponse(status=204)
        content = self._rendered(data)
        etag = _etag(content if tagged is None else self._rendered(tagged))
        headers = {**(headers or {}), "Cache-Control": self.caching}
        if status == 200:
            headers["ETag"] = etag
        is_read = self.request.method in ("GET", "HEAD")
        if is_read and _matches(self.request.headers.get("If-None-Match", ""), etag):
            response = HttpResponse(status=304, headers=headers)
        else:
            media_type = self.request.accepted_renderer.media_type
            response = HttpResponse(content, status=status, content_type=media_type, headers=headers)
        patch_vary_headers(response, ["Accept", "Accept-Language", "Authorization", "Cookie"])
        return response

    def _rendered(self, data: Any) -> bytes:
        return cast(bytes, self.request.accepted_renderer.render(data))

    def _named(self, key: str | UUID) -> Q:
        if isinstance(key, UUID):
            return Q(id=key)
        try:
            return Q(id=UUID(key))
        except ValueError:
            has_ref = any(field.name == "ref" for field in self.model._meta.concrete_fields)
            if not has_ref or "\0" in key:
                raise NotFound from None
            return Q(ref=key.upper())

    def _refuse_unknown_parameters(self) -> None:
        known = LIST_PARAMETERS | set(self.filterset_fields) | self.own_parameters | self.place_parameters()
        unknown = sorted(set(self.request.query_params) - known)
        if unknown:
            message = _("This list has no such parameter.")
            raise Refusal(
                400, "invalid", errors=[FieldError(f"?{name}", "unknown_parameter", message) for name in unknown]
            )

    @classmethod
    def place_parameters(cls) -> frozenset[str]:
        """Name the parameters about place and time that this list understands."""
        found = {"updated_since"} if hasattr(cls.model, "updated_at") else set()
        if cls.place.point:
            found |= PLACE_PARAMETERS
        if cls.place.area:
            found.add("area")
        return frozenset(found)


def creation(action: Verb, body: type[Body]) -> Any:
    """Make the `create` of a view: POST to the collection calls this action with the body's fields."""

    @extend_schema(request=body, description=_first_line(action))
    def create(self: GuardedViewSet, request: Request) -> HttpResponse:
        def perform(now: datetime) -> Answer:
            return self.created(action(**self.body(body), actor=self.actor, now=now))

        return self.write(perform)

    return create


def change(action: Verb, *, subject: str, body: type[Body]) -> Any:
    """Make the `partial_update` of a view: PATCH calls this action with the fields that were sent."""

    @extend_schema(request=body, description=_first_line(action))
    def partial_update(self: GuardedViewSet, request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the address
        def perform(now: datetime) -> Answer:
            row = self.subject(id)
            return self.changed(action(**{subject: row}, **self.body(body), actor=self.actor, now=now))

        return self.write(perform)

    return partial_update


def verb(name: str, action: Verb, *, subject: str, body: type[Body] = Nothing, path: str = "") -> Any:
    """Make the method `name` of a view: POST to `{id}/{path}` calls this action and gives the row as it is then."""

    def act(self: GuardedViewSet, request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the address
        def perform(now: datetime) -> Answer:
            row = self.subject(id)
            action(**{subject: row}, **self.body(body), actor=self.actor, now=now)
            return self.changed(row)

        return self.write(perform)

    act.__name__ = name
    routed = route(detail=True, methods=["post"], url_path=path or name.replace("_", "-"))(act)
    return extend_schema(request=None if body is Nothing else body, description=_first_line(action))(routed)


class Router(SimpleRouter):
    """Addresses without a slash at the end."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=False)


def _first_line(action: Verb) -> str:
    return (action.__doc__ or "").strip().partition("\n")[0]


def again_after_deadlock(attempt: Callable[[], Answer]) -> Answer:
    """Make an attempt, and again when the database stopped it for the sake of another; inside a transaction only once.

    Raises OperationalError: when it was stopped TRIES times, or for another reason.
    """
    for _try in range(TRIES - 1):
        try:
            return attempt()
        except OperationalError as error:
            is_outermost = not transaction.get_connection().in_atomic_block
            if not is_outermost or getattr(error.__cause__, "sqlstate", "") not in WORTH_ANOTHER_TRY:
                raise
    return attempt()


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _matches(header: str, etag: str) -> bool:
    return etag in (part.strip() for part in header.split(",")) or header.strip() == "*"


def _feature_collection(shown: Sequence[dict[str, Any]], next_page: str | None, place: Place) -> dict[str, Any]:
    """Make features of rows: at their place where it is disclosed, otherwise on the outline of their cell."""
    features = []
    for row in shown:
        geometry = row.pop(place.point, None) if place.point else None
        if geometry is None and place.cell and row[place.cell]:
            geometry = row[place.cell]["outline"]
        features.append({"type": "Feature", "id": row["id"], "geometry": geometry, "properties": row})
    collection = {"type": "FeatureCollection", "features": features}
    if next_page:
        collection["links"] = [{"rel": "next", "href": next_page, "type": GeoJSONRenderer.media_type}]
    return collection
