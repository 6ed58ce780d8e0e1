"""The page of the admin that finds the requests of somebody who calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.find_by_phone import find_by_phone
from aid.models import AidRequest
from coordination.access.actions.record_reading import MAX_PURPOSE
from coordination.records.clock import database_now
from coordination.records.errors import DomainError
from coordination.web.admin.base import GuardedAdmin
from coordination.web.admin.rows import actor_of, guarded_rows

if TYPE_CHECKING:
    _Base = GuardedAdmin
else:
    _Base = object


class PhoneForm(forms.Form):
    """Asks for a number, which is sent in the body and never in an address."""

    phone = forms.CharField(label=_("Phone"), max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    purpose = forms.CharField(label=_("Purpose"), max_length=MAX_PURPOSE)


class FoundByPhone(_Base):
    """Adds the search to the admin of aid requests."""

    change_list_template = "admin/aid/aid_requests.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.phone_view)
        return [path("find-by-phone/", page, name="aid_aidrequest_find_by_phone"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_find = policies.may_find_by_phone(actor_of(request))
        return super().changelist_view(request, {**(extra_context or {}), "may_find_by_phone": may_find})

    def phone_view(self, request: HttpRequest) -> HttpResponse:
        """Show the requests that a number was left with."""
        actor = actor_of(request)
        if not policies.may_find_by_phone(actor):
            raise PermissionDenied
        form = PhoneForm(request.POST or None)
        found = None
        if request.method == "POST" and form.is_valid():
            try:
                refs = find_by_phone(**form.cleaned_data, actor=actor, now=database_now()).refs
                found = guarded_rows(AidRequest, actor).filter(ref__in=refs).order_by("-created_at", "-id")
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                for problem in refusal.problems:
                    form.add_error(problem.field, str(problem.message))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Find by phone"),
            "opts": self.opts,
            "form": form,
            "found": found,
        }
        response = TemplateResponse(request, "admin/aid/find_by_phone.html", context)
        response["Cache-Control"] = "private, no-store"
        return response
