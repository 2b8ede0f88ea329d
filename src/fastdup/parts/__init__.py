"""Pictures that show a part of others: found by an index of their local features.

`find_parts` describes each picture once, compares the points of all, and returns pairs to judge.
"""

from fastdup.parts.finding_parts import find_parts

__all__ = ["find_parts"]
