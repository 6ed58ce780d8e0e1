"""Import shelters from a partner's file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from aid.actions.change_shelter import ShelterChanges, change_shelter
from aid.actions.open_shelter import open_shelter
from aid.enums import Amenity, ShelterKind, ShelterStatus
from aid.models import Shelter
from coordination.access.importing import OrganisationImport
from coordination.areas.models import Area
from coordination.interop.mapping import folded
from coordination.interop.report import Verdict
from coordination.interop.row_reader import RowReader


class Command(OrganisationImport):
    """Open each row as a shelter, and bring those that the file tells again up to date.

    Where the file does not say that a shelter is open it begins on standby, so that nobody is sent to a locked door.
    Without a place it is kept in its area and not matched. Repeated addresses are kept, with a note: houses have
    more than one cellar.
    """

    help = str(_("Import shelters from GeoJSON, CSV, JSON or XLSX."))
    fields = (
        "name", "kind", "status", "address", "area", "lon", "lat", "total_places", "service_radius_m", "amenities",
        "backup_power_h", "is_step_free", "accepts_pets", "opening_hours", "observed_at", "is_public", "is_exercise",
        "client_ref",
    )  # fmt: skip
    presets = Path(__file__).parents[1] / "presets" / "shelters"

    def prepare(self, options: Mapping[str, Any]) -> None:
        """Look up the shelters that the organisation runs already."""
        super().prepare(options)
        known = Shelter.objects.filter(operator=self.organisation).exclude(client_ref="")
        self._known = {shelter.client_ref: shelter for shelter in known.select_related("area", "places")}
        self._addresses: dict[tuple[Area | None, str], int] = {}

    def import_row(self, reader: RowReader) -> tuple[Verdict, str]:
        """Open a shelter, or change what the file tells otherwise than before."""
        client_ref = reader.source_ref()
        self.refuse_repeated(reader, client_ref)
        told = self._told(reader)
        if client_ref in self._known:
            return self._change(self._known[client_ref], told)
        shelter = open_shelter(
            operator=self.organisation,
            kind=reader.need("kind", reader.choice("kind", ShelterKind.values)),
            status=reader.choice("status", ShelterStatus.values) or ShelterStatus.STANDBY,
            is_exercise=bool(reader.boolean("is_exercise")),
            client_ref=client_ref,
            actor=self.actor,
            now=self.now,
            **told,
        )
        return Verdict.KEPT, shelter.ref

    def _told(self, reader: RowReader) -> ShelterChanges:
        """Give what the row says; what it leaves open is left out."""
        location = reader.point(settings.DEPLOYMENT_BOUNDS)
        area = self.area(reader)
        address = reader.text("address")
        self._note_place(reader, location, area, address)
        told: dict[str, Any] = {
            "name": reader.need("name", reader.text("name") or address),
            "location": location,
            "area": area if location is None else None,
            "address": address,
            "total_places": reader.integer("total_places"),
            "service_radius_m": reader.integer("service_radius_m"),
            "amenities": reader.choices("amenities", Amenity.values),
            "backup_power_h": reader.integer("backup_power_h"),
            "is_step_free": reader.boolean("is_step_free"),
            "accepts_pets": reader.boolean("accepts_pets"),
            "opening_hours": reader.text("opening_hours"),
            "observed_at": reader.moment("observed_at"),
            "is_public": reader.boolean("is_public"),
        }
        return ShelterChanges(**{name: value for name, value in told.items() if value not in (None, "", [])})  # type: ignore[typeddict-item] # the names are those of the literal above

    def _note_place(self, reader: RowReader, location: Point | None, area: Area | None, address: str) -> None:
        if location is None:
            reader.note("location", "unlocated", _("The file does not say where exactly."))
        if address:
            first = self._addresses.setdefault((area, folded(address)), reader.row.number)
            if first != reader.row.number:
                message = _("Row %(number)d has the same address.") % {"number": first}
                reader.note("address", "address_repeated", message)

    def _change(self, shelter: Shelter, told: ShelterChanges) -> tuple[Verdict, str]:
        places = shelter.places
        present = {
            "total_places": places.total if places else None,
            "service_radius_m": places.service_radius_m if places else None,
        }
        changes = ShelterChanges(
            **{  # type: ignore[typeddict-item] # a part of what was given
                name: value for name, value in told.items() if value != present.get(name, getattr(shelter, name, None))
            }
        )
        if not changes:
            return Verdict.UNCHANGED, shelter.ref
        change_shelter(shelter=shelter, actor=self.actor, now=self.now, **changes)
        return Verdict.UPDATED, shelter.ref
