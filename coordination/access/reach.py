"""What an organisation is given by others: areas to answer for, and agreements to see by.

Read for all organisations of an actor at once, as ids that guards write into their statements: an agreement limited
to areas becomes the caseloads in these areas and below them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q
from django.db.models.functions import Now

from coordination.areas.descent import areas_below


@dataclass(frozen=True)
class Share:
    """What one live agreement gives: an organisation's rows, or its caseloads alone, coarsely and by class of data."""

    classes: frozenset[str]
    organisation_ids: tuple[UUID, ...] = ()
    caseload_ids: tuple[UUID, ...] = ()


def areas_of_cells(organisation_ids: Collection[UUID]) -> Mapping[UUID, tuple[UUID, ...]]:
    """Give for each cell among the organisations that answers for areas these and all below them; two statements."""
    answers_for = apps.get_model("access", "Organisation").areas.through._base_manager.filter(
        organisation__in=organisation_ids, organisation__is_cell=True
    )
    roots: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for cell, area in answers_for.values_list("organisation", "area"):
        roots[cell].append(area)
    below = areas_below({area for areas in roots.values() for area in areas})
    return {cell: tuple({each for area in areas for each in below[area]}) for cell, areas in roots.items()}


def live_shares(organisation_ids: Collection[UUID]) -> Mapping[UUID, list[Share]]:
    """Give what each organisation sees by agreements that hold now, with givers that still take part.

    One statement, two more where any agreement is limited to areas.
    """
    agreements = (
        apps.get_model("access", "SharingAgreement")
        ._base_manager.filter(receiver__in=organisation_ids, until__gt=Now(), giver__is_active=True)
        .annotate(area_ids=ArrayAgg("areas", filter=Q(areas__isnull=False), default=[]))
        .order_by()
        .values_list("receiver", "giver", "classes", "area_ids")
    )
    rows = list(agreements)
    caseloads = _caseloads({giver for _, giver, _, areas in rows if areas}, {each for row in rows for each in row[3]})
    shares: defaultdict[UUID, list[Share]] = defaultdict(list)
    for receiver, giver, classes, areas in rows:
        if areas:
            given = tuple({each for area in areas for each in caseloads[giver, area]})
            shares[receiver].append(Share(frozenset(classes), caseload_ids=given))
        else:
            shares[receiver].append(Share(frozenset(classes), organisation_ids=(giver,)))
    return shares


def _caseloads(givers: Collection[UUID], roots: Collection[UUID]) -> Mapping[tuple[UUID, UUID], list[UUID]]:
    """Give the caseloads of each giver in each area or below it."""
    found: defaultdict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    if not givers:
        return found
    below = areas_below(roots)
    within: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for root, areas in below.items():
        for area in areas:
            within[area].append(root)
    known = apps.get_model("access", "Caseload")._base_manager.filter(organisation__in=givers, area__in=list(within))
    for caseload, giver, area in known.values_list("pk", "organisation", "area"):
        for root in within[area]:
            found[giver, root].append(caseload)
    return found
