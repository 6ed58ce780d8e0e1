"""Say why: facts for each match and each unmet line, and their rendering for a viewer in the viewer's language.

The facts name other resources and are the cell's. What others read is rendered from them and names nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aid.enums import Condition
from aid.matching.candidates import BIT_OF, Candidates
from aid.matching.solve import Plan, Reason
from aid.matching.solve.edges import Edges, feasible_edges, great_circle_m
from aid.matching.solve.problem import Int8, Int64
from coordination.records.visibility import Disclosure

_ALTERNATIVES = 2
_BANDS_M = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 20_100_000)


def distance_band(distance_m: float) -> int:
    """Return the distance rounded up to a band in metres: what the parties to a match may know."""
    return next(band for band in _BANDS_M if distance_m <= band)


def match_facts(candidates: Candidates, plan: Plan) -> list[dict[str, Any]]:
    """Return the facts behind each row of a plan: distance, weight and price, rank and the nearest alternatives.

    The rank counts all resources that could serve the line, the nearest first.
    """
    facts: list[dict[str, Any]] = [{}] * len(plan.line)
    rows_of: dict[int, list[int]] = {}
    for row, line in enumerate(plan.line.tolist()):
        rows_of.setdefault(line, []).append(row)
    for line, ranked, _reason in _ranked_offers(candidates, np.unique(plan.line).astype(np.int64)):
        rows = rows_of[line]
        chosen = {int(plan.offer[row]) for row in rows}
        for row in rows:
            offer = int(plan.offer[row])
            rank = ranked.index(offer)
            distance_m = float(plan.distance_m[row])
            facts[row] = {
                "distance_m": round(distance_m),
                "penalty": round(float(candidates.lines.penalty[line]), 3),
                "effort": round(float(candidates.lines.effort[line]), 6),
                "price": round(float(plan.price[offer]), 3),
                "rank": rank + 1,
                "feasible": len(ranked),
                "alternatives": [
                    {
                        "resource": str(candidates.resource_ids[other]),
                        "why": "also_serves" if other in chosen else "needed_elsewhere" if place < rank else "farther",
                    }
                    for place, other in enumerate(ranked)
                    if other != offer
                ][:_ALTERNATIVES],
            }
    return facts


def unmet_facts(candidates: Candidates, unmet: Int64) -> list[dict[str, Any]]:
    """Return for each line with something unmet, in their order, what binds it and what would help."""
    waiting = np.flatnonzero(unmet)
    facts: dict[int, dict[str, Any]] = {}
    for line, ranked, reason in _ranked_offers(candidates, waiting):
        facts[line] = {
            "reason": Reason(reason).name.lower(),
            "more": int(unmet[line]),
            "within_m": int(candidates.usual_radius_m[line]),
            "feasible": len(ranked),
        }
        if reason == Reason.CONDITION:
            facts[line]["missing"] = _missing_conditions(candidates, line)
    return [facts[line] for line in waiting.tolist()]


def match_sentences(facts: dict[str, Any], *, distance_band_m: int, disclosure: int) -> list[str]:
    """Return why this match, in words: with figures for who sees it exactly, else with nothing about anybody else."""
    if disclosure < Disclosure.EXACT:
        said = [_("At most %(km)s km away.") % {"km": _kilometres(distance_band_m)}]
        if not facts:
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


def _ranked_offers(candidates: Candidates, of_lines: Int64) -> Iterator[tuple[int, list[int], int]]:
    """Yield for each of these lines the offers that could serve it, the nearest first, and what stops it if none."""
    lines, offers = candidates.lines, candidates.offers
    for item in np.unique(lines.item[of_lines]):
        some = of_lines[lines.item[of_lines] == item]
        of_item = np.flatnonzero(offers.item == item)
        edges, reason = feasible_edges(lines, offers, some, of_item, candidates.forbidden)
        yield from zip(some.tolist(), _nearest_first(edges, of_item, len(some)), _plain(reason), strict=True)


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
    distance_m = great_circle_m(lines.lon[here], lines.lat[here], offers.lon, offers.lat)
    least = lines.quantity[line] if lines.whole[line] else 1
    possible = np.flatnonzero(
        (offers.item == lines.item[line]) & (distance_m <= offers.radius_m) & (offers.available >= least)
    )
    lacking = (int(lines.needs[line]) & ~int(has) for has in offers.has[possible])
    fewest = min(lacking, key=lambda mask: (mask.bit_count(), mask))
    return [condition for condition, bit in BIT_OF.items() if fewest & bit]


def _kilometres(distance_m: float) -> str:
    return number_format(distance_m / 1000, decimal_pos=0 if distance_m >= 10_000 else 1)


def _figure(value: float) -> str:
    return number_format(value, decimal_pos=0 if value >= 100 else 1, force_grouping=True)
