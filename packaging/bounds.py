"""Prints the lower bounds of pyproject.toml as exact pins, of the dependencies and of the extras.

usage: bounds.py [EXTRA…]     (default: every extra but gpu)
"""

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
BOUND = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=([0-9.]+)")


def lower_bounds(pyproject: str, extras: list[str] | None = None) -> list[str]:
    """Return ``name==lowest`` of each dependency, sorted.

    Parameters
    ----------
    pyproject : str
        The text of pyproject.toml.
    extras : list of str or None
        The extras to take; None: every one but ``gpu``, which stands in for a dependency.

    Raises
    ------
    ValueError
        When a dependency has no lower bound.
    """
    project = tomllib.loads(pyproject)["project"]
    optional = project["optional-dependencies"]
    chosen = [name for name in optional if name != "gpu"] if extras is None else extras
    wanted = list(project["dependencies"])
    for name in chosen:
        wanted += [item for item in optional[name] if not item.startswith("fastdup[")]
    return sorted({_pin(item) for item in wanted})


def _pin(requirement: str) -> str:
    found = BOUND.match(requirement)
    if found is None:
        raise ValueError(f"{requirement} has no lower bound: write NAME>=VERSION")
    return f"{found[1]}=={found[2]}"


if __name__ == "__main__":
    print(*lower_bounds(PYPROJECT.read_text(), sys.argv[1:] or None), sep="\n")
