"""Parses and renders the recipe with rattler-build, and tells what conda-forge would still ask for.

usage: lint.py        (with an interpreter that has py-rattler-build)
"""

import sys
from pathlib import Path

import rattler_build

RECIPE = Path(__file__).with_name("recipe.yaml")
#: What conda-forge's linter wants to be told of a package.
ABOUT = ("homepage", "license", "license_file", "summary")


def main() -> int:
    """Render the recipe; what it lacks is told, what is wrong with it ends this."""
    recipe = rattler_build.Stage0Recipe.from_file(RECIPE)
    for variant in recipe.render(rattler_build.VariantConfig()):
        print(f"renders as {variant.recipe}")
    about = RECIPE.read_text().partition("\nabout:\n")[2]
    for field in ABOUT:
        if f"\n  {field}:" not in f"\n{about}":
            print(f"conda-forge will ask for about.{field}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
