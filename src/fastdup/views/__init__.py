"""Other views of pictures: which pictures are near to what a picture would be after an edit.

`nearest_to_negatives` looks for pictures near to the negatives of others. Only for features of the
built-in model.
"""

from fastdup.views.negatives import nearest_to_negatives

__all__ = ["nearest_to_negatives"]
