from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.change_aid_request import change_aid_request
from aid.actions.close_aid_request import close_aid_request
from aid.actions.dismiss_possible_duplicate import dismiss_possible_duplicate
from aid.actions.erase_person import erase_person
from aid.actions.file_aid_request import NewContact, NewLine, file_aid_request
from aid.actions.merge_duplicate import merge_duplicate
from aid.actions.read_contact import read_contact
from aid.actions.reject_aid_request import reject_aid_request
from aid.actions.renew_aid_request import renew_aid_request
from aid.actions.submit_aid_request import submit_aid_request
from aid.actions.undo_merge import undo_merge
from aid.actions.verify_aid_request import verify_aid_request
from aid.admin.phone_search import FoundByPhone
from aid.enums import AidRequestStatus, Coverage, DuplicateReason
from aid.models import AidRequest, PossibleDuplicate, RequestLine
from coordination.records.actors import Actor
from coordination.records.clock import database_now
from coordination.records.errors import DomainError
from coordination.web.admin.base import GuardedAdmin, GuardedInline, GuardedRelatedFilter, Verb
from coordination.web.admin.forms import ActionForm, PlaceForm, PlaceVerbForm, ReasonForm, VerbForm
from coordination.web.admin.rows import actor_of, guarded_rows

OPEN = (AidRequestStatus.DRAFT, AidRequestStatus.SUBMITTED, AidRequestStatus.VERIFIED)
CONTACT_FIELDS = ("contact_name", "contact_phone", "contact_address", "contact_notes")


class ContactFields(forms.Form):
    """Asks whom to call; it is sealed as it is saved."""

    contact_name = forms.CharField(label=_("Contact: name"), required=False, max_length=200)
    contact_phone = forms.CharField(label=_("Contact: phone"), required=False, max_length=50)
    contact_address = forms.CharField(label=_("Contact: address"), required=False, max_length=500)
    contact_notes = forms.CharField(label=_("Contact: notes"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class NewAidRequestForm(ContactFields, PlaceForm):
    """Asks what a household needs, where, and whom to call."""


class ContactForm(ContactFields, VerbForm):
    """Asks whom to call from now on."""

    def clean(self) -> dict[str, Any]:
        return {"contact": contact_in(super().clean() or {})}


def contact_in(values: Mapping[str, Any]) -> NewContact:
    """Give the contact that a form was told."""
    return NewContact(**{name.removeprefix("contact_"): values.get(name, "") for name in CONTACT_FIELDS})


def lines_in(told: Iterable[Mapping[str, Any]]) -> list[NewLine]:
    """Give the lines that a form was told."""
    return [NewLine(line["item"], line["quantity"], line.get("conditions") or ()) for line in told]


def may_be_changed(actor: Actor, aid_request: Any) -> bool:
    """Tell whether a request is still open and the actor may change what it says."""
    return aid_request.status in OPEN and policies.may_change_request(actor, aid_request)


class RequestLineInline(GuardedInline):
    """What is asked for, and how far it is served."""

    model = RequestLine
    extra = 3
    can_delete = True

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if obj else self.extra

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["item", "quantity", "conditions"]
        return ["item", "quantity", "conditions", "reserved", "dispatched", "delivered"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if not self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        told, counters = ["item", "quantity", "conditions"], ["reserved", "dispatched", "delivered"]
        return [(None, {"fields": [*told, *self.as_disclosed(counters)]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        counters = ["reserved", "dispatched", "delivered"]
        return [*super().get_readonly_fields(request, obj), "conditions_in_words", *counters] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and may_be_changed(actor_of(request), obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(AidRequest)
class AidRequestAdmin(FoundByPhone, GuardedAdmin):
    """Who needs what, how urgently, and how far it is served."""

    form = NewAidRequestForm
    list_display = ["ref", "urgency", "status", "coverage", "people", "area", "reported_by", "review_at"]
    list_filter = ["status", "urgency", "follow_up", ("incident", GuardedRelatedFilter), "is_exercise"]
    search_fields = ["ref", "client_ref"]
    autocomplete_fields = ["incident", "building"]
    inlines = [RequestLineInline]
    verbs = [
        Verb("submit", _("Submit"), submit_aid_request, "aid_request", policies.may_change_request, OPEN[:1]),
        Verb("verify", _("Verify"), verify_aid_request, "aid_request", policies.may_verify, OPEN[1:2]),
        Verb("renew", _("Still needed"), renew_aid_request, "aid_request", policies.may_change_request, OPEN[1:]),
        Verb(
            "close",
            _("Mark as closed"),
            close_aid_request,
            "aid_request",
            policies.may_change_request,
            OPEN[2:],
            asks_reason=True,
        ),
        Verb(
            "cancel",
            _("Cancel"),
            cancel_aid_request,
            "aid_request",
            policies.may_change_request,
            OPEN,
            needs_reason=True,
        ),
        Verb("erase", _("Erase who they are"), erase_person, "aid_request", policies.may_erase, needs_reason=True),
        Verb(
            "reject", _("Reject"), reject_aid_request, "aid_request", policies.may_verify, OPEN[1:2], needs_reason=True
        ),
        Verb(
            "move", _("Correct the place"), change_aid_request, "aid_request", may_be_changed, OPEN, form=PlaceVerbForm
        ),
        Verb(
            "change-contact",
            _("Change the contact"),
            change_aid_request,
            "aid_request",
            may_be_changed,
            OPEN,
            form=ContactForm,
            explain=lambda _row: _("What you write replaces the whole contact; what stays empty is forgotten."),
        ),
        Verb(
            "undo-merge",
            _("Undo the merge"),
            undo_merge,
            "aid_request",
            policies.may_change_request,
            (AidRequestStatus.DUPLICATE,),
        ),
    ]

    actions = ["merge_duplicates", "dismiss_duplicates"]

    @admin.action(description=_("Merge the selected into the earliest"))
    def merge_duplicates(self, request: HttpRequest, aid_requests: QuerySet[AidRequest]) -> None:
        """Merge requests one by one into the one that was there first, until one is refused."""
        actor, now = actor_of(request), database_now()
        chosen = guarded_rows(AidRequest, actor).filter(pk__in=[aid_request.pk for aid_request in aid_requests])
        original, *others = chosen.order_by("created_at", "id")
        try:
            for aid_request in others:
                merge_duplicate(aid_request=aid_request, original=original, actor=actor, now=now)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Merged into %(ref)s.") % {"ref": original.ref})

    @admin.action(description=_("The selected are not duplicates of each other"))
    def dismiss_duplicates(self, request: HttpRequest, aid_requests: QuerySet[AidRequest]) -> None:
        """Dismiss the warnings about all pairs among the selected."""
        actor, now = actor_of(request), database_now()
        chosen = guarded_rows(AidRequest, actor).in_bulk([aid_request.pk for aid_request in aid_requests])
        pairs = guarded_rows(PossibleDuplicate, actor).undecided()  # type: ignore[attr-defined] # our queryset
        try:
            for pair in pairs.filter(earlier__in=chosen, later__in=chosen).order_by("created_at"):
                earlier, later = chosen[pair.earlier_id], chosen[pair.later_id]
                dismiss_possible_duplicate(aid_request=earlier, other=later, actor=actor, now=now)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("There is no warning about these any more."))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.alike = self._alike(request, row)
        return row

    @admin.display(description=_("possible duplicates"))
    def possible_duplicates(self, row: Any) -> str:
        """Lead to other open requests that may be the same one, and say why."""
        return format_html_join("", '<a href="{}">{}</a> ({})<br>', row.alike) or self.get_empty_value_display()

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        self._warn_of_duplicates(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        self._warn_of_duplicates(request, obj)
        return super().response_change(request, obj)

    def _warn_of_duplicates(self, request: HttpRequest, row: Any) -> None:
        alike = self._alike(request, row)
        if alike:
            links = format_html_join(", ", '<a href="{}">{}</a> ({})', alike)
            messages.warning(request, format_html(gettext("This may be the same as {}."), links))

    def _alike(self, request: HttpRequest, row: Any) -> list[tuple[str, str, str]]:
        """Give address, reference and reasons of each request that may be the same as this, as the reader may see."""
        pairs = guarded_rows(PossibleDuplicate, actor_of(request)).about([row]).undecided()  # type: ignore[attr-defined] # our queryset
        named = pairs.annotate(earlier_ref=F("earlier__ref"), later_ref=F("later__ref")).order_by("created_at", "id")
        return [
            (
                reverse(f"{self.admin_site.name}:aid_aidrequest_change", args=[pk]),
                ref,
                ", ".join(str(DuplicateReason(reason).label) for reason in pair.reasons),
            )
            for pair in named
            for pk, ref in ((pair.earlier_id, pair.earlier_ref), (pair.later_id, pair.later_ref))
            if pk != row.pk
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_coverage()  # type: ignore[attr-defined] # our queryset

    @admin.display(description=_("coverage"))
    def coverage(self, row: Any) -> str | None:
        """Name how far the request is served."""
        return str(Coverage(row.coverage).label) if self.shows(row, "coverage") else None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        people = ["people", "vulnerable_people", "vulnerabilities", "members"]
        if obj is None:
            asked = ["reported_by", "incident", "building", "urgency", "needed_by", "channel", "consent"]
            return [*asked, *people, "lat", "lon", *CONTACT_FIELDS, "client_ref", "is_exercise"]
        state = ["ref", "status", "status_reason", "coverage", "urgency", "needed_by", "review_at", "follow_up"]
        where = ["place", "area", "incident", "building", "reported_by", "channel", "consent", "duplicate_of"]
        where.append("possible_duplicates")
        shown = [*state, *people, *where]
        return [*shown, "whom_to_call"] if policies.may_read_contact(actor_of(request), obj) else shown

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({"form": ActionForm} if change else {}), **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return []
        told = ["ref", "status", "status_reason", "review_at", "follow_up", "area", "reported_by", "duplicate_of"]
        return [*told, "place", "coverage", "possible_duplicates", "whom_to_call"]

    @admin.display(description=_("contact"))
    def whom_to_call(self, row: Any) -> str:
        """Lead to the page that shows the contact and records the reading."""
        address = reverse(f"{self.admin_site.name}:aid_aidrequest_contact", args=[row.pk])
        return format_html('<a class="button" href="{}">{}</a>', address, _("Show, for a purpose"))

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime) -> AidRequest:
        told = {name: value for name, value in values.items() if name not in CONTACT_FIELDS}
        return file_aid_request(**told, lines=lines_in(inlines), contact=contact_in(values), actor=actor, now=now)

    def may_change(self, actor: Actor, row: Any) -> bool:
        return may_be_changed(actor, row)

    def save_related(self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool) -> None:
        """Give the action the lines as they shall be, too, where any was touched."""
        if change and any(formset.has_changed() for formset in formsets):
            told = [line.cleaned_data for formset in formsets for line in formset.forms]
            form.cleaned_data["lines"] = lines_in(line for line in told if line.get("item") and not line.get("DELETE"))
            form.changed_data.append("lines")
        super().save_related(request, form, formsets, change)

    def change_row(self, *, row: Any, values: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        change_aid_request(aid_request=row, **values, actor=actor, now=now)

    # The contact is on no page: it is asked for, with a purpose, and the reading is recorded.

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.contact_view)
        return [path("<path:object_id>/contact/", page, name="aid_aidrequest_contact"), *super().get_urls()]

    def contact_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show whom to call, once a purpose is given."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not policies.may_read_contact(actor_of(request), row):
            raise PermissionDenied
        form = ReasonForm(request.POST or None, row=row)
        form.fields["reason"].label = _("Purpose")
        contact = None
        if request.method == "POST" and form.is_valid():
            purpose = form.cleaned_data["reason"]
            try:
                contact = read_contact(aid_request=row, purpose=purpose, actor=actor_of(request), now=database_now())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Contact"),
            "opts": self.opts,
            "row": row,
            "form": form,
            "contact": contact,
        }
        response = TemplateResponse(request, "admin/aid/contact.html", context)
        response["Cache-Control"] = "private, no-store"
        return response
