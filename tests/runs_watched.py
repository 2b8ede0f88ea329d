"""Runs that are watched while they are at work."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pictures import jpeg, scene

T = TypeVar("T")
#: Pictures in `long_album`: enough for a run to be stopped before its end.
N_LONG = 80


def until(ask: Callable[[], T], is_enough: Callable[[T], bool], seconds: float = 120) -> T:
    """Ask again and again until the answer is enough; return it."""
    give_up_at = time.monotonic() + seconds
    while not is_enough(answer := ask()):
        assert time.monotonic() < give_up_at, answer
        time.sleep(0.02)
    return answer


def long_album(folder: Path) -> Path:
    """Make a folder of pictures, the last two alike."""
    folder.mkdir(parents=True)
    for number in range(N_LONG):
        picture = scene(min(number, N_LONG - 2), (240, 180))
        (folder / f"{number:03}.jpg").write_bytes(jpeg(picture, quality=95 - number // 20))
    (folder / f"{N_LONG - 1:03}.jpg").write_bytes(jpeg(scene(N_LONG - 2, (240, 180)), quality=70))
    return folder


def reads_pictures(progress: Mapping[str, Any]) -> bool:
    """Return whether a run has listed its files."""
    return progress["stages"] > 1
