"""How many elements a drawing shows, when each reference shows its target once more."""

import re

from fastdup.errors import ImageError, Reason

#: As many are drawn within seconds; maps have a tenth of it.
MOST_DRAWN = 500_000
_OWN = re.compile(r"^\s*#([^\s]+)|url\(\s*['\"]?\s*#([^)'\"]+)", re.IGNORECASE)


class References:
    """Is given the elements of a drawing in their order, with their attributes."""

    def __init__(self) -> None:
        self._children: list[list[int]] = []
        self._targets: list[list[str]] = []
        self._named: dict[str, int] = {}
        self._open: list[int] = []

    def start(self, attributes: dict[str, str]) -> None:
        """Begin an element.

        Raises
        ------
        ImageError
            TOO_LARGE: there are too many.
        """
        number = len(self._children)
        if number >= MOST_DRAWN:
            raise _too_many()
        if self._open:
            self._children[self._open[-1]].append(number)
        self._open.append(number)
        self._children.append([])
        self._targets.append([
            name.strip()
            for value in attributes.values()
            if "#" in value
            for groups in _OWN.findall(value)
            for name in groups
            if name
        ])  # fmt: skip
        if name := attributes.get("id"):
            self._named.setdefault(name, number)

    def end(self) -> None:
        """End the element that began last."""
        self._open.pop()

    def require_bounded(self) -> None:
        """Refuse a drawing that shows too many elements.

        Raises
        ------
        ImageError
            TOO_LARGE: it does.
        """
        n_drawn: dict[int, int] = {}
        waiting = [0] if self._children else []
        while waiting:
            number = waiting[-1]
            shown = self._shown_by(number)
            if number not in n_drawn:
                n_drawn[number] = 0  # one that shows itself is not drawn
                waiting.extend(other for other in shown if other not in n_drawn)
                continue
            waiting.pop()
            if not n_drawn[number]:
                n_drawn[number] = 1 + sum(n_drawn[other] for other in shown)
            if n_drawn[number] > MOST_DRAWN:
                raise _too_many()

    def _shown_by(self, number: int) -> list[int]:
        named = (self._named.get(name) for name in self._targets[number])
        return [*self._children[number], *(target for target in named if target is not None)]


def _too_many() -> ImageError:
    detail = f"SVG: more than {MOST_DRAWN:,} elements are drawn"
    return ImageError(detail, reason=Reason.TOO_LARGE)
