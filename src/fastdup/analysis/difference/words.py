"""The words for each of two pictures."""


class Words:
    """Words that are true of the first picture, and of the second."""

    def __init__(self) -> None:
        self.first: list[str] = []
        self.second: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.first or self.second)
