"""``python -m fastdup`` is the command ``fastdup``."""

import sys

from fastdup.cli import main

sys.exit(main())
