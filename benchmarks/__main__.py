"""Run the benchmarks: each prints its figures and a ratio to its limit; the exit status says whether all limits held."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "reader",
    "audit",
    "lists",
    "ready",
    "observations",
    "scale",
    "air",
    "quality",
    "wire",
    "supervision",
    "spatial",
    "gateway",
)


def main(names: list[str]) -> int:
    chosen = names or list(NAMES)
    unknown = set(chosen) - set(NAMES)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
        return 2
    held = True
    for name in chosen:
        print(f"== {name}", flush=True)
        held &= importlib.import_module(f"benchmarks.{name}").run()
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
