"""What is said of either picture."""


class Words:
    """Collects what is true of either picture."""

    def __init__(self) -> None:
        self.first: list[str] = []
        self.second: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.first or self.second)
