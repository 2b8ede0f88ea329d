"""Two images beside each other: what is known of each, and whether it differs."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from fastdup.explorer.collection import Collection
from fastdup.metadata import Metadata
from fastdup.quantities import size_text
from fastdup.report.wording import in_pieces, split_path, taken_text
from fastdup.sources.containers.videos.frame_names import parse_frame

#: Which of two images has more fine detail at equal scale, as a ratio; None: not known.
SharperThan = Callable[[int, int], float | None]

#: Ratio of fine detail from which one is called sharper.
_SHARPER = 1.15


def compare(
    collection: Collection, sharper: SharperThan, first: int, second: int
) -> dict[str, Any]:
    """Return what is known of two images, a line each where one of them has it.

    Returns
    -------
    dict
        ``lines`` are lists of a name, the values of both, and whether they differ; ``sharpness`` is
        a sentence about their fine detail at equal scale, "" where it is not known.
    """
    facts = [_facts(collection, row) for row in (first, second)]
    names = list(dict.fromkeys(name for fact in facts for name in fact))
    lines = [
        [name, *(in_pieces(fact.get(name, "")) for fact in facts), _differ(name, *facts)]
        for name in names
        if any(fact.get(name) for fact in facts)
    ]
    return {"lines": lines, "sharpness": sharpness_words(sharper(first, second))}


def sharpness_words(ratio: float | None) -> str:
    """Return a sentence about the fine detail of the first image ÷ that of the second."""
    if ratio is None:
        return ""
    if max(ratio, 1 / ratio) < _SHARPER:
        return "Equally sharp at equal scale."
    which, times = ("first", ratio) if ratio > 1 else ("second", 1 / ratio)
    return f"The {which} is sharper: {times:.1f} × the fine detail at equal scale."


def _differ(name: str, one: dict[str, str], other: dict[str, str]) -> int:
    return int(one.get(name, "") != other.get(name, ""))


def _facts(collection: Collection, row: int) -> dict[str, str]:
    path = collection.paths[row]
    folder, name = split_path(path)
    facts = {"Name": name, "Folder": folder}
    if (frame := parse_frame(path)) is not None:
        facts["Frame"] = f"at {frame.time_s:.2f} s of {split_path(frame.video)[1]}"
    if stats := collection.stats:
        width, height = (int(stats[side][row]) for side in ("width", "height"))
        facts["Size"] = f"{width:,} × {height:,}"
        facts["Bytes"] = size_text(int(stats["file_size"][row]))
        facts["Sharpness"] = f"{float(stats['blur'][row]):,.0f} at its own size"
    if len(collection.mtimes_ns) and collection.mtimes_ns[row] >= 0:
        when = datetime.datetime.fromtimestamp(int(collection.mtimes_ns[row]) // 10**9)
        facts["Changed"] = when.isoformat(" ")
    if label := collection.labels.get(path):
        facts["Label"] = label
    return facts | _said(collection.run.metadata_of(row))


def _said(said: Metadata) -> dict[str, str]:
    """Return what a file says of its picture; "" where it says nothing."""
    place = ""
    if said.latitude is not None and said.longitude is not None:
        place = f"{said.latitude:.5f}, {said.longitude:.5f}"
    return {
        "Taken": taken_text(said.taken, said.taken_from) if said.taken else "",
        "Camera": said.camera,
        "Lens": said.lens,
        "Place": place,
        "Rating": "" if said.rating is None else str(said.rating),
        "Software": said.software,
        "JPEG quality": _of_jpeg(said),
        "Bits per channel": "" if said.bits is None else str(said.bits),
        "Pictures in the file": str(said.frames) if (said.frames or 1) > 1 else "",
        "Holds": ", ".join(_holds(said)),
    }


def _of_jpeg(said: Metadata) -> str:
    parts = [said.subsampling, "progressive" if said.is_progressive else ""]
    return ", ".join(filter(None, ["" if said.quality is None else str(said.quality), *parts]))


def _holds(said: Metadata) -> Sequence[str]:
    held = {
        "transparency": said.has_alpha,
        "a colour profile": said.has_profile,
        "a thumbnail": said.has_thumbnail,
    }
    return [words for words, is_held in held.items() if is_held]
