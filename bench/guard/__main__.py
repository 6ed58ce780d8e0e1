"""Print the guard's price as JSON: a list of aid requests with it and without.

Run `./dev bench guard`, or `python -m bench.guard --requests 50000` for another world.
"""

from __future__ import annotations

import argparse
import json
import platform
from functools import partial

import django

django.setup()

from bench.guard.measure import LIMIT, LISTS, ROUNDS, price  # noqa: E402 - models need Django to be set up
from bench.guard.world import World, loaded, member_of  # noqa: E402 - as above

# Who lists, by the number of the organisation to which he belongs.
ACTORS = {
    "everything: a cell": 0,
    "a third: agreements with a third of the organisations": 1,
    "a third: a cell that answers for seven of twenty raions": 3,
    "almost nothing: three old requests, and an agreement for one village": 2,
    "a fiftieth, all of it older than the rest: agreements with ten organisations": 4,
}


def main() -> None:
    """Measure each actor and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--organisations", type=int, default=500)
    asked = parser.parse_args()
    world = World(requests=asked.requests, organisations=asked.organisations)
    with loaded(world):
        runs = {name: price(partial(member_of, number)) for name, number in ACTORS.items()}
    figures = {
        "command": f"python -m bench.guard --requests {world.requests} --organisations {world.organisations}",
        "python": platform.python_version(),
        "django": django.__version__,
        **vars(world),
        "limit": LIMIT,
        "lists_per_round": LISTS,
        "rounds": ROUNDS,
        "runs": runs,
        "worst_ratio": max(run["ratio"] for run in runs.values()),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
