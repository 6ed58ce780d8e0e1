"""The base of every admin page: rows through the guard, changes through actions, nothing deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coordination.access.actors import Actor
from coordination.access.policies import MANAGE, may_manage_everybody
from coordination.records.clock import database_now
from coordination.records.errors import DomainError, type_of_text
from coordination.web.admin.disclosed import AsDisclosed
from coordination.web.admin.forms import ActionForm, ReasonForm, VerbForm
from coordination.web.admin.history import steps_of
from coordination.web.admin.rows import actor_of, guarded_prefetches, guarded_rows


@dataclass(frozen=True)
class Verb:
    """One action as a button on a row's page: shown to whom the policy allows, in the states where it may start.

    `when` asks more of the row than its status; `explain` says beside the button what will come of it, where a
    volunteer ought to know before. `form` asks for what else the action takes; `answer` shows what it gave.
    """

    name: str
    label: type_of_text
    action: Callable[..., Any]
    subject: str
    may: Callable[[Actor, Any], bool]
    states: Sequence[str] = ()
    asks_reason: bool = False
    needs_reason: bool = False
    when: Callable[[Any], bool] | None = None
    explain: Callable[[Any], type_of_text] | None = None
    form: type[VerbForm] | None = None
    answer: Callable[[Any, HttpRequest, Any], HttpResponse] | None = None

    @property
    def asks(self) -> bool:
        """Tell whether a page asks something before the verb is done."""
        return self.asks_reason or self.needs_reason or self.form is not None

    def asked(self, data: Any, row: Any) -> VerbForm:
        """Make the form that asks it."""
        form = (self.form or ReasonForm)(data, row=row)
        if isinstance(form, ReasonForm):
            form.fields["reason"].required = self.needs_reason
        return form

    def is_offered(self, actor: Actor, row: Any) -> bool:
        """Tell whether the button is shown for this row."""
        is_possible = (not self.states or row.status in self.states) and (self.when is None or self.when(row))
        return is_possible and self.may(actor, row)


class GuardedAdmin(AsDisclosed, admin.ModelAdmin):
    """Rows the actor may see, fields the disclosure allows, changes by actions only."""

    form = ActionForm
    list_select_related: ClassVar[Any] = ()
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/guarded_change_form.html"
    verbs: ClassVar[Sequence[Verb]] = ()
    owner_fields: ClassVar[Sequence[str]] = ("reported_by", "provider", "operator")
    managed_fields: ClassVar[Sequence[str]] = ()

    def may_view(self, actor: Actor) -> bool:
        """Tell whether the page is any use to the actor; which rows it shows is the guard's business."""
        return True

    def may_add(self, actor: Actor) -> bool:
        """Tell whether the actor may add a row here; no, unless a page says so."""
        return False

    def may_change(self, actor: Actor, row: Any) -> bool:
        """Tell whether the actor may change this row by its form; no, unless a page says so."""
        return False

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        """Call the action that makes a row from the form's values."""
        raise PermissionDenied

    def change_row(self, *, row: Any, values: Mapping[str, Any], actor: Actor, now: Any) -> None:
        """Call the action that changes a row, with the values that the form changed."""
        raise PermissionDenied

    # Rows and choices through the guard

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = guarded_rows(self.model, actor_of(request))
        shown = guarded_prefetches(self.model, actor_of(request), only=[str(name) for name in self.list_display])
        ordering = self.get_ordering(request)
        rows = rows.prefetch_related(*shown)
        return rows.order_by(*ordering) if ordering else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            prefetch_related_objects([row], *guarded_prefetches(self.model, actor_of(request)))
        return row

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        return guarded_rows(db_field.related_model, actor_of(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField:
        actor = actor_of(request)
        choices = guarded_rows(db_field.related_model, actor)
        if db_field.name in self.owner_fields:
            # Spoken for by the actor's own organisations only, unless the actor is the cell.
            choices = choices if actor.is_cell else choices.filter(pk__in=actor.organisation_ids)
            kwargs["initial"] = actor.acts_for_id
        if db_field.name in self.managed_fields and not may_manage_everybody(actor):
            managed = actor.narrowed_to(MANAGE).organisation_ids
            choices = choices.filter(Q(pk__in=managed) | Q(sandbox_of__in=managed))
        kwargs["queryset"] = choices
        return cast(ModelChoiceField, super().formfield_for_foreignkey(db_field, request, **kwargs))

    # Permissions by policy

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request) and self.may_view(actor_of(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add(actor_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self.may_change(actor_of(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Fields by disclosure

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        is_changed = self.has_change_permission(request, obj)
        return [
            (title, {**options, "fields": [name if is_changed else self.in_words(name) for name in shown]})
            for title, options in fieldsets
            if (shown := [name for name in options["fields"] if self.shows(obj, name)])
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.as_disclosed(self.list_display)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Offer only what tells nothing about hidden fields: filtering is a way of reading."""
        if actor_of(request).sees_everywhere:
            return self.list_filter
        filters: Sequence[Any] = self.list_filter
        return [each for each in filters if self.is_open(_name_of(each))]

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Search only what tells nothing about hidden fields: searching is a way of reading."""
        fields = super().get_search_fields(request)
        return fields if actor_of(request).sees_everywhere else [name for name in fields if self.is_open(name)]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Answer only what a filter offers: Django itself lets any column of a row be asked about."""
        name, _separator, comparison = lookup.partition("__")
        if name not in map(_name_of, self.get_list_filter(request)):
            return False
        is_relation = self.opts.get_field(name).is_relation
        # Whether a row has any related one tells of those that are hidden.
        can_be_empty = not is_relation or actor_of(request).sees_everywhere
        return comparison == ("id__exact" if is_relation else "exact") or (comparison == "isnull" and can_be_empty)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Let rows be named by their id alone."""
        return to_field == self.opts.pk.name

    @admin.display(description=gettext_lazy("place"))
    def place(self, row: Any) -> str:
        """Show latitude and longitude as maps print them, or the coarse cell."""
        if row.location is not None and self.shows(row, "location"):
            return f"{row.location.y:.5f}, {row.location.x:.5f}"
        return getattr(row, "public_cell", "") or self.get_empty_value_display()

    # Saving calls an action

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {}), "verbs": self._offered(request, object_id)}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except DomainError as refusal:
            # Shown by the same form with everything that was typed still in it.
            request.refusal = refusal  # type: ignore[attr-defined] # read by get_form
            return super().changeform_view(request, object_id, form_url, context)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write nothing: the action in `save_related` does, when the inlines are known too."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool) -> None:
        actor, now = actor_of(request), database_now()
        if change:
            values = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
            self.change_row(row=form.instance, values=values, actor=actor, now=now)
            return
        rows = [
            line.cleaned_data
            for formset in formsets
            for line in formset.forms
            if line.has_changed() and not line.cleaned_data.get("DELETE")
        ]
        # What was left empty keeps the action's own default.
        values = {name: value for name, value in form.cleaned_data.items() if value is not None}
        created = self.add_row(values=values, inlines=rows, actor=actor, now=now)
        form.instance.__dict__.update(created.__dict__)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Name the row only: the action wrote the inlines, and the history tells the rest."""
        return super().construct_change_message(request, form, [], add)

    # Verbs as buttons

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_verb"
        page = self.admin_site.admin_view(self.verb_view)
        return [path("<path:object_id>/do/<slug:verb_name>/", page, name=name), *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show what the database remembers of a row, instead of what was done in these pages only."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not hasattr(row, "history"):
            return super().history_view(request, object_id, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "opts": self.opts,
            "row": row,
            "steps": steps_of(row, actor_of(request)),
        }
        return TemplateResponse(request, "admin/guarded_history.html", context)

    def verb_view(self, request: HttpRequest, object_id: str, verb_name: str) -> HttpResponse:
        """Do a verb, asking for a reason first where it needs one."""
        row = self._subject(request, object_id)
        verb = next((each for each in self.verbs if each.name == verb_name), None)
        if row is None or verb is None:
            raise Http404
        if not verb.may(actor_of(request), row):
            raise PermissionDenied
        form = verb.asked(request.POST if request.method == "POST" else None, row)
        if request.method == "POST" and (not verb.asks or form.is_valid()):
            return self._perform(request, verb, row, form.cleaned_data if verb.asks else {})
        context = {
            **self.admin_site.each_context(request),
            "title": verb.label,
            "form": form,
            "row": row,
            "verb": verb,
            "explanation": verb.explain(row) if verb.explain else "",
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/verb.html", context)

    def _perform(self, request: HttpRequest, verb: Verb, row: Any, values: dict[str, Any]) -> HttpResponse:
        try:
            done = verb.action(**{verb.subject: row}, **values, actor=actor_of(request), now=database_now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            if verb.answer:
                return verb.answer(self, request, done)
            messages.success(request, _("Done: %(verb)s.") % {"verb": verb.label})
        still_visible = self.get_queryset(request).filter(pk=row.pk).exists()
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        return HttpResponseRedirect(
            reverse(f"{name}_change", args=[row.pk]) if still_visible else reverse(f"{name}_changelist")
        )

    def _subject(self, request: HttpRequest, object_id: str) -> Any:
        """Load a row as policies and actions want it: with relations as they are, not as they are shown."""
        try:
            return guarded_rows(self.model, actor_of(request)).filter(pk=unquote(object_id)).first()
        except ValidationError:
            return None

    def _offered(self, request: HttpRequest, object_id: str | None) -> list[tuple[Verb, type_of_text]]:
        """Give the buttons of a row, each with what is said beside it."""
        row = self._subject(request, object_id) if object_id and self.verbs else None
        offered = [verb for verb in self.verbs if row is not None and verb.is_offered(actor_of(request), row)]
        return [(verb, verb.explain(row) if verb.explain else "") for verb in offered]


class GuardedInline(AsDisclosed, admin.TabularInline):
    """Lines of a row: typed in when the row is made, shown through the guard afterwards."""

    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return guarded_rows(self.model, actor_of(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField:
        kwargs["queryset"] = guarded_rows(db_field.related_model, actor_of(request))
        return cast(ModelChoiceField, super().formfield_for_foreignkey(db_field, request, **kwargs))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        return [(title, {**options, "fields": self.as_disclosed(options["fields"])}) for title, options in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = [field.name for field in self.hidden_fields]
        return [*super().get_readonly_fields(request, obj), *(self.as_disclosed(hidden) if obj else [])]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class GuardedRelatedFilter(admin.RelatedFieldListFilter):
    """A list filter that offers only what the actor may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin) -> Any:
        actor = actor_of(request)
        self.may_ask_for_none = actor.sees_everywhere
        return [(str(row.pk), str(row)) for row in guarded_rows(field.related_model, actor)[:200]]

    @property
    def include_empty_choice(self) -> bool:
        return self.may_ask_for_none and super().include_empty_choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = cast("QuerySet[Any]", super().queryset(request, queryset))
        if self.lookup_kwarg not in self.used_parameters:
            return found
        return found.filter(**{f"{self.field_path}__in": guarded_rows(self.field.related_model, actor_of(request))})


def _name_of(list_filter: Any) -> str:
    return cast(str, list_filter if isinstance(list_filter, str) else list_filter[0])
