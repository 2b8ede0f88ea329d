"""What differs between two pictures of the same thing, in words. Pure functions on pixels.

``alignment`` finds where one lies in the other, ``framing`` distinguishes crops from borders,
``tone`` and ``detail`` compare what both show, ``compare`` puts these together.
"""

from fastdup.analysis.difference.compare import Difference, compare

__all__ = ["Difference", "compare"]
