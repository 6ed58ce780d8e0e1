"""Imports in the name of an organisation."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.interop.importing import ImportCommand
from coordination.interop.row_reader import RowReader
from coordination.records.clock import database_now


class OrganisationImport(ImportCommand):
    """Write rows as the system, on behalf of the organisation that they come from."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take also the organisation."""
        super().add_arguments(parser)
        parser.add_argument(
            "--organisation", required=True, help=_("the name of the organisation that the rows are of")
        )

    def prepare(self, options: Mapping[str, Any]) -> None:
        """Look up the organisation, the areas and the time."""
        organisation = Organisation.objects.filter(name=options["organisation"], is_active=True).first()
        if organisation is None:
            raise CommandError(_("There is no active organisation of this name."))
        self.organisation = organisation
        self.actor = Actor(is_system=True, acts_for_id=organisation.pk)
        self.now = database_now()
        self._areas = Area.objects.keyed_by_code()

    def area(self, reader: RowReader) -> Area | None:
        """Give the first area that is known by a code that the row says in the field `area`; a note when none is."""
        codes = reader.texts("area")
        found = next((self._areas[code] for code in codes if code in self._areas), None)
        if codes and found is None:
            reader.note("area", "area_unknown", _("No area with this code is known; it is left out."))
        return found

    def areas(self, reader: RowReader) -> list[Area]:
        """Give all areas whose codes the row says in the field `areas`; a note when one is not known."""
        codes = reader.texts("areas")
        if any(code not in self._areas for code in codes):
            reader.note("areas", "area_unknown", _("No area with this code is known; it is left out."))
        return [self._areas[code] for code in codes if code in self._areas]
