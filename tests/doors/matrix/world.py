"""One world in which every row has a name that says why somebody sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from coordination.access.models import Organisation
from coordination.records.clock import database_now
from tests.doors.matrix.aid_rows import brought, needed, noticed
from tests.doors.matrix.incident_rows import Rows, happened
from tests.doors.matrix.keeping_rows import kept
from tests.doors.matrix.parties import Party, agree, organisations, parties
from tests.factories.places import darnytskyi, kyiv


@dataclass(frozen=True)
class World:
    """The rows by the label of their model and by name, and those who ask for them."""

    now: datetime
    organisations: dict[str, Organisation]
    parties: dict[str, Party]
    rows: Rows

    def name_of(self, label: str, key: Any) -> str:
        """Name a row by its id; a row that nobody named goes by its id."""
        return next((name for name, row in self.rows[label].items() if str(row.pk) == str(key)), str(key))


def build() -> World:
    """Make the world, with every row as it is stored."""
    now = database_now()
    city = kyiv()
    district = darnytskyi(city)
    of = organisations()
    of["district"].areas.add(district)
    agreements = agree(of, district, now)
    callers = parties(of)
    rows = happened(of, now)
    rows |= needed(of, rows, now)
    rows |= brought(of, rows, now)
    rows |= noticed(of, rows["aid.AidRequest"], city, now)
    rows |= kept(of, now)
    rows["access.SharingAgreement"] = agreements
    rows["access.Organisation"] = of
    rows["areas.Area"] = {"city": city, "district": district}
    for label, named in rows.items():
        manager = apps.get_model(label)._base_manager
        rows[label] = {name: manager.get(pk=row.pk) for name, row in named.items()}
    return World(now, of, callers, rows)
