"""Parses and renders the recipe with rattler-build; lists what conda-forge would still ask for.

usage: lint.py        (with an interpreter that has py-rattler-build)
"""

import sys
from pathlib import Path

import rattler_build

RECIPE = Path(__file__).with_name("recipe.yaml")
#: Fields that conda-forge's linter requires.
ABOUT = ("homepage", "license", "license_file", "summary")


def main() -> int:
    """Render the recipe. Missing fields are listed; an error ends the program."""
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
