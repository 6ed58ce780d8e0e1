"""Print the solver's figures beside its peers as JSON.

Run `./dev bench matching` for what takes some minutes, or name sizes: `LINESxOFFERS`, then any of `:country`, `:crowd`,
`:whole`, `:1item`. The largest: `python -m bench.matching 1000000x20000 --processes 2 --peers`.
"""

import argparse
import json
import platform
import sys
from importlib.metadata import version

from bench.matching.generate import KINDS, Place
from bench.matching.measure import measure
from bench.matching.peers import PEERS

SIZES = [
    "1000x200",
    "10000x5000",
    "10000x5000:country",
    "10000x1000:whole",
    "10000x1000:whole:country",
    "100000x5000",
    "100000x5000:country",
    "10000x5000:crowd:1item",
]


def place_of(text: str, items: int, seed: int) -> Place:
    """Return the place that a size and its kinds describe.

    Raises ValueError: when a word is none of the known ones.
    """
    size, *words = text.split(":")
    lines, offers = map(int, size.split("x"))
    if unknown := set(words) - {*KINDS, "whole", "1item"}:
        raise ValueError(f"{text}: {', '.join(sorted(unknown))} is unknown")
    kind = next((word for word in words if word in KINDS), "city")
    return Place(lines, offers, 1 if "1item" in words else items, kind=kind, are_whole="whole" in words, seed=seed)


def main() -> None:
    """Measure the sizes asked for and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", metavar="LINESxOFFERS[:kind]", default=SIZES)
    parser.add_argument("--items", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    asked = parser.parse_args()
    options = f"--items {asked.items} --seed {asked.seed} --processes {asked.processes} --peers {' '.join(asked.peers)}"
    runs = []
    for size in asked.sizes:
        print(size, file=sys.stderr, flush=True)
        runs.append(measure(place_of(size, asked.items, asked.seed), asked.processes, asked.peers))
    command = f"python -m bench.matching {' '.join(asked.sizes)} {options}"
    versions = {package: version(package) for package in ("ortools", "scipy", "numpy")}
    print(json.dumps({"command": command, "python": platform.python_version(), **versions, "runs": runs}, indent=2))


if __name__ == "__main__":
    main()
