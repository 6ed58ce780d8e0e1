"""Forms that ask, and leave judgement to the actions."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coordination.geo.gate import GeometryError, parse_point
from coordination.records.errors import DomainError


class VerbForm(forms.Form):
    """Asks what a verb about a row wants to know; nothing but whether it is meant, unless it has fields."""

    def __init__(self, data: Any = None, *, row: Any) -> None:
        super().__init__(data)
        self.row = row


class ReasonForm(VerbForm):
    """Asks why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ActionForm(forms.ModelForm):
    """A form that leaves judgement to the action and shows its refusal beside the field it names."""

    refusal: ClassVar[DomainError | None] = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.refusal is not None:
            for problem in self.refusal.problems:
                self.add_error(problem.field if problem.field in self.fields else None, str(problem.message))
            if not self.refusal.problems:
                field = self.refusal.field
                self.add_error(field if field in self.fields else None, str(self.refusal))
        return cleaned

    def _post_clean(self) -> None:
        """Leave the model's own checks to the action: Django's would ask the unguarded manager what exists."""


def _degrees() -> forms.NumberInput:
    return forms.NumberInput(attrs={"step": "any"})


class PlaceFields(forms.Form):
    """Asks for a place by two numbers, as maps and phones show them."""

    is_place_required: ClassVar[bool] = True

    lat = forms.FloatField(label=gettext_lazy("Latitude"), required=False, widget=_degrees())
    lon = forms.FloatField(label=gettext_lazy("Longitude"), required=False, widget=_degrees())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lat, lon = cleaned.pop("lat", None), cleaned.pop("lon", None)
        cleaned["location"] = None
        if lat is not None and lon is not None:
            try:
                cleaned["location"] = parse_point(lon, lat, bounds=settings.DEPLOYMENT_BOUNDS)
            except GeometryError as refusal:
                self.add_error("lat", str(refusal.message))
        elif (self.is_place_required or lat is not None or lon is not None) and not self.errors.keys() & {"lat", "lon"}:
            self.add_error("lat", _("Give both latitude and longitude."))
        return cleaned


class PlaceForm(PlaceFields, ActionForm):
    """Asks for a row and its place."""


class PlaceVerbForm(PlaceFields, VerbForm):
    """Asks for another place."""
