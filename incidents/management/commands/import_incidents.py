"""Import incidents from a partner's file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.utils.translation import gettext as _

from coordination.access.importing import OrganisationImport
from coordination.interop.report import Verdict
from coordination.interop.row_reader import RowReader
from incidents.actions.report_incident import report_incident
from incidents.enums import Certainty, Hazard, Severity, Urgency
from incidents.models import Incident


class Command(OrganisationImport):
    """Report each row as an incident, once; what was reported is corrected by people, never by a later file."""

    help = str(_("Import incidents from GeoJSON, CSV, JSON or XLSX."))
    fields = (
        "title", "description", "hazard", "severity", "urgency", "certainty", "occurred_at",
        "lon", "lat", "area", "areas", "is_exercise", "client_ref",
    )  # fmt: skip
    presets = Path(__file__).parents[1] / "presets"

    def prepare(self, options: Mapping[str, Any]) -> None:
        """Look up what the organisation has reported already."""
        super().prepare(options)
        reported = Incident.objects.filter(reported_by=self.organisation).exclude(client_ref="")
        self._reported = dict(reported.values_list("client_ref", "ref"))

    def import_row(self, reader: RowReader) -> tuple[Verdict, str]:
        """Report an incident unless it was reported before."""
        client_ref = reader.source_ref()
        self.refuse_repeated(reader, client_ref)
        if client_ref in self._reported:
            return Verdict.UNCHANGED, self._reported[client_ref]
        place = self._place(reader)
        areas = [area] if (area := self.area(reader)) else self.areas(reader)
        if place is None:
            reader.note("location", "unlocated", _("The file does not say where exactly."))
        incident = report_incident(
            reported_by=self.organisation,
            actor=self.actor,
            now=self.now,
            title=reader.need("title", reader.text("title")),
            description=reader.text("description"),
            hazard=reader.need("hazard", reader.choice("hazard", Hazard.values)),
            occurred_at=reader.need("occurred_at", reader.moment("occurred_at")),
            severity=reader.choice("severity", Severity.values) or Severity.UNKNOWN,
            urgency=reader.choice("urgency", Urgency.values) or Urgency.UNKNOWN,
            certainty=reader.choice("certainty", Certainty.values) or Certainty.UNKNOWN,
            location=place if isinstance(place, Point) else None,
            footprint=place if isinstance(place, Polygon | MultiPolygon) else None,
            areas=areas,
            is_exercise=bool(reader.boolean("is_exercise")),
            client_ref=client_ref,
        )
        return Verdict.KEPT, incident.ref

    def _place(self, reader: RowReader) -> GEOSGeometry | None:
        geometry = reader.row.geometry
        if isinstance(geometry, dict) and geometry.get("type") in {"Polygon", "MultiPolygon"}:
            return reader.geometry(("Polygon", "MultiPolygon"), settings.DEPLOYMENT_BOUNDS)
        return reader.point(settings.DEPLOYMENT_BOUNDS)
