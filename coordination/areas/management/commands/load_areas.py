"""Load administrative areas and their boundaries."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import transaction
from django.utils.translation import gettext as _

from coordination.areas.models import Area
from coordination.geo.outlines import as_multi_polygon
from coordination.interop.importing import ImportCommand
from coordination.interop.report import Verdict
from coordination.interop.row_reader import RowReader, RowRefused

# Boundaries come from offices, not from the field: they may be finer than what is drawn on a phone.
MAX_VERTICES = 20_000


class Command(ImportCommand):
    """Bring areas up to date by their codes, never by their names; what a file does not say stays as it is."""

    help = str(_("Load administrative areas from GeoJSON, CSV, JSON or XLSX."))
    fields = ("pcode", "katottg", "level", "name_uk", "name_en", "parent")
    presets = Path(__file__).parents[1] / "presets"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take also whether what is known already is to be kept."""
        super().add_arguments(parser)
        parser.add_argument("--keep", action="store_true", help=_("fill what is empty and keep what is known already"))

    def prepare(self, options: Mapping[str, Any]) -> None:
        """Look up the areas that are known."""
        self._keep = options["keep"]
        self._known = Area.objects.keyed_by_code()

    def import_row(self, reader: RowReader) -> tuple[Verdict, str]:
        """Make an area, or bring the one with this code up to date."""
        codes = {"pcode": reader.text("pcode"), "katottg": reader.text("katottg")}
        ref = reader.need("katottg", codes["katottg"] or codes["pcode"])
        self.refuse_repeated(reader, ref)
        area = self._area(codes)
        said = {name: value for name, value in (codes | self._told(reader)).items() if value}
        if area is None:
            area = Area(**{"level": None, **said})
            reader.need("name_uk", area.name_uk)
            reader.need("level", area.level)
            self._write(area)
            return Verdict.KEPT, ref
        changed = [name for name, value in said.items() if self._is_news(getattr(area, name), value)]
        for name in changed:
            setattr(area, name, said[name])
        if changed:
            self._write(area, changed)
        return Verdict.UPDATED if changed else Verdict.UNCHANGED, ref

    def _told(self, reader: RowReader) -> dict[str, Any]:
        level = reader.choice("level", [str(value) for value in Area.Level.values])
        return {
            "level": None if level is None else int(level),
            "name_uk": reader.text("name_uk"),
            "name_en": reader.text("name_en"),
            "parent": self._parent(reader),
            "boundary": self._boundary(reader),
        }

    def _area(self, codes: Mapping[str, str]) -> Area | None:
        found = {area.pk: area for code in codes.values() if (area := self._known.get(code))}
        if len(found) > 1:
            raise RowRefused("katottg", "codes_of_two_areas", _("The two codes belong to two different areas."))
        return next(iter(found.values()), None)

    def _parent(self, reader: RowReader) -> Area | None:
        code = reader.text("parent")
        parent = self._known.get(code)
        if code and parent is None:
            reader.note("parent", "parent_unknown", _("No area with the parent's code is known; it is left out."))
        return parent

    def _boundary(self, reader: RowReader) -> MultiPolygon | None:
        if reader.row.geometry is None:
            return None
        outline = reader.geometry(("Polygon", "MultiPolygon"), settings.DEPLOYMENT_BOUNDS, max_vertices=MAX_VERTICES)
        return as_multi_polygon(outline) if isinstance(outline, Polygon | MultiPolygon) else None

    def _is_news(self, known: Any, said: Any) -> bool:
        return known != said and not (self._keep and known not in (None, ""))

    def _write(self, area: Area, changed: list[str] | None = None) -> None:
        area.check_fields()
        with transaction.atomic():
            area.save(update_fields=changed)
        self._known |= {code: area for code in (area.pcode, area.katottg) if code}
