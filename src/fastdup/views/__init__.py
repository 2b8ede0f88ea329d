"""Other views of pictures: what is near to a picture once it is inverted, or to a part of it.

For features of the built-in model only. `view_space` is where views are compared: a projection of
the features, which foresees those of a negative. `find_insets` finds where a picture shows others,
and `may_show_others` by the features alone whether to look. `without_dots` and `without_cover` show
a picture as it may have been before it was printed or covered, and `worn_scores` says whether to.
"""

from fastdup.views.inset_gate import inset_scores, may_show_others
from fastdup.views.insets import find_insets
from fastdup.views.nearest_to_views import nearest_to_each_view, nearest_to_views
from fastdup.views.restored import without_cover, without_dots
from fastdup.views.view_space import Projected, ViewSpace, view_space
from fastdup.views.worn_gate import worn_scores

__all__ = [
    "Projected",
    "ViewSpace",
    "find_insets",
    "inset_scores",
    "may_show_others",
    "nearest_to_each_view",
    "nearest_to_views",
    "view_space",
    "without_cover",
    "without_dots",
    "worn_scores",
]
