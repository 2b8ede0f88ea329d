"""Makes ``import zoo`` work whether or not the project's pytest options name the tests' folder."""

import sys
from pathlib import Path

_TESTS = str(Path(__file__).parents[1])
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)
