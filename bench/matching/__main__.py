"""Print the solver's figures beside its peers as JSON.

Run `./dev bench matching`, or `python -m bench.matching 20000x1000 5000x500:whole --items 4` for other sizes.
"""

import argparse
import json
import platform
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context

from bench.matching.generate import City
from bench.matching.measure import measure

SIZES = ["1000x200", "10000x1000", "10000x1000:whole"]


def city_of(text: str, items: int, seed: int) -> City:
    """Return the city that `LINESxOFFERS` or `LINESxOFFERS:whole` describes."""
    size, _, kind = text.partition(":")
    lines, offers = map(int, size.split("x"))
    return City(lines=lines, offers=offers, items=items, are_whole=kind == "whole", seed=seed)


def main() -> None:
    """Measure the sizes asked for and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", metavar="LINESxOFFERS[:whole]", default=SIZES)
    parser.add_argument("--items", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    figures = []
    # Each size in a process of its own, so that its peak of memory is its own.
    for size in asked.sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            figures.append(alone.submit(measure, city_of(size, asked.items, asked.seed)).result())
    command = f"python -m bench.matching {' '.join(asked.sizes)} --items {asked.items} --seed {asked.seed}"
    versions = {package: version(package) for package in ("ortools", "scipy", "numpy")}
    print(json.dumps({"command": command, "python": platform.python_version(), **versions, "runs": figures}, indent=2))


if __name__ == "__main__":
    main()
