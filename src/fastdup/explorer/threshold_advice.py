"""What each threshold means in the collection, as a figure of the page."""

import threading
from typing import Any

from fastdup.advice import advise
from fastdup.advice.advice_chart import chart
from fastdup.explorer.params import Params


class ThresholdAdvice:
    """The advice on the threshold; what a person decided since is counted.

    Parameters
    ----------
    work_dir : str
        The folder of the run.
    """

    def __init__(self, work_dir: str) -> None:
        self._work_dir = work_dir
        self._one_at_a_time = threading.Lock()

    def looked_up(self, params: Params) -> dict[str, Any]:
        """Return the advice for a ``precision`` above 0, of the pairs that the run stored.

        ``figure`` is an SVG; ``threshold`` the lowest with this precision, None without one;
        ``lines`` say it, ``notes`` what it cannot know.
        """
        precision = params.number("precision", 0.99)
        with self._one_at_a_time:
            advice = advise(self._work_dir, precision, k=0)  # the page searches nothing
        return {
            "figure": chart(advice),
            "threshold": advice.threshold,
            "lines": list(advice.sentences()),
            "notes": list(advice.notes),
        }
