"""Say why: facts for each match and each unmet line, and their rendering for a viewer in the viewer's language.

The facts name other resources and are the cell's. What others read is rendered from them and names nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aid.enums import Condition
from aid.matching.candidates import BIT_OF, Candidates
from aid.matching.solve import Plan, Reason
from aid.matching.solve.edges import Edges, feasible_edges
from aid.matching.solve.edges import great_circle_m as great_circles_m
from aid.matching.solve.problem import Int8, Int64
from coordination.geo.cells import cell_centre
from coordination.geo.distance import great_circle_m
from coordination.records.visibility import Disclosure

SUGGESTIONS = 20
_ALTERNATIVES = 2
_BANDS_M = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 20_100_000)


@dataclass(frozen=True)
class Suggestion:
    """Hold one resource that could serve a line now."""

    line_id: UUID
    resource_id: UUID
    rank: int
    free: int
    is_enough: bool
    distance_m: float
    distance_band_m: int


def suggestions(candidates: Candidates) -> list[Suggestion]:
    """Return for each line, by its id, the resources that could serve it, the nearest first, at most 20."""
    lines, offers = candidates.lines, candidates.offers
    found = []
    for line, ranked, _reason in ranked_offers(candidates, np.arange(len(candidates.line_ids))):
        for rank, offer in enumerate(ranked[:SUGGESTIONS], start=1):
            free = int(offers.available[offer])
            found.append(
                Suggestion(
                    line_id=candidates.line_ids[line],
                    resource_id=candidates.resource_ids[offer],
                    rank=rank,
                    free=free,
                    is_enough=free >= lines.quantity[line],
                    distance_m=distance_m(candidates, line, offer),
                    distance_band_m=distance_band_m(candidates, line, offer),
                )
            )
    return sorted(found, key=lambda suggestion: (suggestion.line_id, suggestion.rank))


def distance_m(candidates: Candidates, line: int, offer: int) -> float:
    """Return the distance between the line and the offer."""
    lines, offers = candidates.lines, candidates.offers
    return great_circle_m(
        float(lines.lon[line]), float(lines.lat[line]), float(offers.lon[offer]), float(offers.lat[offer])
    )


def distance_band_m(candidates: Candidates, line: int, offer: int) -> int:
    """Return the distance between the line's cell and the offer, in bands: it gives neither place away."""
    lon, lat = cell_centre(candidates.cells[line])
    return distance_band(
        great_circle_m(lon, lat, float(candidates.offers.lon[offer]), float(candidates.offers.lat[offer]))
    )


def distance_band(metres: float) -> int:
    """Return the distance rounded up to a band in metres: what the parties to a match may know."""
    return next(band for band in _BANDS_M if metres <= band)


def ranked_offers(candidates: Candidates, of_lines: Int64) -> Iterator[tuple[int, list[int], int]]:
    """Yield for each of these lines the offers that could serve it, the nearest first, and what stops it if none."""
    lines, offers = candidates.lines, candidates.offers
    for item in np.unique(lines.item[of_lines]):
        some = of_lines[lines.item[of_lines] == item]
        of_item = np.flatnonzero(offers.item == item)
        edges, reason = feasible_edges(lines, offers, some, of_item, candidates.forbidden)
        yield from zip(some.tolist(), _nearest_first(edges, of_item, len(some)), _plain(reason), strict=True)


def match_facts(candidates: Candidates, plan: Plan) -> list[dict[str, Any]]:
    """Return the facts behind each row of a plan: distance, weight and price, rank and the nearest alternatives.

    The rank counts all resources that could serve the line, the nearest first.
    """
    facts: list[dict[str, Any]] = [{}] * len(plan.line)
    rows_of: dict[int, list[int]] = {}
    for row, line in enumerate(plan.line.tolist()):
        rows_of.setdefault(line, []).append(row)
    for line, ranked, _reason in ranked_offers(candidates, np.unique(plan.line).astype(np.int64)):
        rows = rows_of[line]
        chosen = {int(plan.offer[row]) for row in rows}
        for row in rows:
            offer = int(plan.offer[row])
            rank = ranked.index(offer)
            facts[row] = {
                "distance_m": round(float(plan.distance_m[row])),
                "penalty": round(float(candidates.lines.penalty[line]), 3),
                "effort": round(float(candidates.lines.effort[line]), 6),
                "price": round(float(plan.price[offer]), 3),
                "rank": rank + 1,
                "feasible": len(ranked),
                "is_coarse": bool(candidates.offers.coarse[offer]),
                "alternatives": [
                    {
                        "resource": str(candidates.resource_ids[other]),
                        "why": "also_serves" if other in chosen else "needed_elsewhere" if place < rank else "farther",
                    }
                    for place, other in enumerate(ranked[: _ALTERNATIVES + 1])
                    if other != offer
                ][:_ALTERNATIVES],
            }
    return facts


def unmet_facts(candidates: Candidates, unmet: Int64) -> list[dict[str, Any]]:
    """Return for each line with something unmet, in their order, what binds it and what would help."""
    waiting = np.flatnonzero(unmet)
    facts: dict[int, dict[str, Any]] = {}
    for line, ranked, reason in ranked_offers(candidates, waiting):
        facts[line] = {
            "reason": Reason(reason).name.lower(),
            "more": int(unmet[line]),
            "within_m": int(candidates.usual_radius_m[line]),
            "feasible": len(ranked),
        }
        if reason == Reason.CONDITION:
            facts[line]["missing"] = _missing_conditions(candidates, line)
    return [facts[line] for line in waiting.tolist()]


def match_sentences(facts: dict[str, Any], *, band_m: int, disclosure: int) -> list[str]:
    """Return why this match, in words: with figures for who sees it exactly, else with nothing about anybody else."""
    if disclosure < Disclosure.EXACT:
        said = [_("At most %(km)s km away.") % {"km": _kilometres(band_m)}]
        # That it is nearer than another tells of a home what the distance from its cell does not.
        if not facts or facts.get("is_coarse"):
            return said
        nearest = facts["rank"] == 1
        said.append(
            _("It is the nearest that can serve this need.")
            if nearest
            else _("Another offer is nearer, but it is needed more elsewhere or serves this need too.")
        )
        return said
    if not facts:
        return [_("Chosen by hand.")]
    said = [
        _("%(km)s km away.") % {"km": _kilometres(facts["distance_m"])},
        ngettext(
            "Number %(rank)s by distance of %(feasible)s resource that can serve this need.",
            "Number %(rank)s by distance of %(feasible)s resources that can serve this need.",
            facts["feasible"],
        )
        % {"rank": facts["rank"], "feasible": facts["feasible"]},
        _("A unit here is worth as much as %(penalty)s km; its price at this resource is %(price)s km.")
        % {"penalty": _figure(facts["penalty"]), "price": _figure(facts["price"])},
    ]
    reasons_why = {
        "also_serves": _("Alternative %(number)s serves this need too."),
        "needed_elsewhere": _("Alternative %(number)s is nearer, but is needed more elsewhere."),
        "farther": _("Alternative %(number)s is farther away."),
    }
    for number, alternative in enumerate(facts["alternatives"], start=1):
        said.append(reasons_why[alternative["why"]] % {"number": number})
    return said


def unmet_sentences(facts: dict[str, Any]) -> list[str]:
    """Return what keeps a line waiting and what would help, in words that tell nothing about anybody else."""
    km = _kilometres(facts["within_m"])
    because = {
        "none_nearby": _("Nobody offers this near enough."),
        "out_of_stock": _("Those who offer this nearby have too little left."),
        "condition": _("No resource nearby has what is needed: %(conditions)s.")
        % {"conditions": ", ".join(str(Condition(code).label) for code in facts.get("missing", ()))},
        "expires": _("What is nearby does not last until it is needed."),
        "outbid": _("What is nearby is needed more elsewhere."),
    }[facts["reason"]]
    help_wanted = ngettext(
        "%(more)s more unit within %(km)s km would help.",
        "%(more)s more units within %(km)s km would help.",
        facts["more"],
    )
    return [because, help_wanted % {"more": number_format(facts["more"], force_grouping=True), "km": km}]


def suggestion_sentences(suggestion: Suggestion, *, disclosure: int) -> list[str]:
    """Return why this resource could serve a line, in words; who may not see the resource reads a band, no figures."""
    if disclosure < Disclosure.EXACT:
        said = [_("At most %(km)s km away.") % {"km": _kilometres(suggestion.distance_band_m)}]
    else:
        said = [
            _("%(km)s km away.") % {"km": _kilometres(suggestion.distance_m)},
            ngettext("%(free)s unit is free.", "%(free)s units are free.", suggestion.free)
            % {"free": number_format(suggestion.free, force_grouping=True)},
        ]
    said.append(_("It has enough for all of it.") if suggestion.is_enough else _("It has enough for a part of it."))
    return said


def _nearest_first(edges: Edges, of_item: Int64, lines: int) -> Iterator[list[int]]:
    order = np.lexsort((edges.offer, edges.distance_m, edges.line))
    offer = of_item[edges.offer[order]]
    ends = np.searchsorted(edges.line, np.arange(lines + 1)).tolist()
    for start, end in pairwise(ends):
        yield offer[start:end].tolist()


def _plain(reason: Int8) -> Sequence[int]:
    return [int(value) for value in reason]


def _missing_conditions(candidates: Candidates, line: int) -> list[str]:
    """Return what the resource that comes closest lacks, among those near enough and in stock."""
    lines, offers = candidates.lines, candidates.offers
    here = np.full(len(offers.item), line)
    distances_m = great_circles_m(lines.lon[here], lines.lat[here], offers.lon, offers.lat)
    least = lines.quantity[line] if lines.whole[line] else 1
    possible = np.flatnonzero(
        (offers.item == lines.item[line]) & (distances_m <= offers.radius_m) & (offers.available >= least)
    )
    lacking = (int(lines.needs[line]) & ~int(has) for has in offers.has[possible])
    fewest = min(lacking, key=lambda mask: (mask.bit_count(), mask))
    return [condition for condition, bit in BIT_OF.items() if fewest & bit]


def _kilometres(metres: float) -> str:
    return number_format(metres / 1000, decimal_pos=0 if metres >= 10_000 or metres % 1_000 == 0 else 1)


def _figure(value: float) -> str:
    return number_format(value, decimal_pos=0 if value >= 100 else 1, force_grouping=True)
