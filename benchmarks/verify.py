"""How well are pairs judged, where are changes found, and what does a pair cost?

Each original is judged with a copy by every edit of three tables (`common_edits.py`, `edits.py`,
`judge_edits.py`), saved as JPEG; with copies that were changed in one place; and drawn look-alikes
and photos of one kind are judged with each other.

A copy is judged one if its verdict is any but "look_alike" and "unverified". A changed place is
found if the box around all regions that touch it lies within 10 pixels, of the picture as it is
compared. Costs are CPU times per picture or pair on one core, as multiples of decoding a JPEG of
500 × 375 pixels in the same run.

    python benchmarks/verify.py PHOTOS --originals 60 --examples /tmp/weak
"""

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from judging_costs import costs, opened, saved
from local_changes import CHANGES, Box, planted
from look_alikes import ALTERED, LOOK_ALIKES, draw_kind
from machine import describe_machine, store_result
from PIL import Image, ImageOps

from fastdup.evaluation.planter import COMMON_EDITS, load_edits, photos_in, upright
from fastdup.verify import Judgement, Picture, Verdict, judge

HERE = Path(__file__).parent
STORED = HERE / "results" / "verify.json"
TABLES = {path.stem: path for path in (COMMON_EDITS, HERE / "edits.py", HERE / "judge_edits.py")}

SHORTEST_SIDE = 120
#: Each look-alike is judged with so many that follow it.
N_NEXT = 4
NEAR = 10
COPIES = {v for v in Verdict if v not in (Verdict.LOOK_ALIKE, Verdict.UNVERIFIED)}
#: Edits that a person would call the same picture, saved again.
SAME = {"png", "jpeg_q20", "jpeg_q50", "half", "double", "thumb128", "thumb96"}
#: Edits that change no content, so that `altered` is a mistake.
# fmt: off
PLAIN = SAME | {
    "any_angle", "any_angle_cropped", "aspect", "bgr", "blur", "border", "bright",
    "channels_swapped", "contrast", "crop30", "crop50", "crop70", "crop90", "dark", "far_angle",
    "gamma", "gray", "grey_negative", "hue", "letterbox", "mirror", "negative", "noise", "part20",
    "part30_enlarged", "part30_wide", "part50_small", "part50_tall", "rot10", "rot180", "rot3",
    "rot90", "saturate", "sharpen", "straightened", "stretch", "strip", "thumb64",
}
# fmt: on


@dataclass(frozen=True)
class Judged:
    """What was said of one pair: its kind, the verdict, the evidence, and where it came from."""

    kind: str
    verdict: str
    kinds: tuple[str, ...]
    evidence: str
    pair: tuple[str, str]
    ms: float
    #: Of a planted change: whether it is missed, how far the box is off, regions elsewhere.
    is_missed: bool = False
    off: float = 0.0
    n_elsewhere: int = 0


# --- pairs -----------------------------------------------------------------------------------


def as_jpeg(image: Image.Image) -> Image.Image:
    """Return the picture after saving it as JPEG, as the planter does."""
    return opened(saved(image.convert("RGB")))


def picture_of(image: Image.Image) -> Picture:
    """Return what judging takes."""
    return Picture(image, image.size)


def judged(kind: str, one: Picture, other: Picture, pair: tuple[str, str]) -> Judged:
    """Judge a pair and keep the evidence in words."""
    start = time.process_time()
    found = judge(one, other)
    ms = 1000 * (time.process_time() - start)
    return Judged(kind, found.verdict.value, found.kinds, _evidence(found), pair, ms)


def _evidence(found: Judgement) -> str:
    if found.placement is None or found.agreement is None or found.changes is None:
        return "not aligned"
    place, agreement, changes = found.placement, found.agreement, found.changes
    return (
        f"inliers {place.n_inliers}, cells {agreement.n_cells}, same {agreement.same:.2f}, "
        f"only in first {agreement.only_first:.2f}, in second {agreement.only_second:.2f}, "
        f"shows {place.of_first:.2f} and {place.of_second:.2f}, scale {place.scale:.2f}, "
        f"angle {place.angle:.1f}, explained {changes.tone.explained:.2f}, "
        f"level {changes.level:.3f}, regions {len(found.regions)}, changed {found.changed:.3f}"
    )


def judge_edits(photo: Path, seed: str, examples: Path | None) -> list[Judged]:
    """Judge an original with a copy by every edit."""
    image, found = upright(photo), []
    original = picture_of(image)
    for name, edit in all_edits().items():
        copy = as_jpeg(edit(image.copy(), random.Random(f"{seed} {photo.name} {name}")))
        result = judged(name, original, picture_of(copy), (photo.name, name))
        found.append(result)
        if is_weak_copy(result):
            keep_example(examples, result, image, copy)
    return found


def all_edits() -> dict[str, Callable[[Image.Image, random.Random], Image.Image]]:
    """Return the edits of all tables."""
    return {name: edit for path in TABLES.values() for name, edit in load_edits(path).items()}


def is_weak_copy(found: Judged) -> bool:
    """Return whether a copy is judged none, a plain one altered, or a saved one more than that."""
    if found.verdict not in COPIES or (found.kind in PLAIN and found.verdict == "altered"):
        return True
    return found.kind in SAME and found.verdict != "same_picture"


def judge_changes(photo: Path, seed: str, examples: Path | None) -> list[Judged]:
    """Judge an original with copies that were changed in one place and saved as JPEG."""
    original, found = picture_of(upright(photo)), []
    for kind in CHANGES:
        try:
            changed, box = planted(original.image, kind, f"{seed} {photo.name}")
        except ValueError:  # plain pictures have no place to show this
            continue
        changed = as_jpeg(changed)
        result = _located(kind, original, picture_of(changed), box, photo.name)
        found.append(result)
        if result.is_missed or result.off > NEAR or result.n_elsewhere:
            keep_example(examples, result, original.image, changed)
    return found


def _located(kind: str, one: Picture, other: Picture, box: Box, name: str) -> Judged:
    start = time.process_time()
    found = judge(one, other)
    ms = 1000 * (time.process_time() - start)
    size = np.array([*one.image.size, *one.image.size])
    boxes = [np.array(region.box) * size for region in found.regions]
    touching = [b for b in boxes if _touches(b, box)]
    off = 0.0
    if touching:
        ends = np.array(touching)
        around = np.concatenate([ends[:, :2].min(0), ends[:, 2:].max(0)])
        off = float(np.abs(around - box).max())
    evidence = f"{_evidence(found)}; planted {box}, found " + ", ".join(
        str(tuple(b.round().astype(int).tolist())) for b in boxes
    )
    return Judged(
        kind=f"change_{kind}",
        verdict=found.verdict.value,
        kinds=found.kinds,
        evidence=evidence,
        pair=(name, kind),
        ms=ms,
        is_missed=not touching,
        off=off,
        n_elsewhere=len(boxes) - len(touching),
    )


def _touches(one: np.ndarray, other: Sequence[float]) -> bool:
    left, top, right, bottom = other
    return bool(
        one[0] < right + NEAR
        and one[2] > left - NEAR
        and one[1] < bottom + NEAR
        and one[3] > top - NEAR
    )


def judge_drawn(kind: str, each: int, seed: str, examples: Path | None) -> list[Judged]:
    """Judge pictures of one drawn kind with each other."""
    names = [f"{kind}-{number:03}" for number in range(each)]
    return _judge_next(kind, draw_kind(kind, each, seed), names, examples)


def judge_photos(photos: list[Path], examples: Path | None) -> list[Judged]:
    """Judge photos with those that follow them by name, which often show the same kind of thing."""
    names = [photo.name for photo in photos]
    return _judge_next("photos", map(upright, photos), names, examples)


def _judge_next(
    kind: str, images: Iterable[Image.Image], names: Sequence[str], examples: Path | None
) -> list[Judged]:
    pictures, found = [picture_of(image) for image in images], []
    for number, picture in enumerate(pictures):
        for place in range(number + 1, min(number + 1 + N_NEXT, len(pictures))):
            result = judged(kind, picture, pictures[place], (names[number], names[place]))
            found.append(result)
            allowed = {"look_alike", "altered"} if kind in ALTERED else {"look_alike"}
            if result.verdict not in allowed:
                keep_example(examples, result, picture.image, pictures[place].image)
    return found


def keep_example(folder: Path | None, found: Judged, one: Image.Image, other: Image.Image) -> None:
    """Save a pair side by side, with the evidence in a text file beside it."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    height = max(one.height, other.height)
    page = Image.new("RGB", (one.width + other.width + 8, height), (255, 0, 255))
    page.paste(one, (0, 0))
    page.paste(other, (one.width + 8, 0))
    name = f"{found.kind}--{found.verdict}--{Path(found.pair[0]).stem}--{Path(found.pair[1]).stem}"
    ImageOps.contain(page, (1600, 1200)).save(folder / f"{name}.png")
    (folder / f"{name}.txt").write_text(f"{', '.join(found.kinds)}\n{found.evidence}\n")


# --- tables ----------------------------------------------------------------------------------


def shares(found: list[Judged]) -> dict[str, dict[str, float]]:
    """Return for each kind the share judged a copy, and the share of each verdict."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for result in found:
        groups[result.kind].append(result)
    table = {}
    for kind, results in groups.items():
        counts = Counter(result.verdict for result in results)
        n_copies = sum(counts[verdict] for verdict in COPIES)
        row = {"pairs": len(results), "copy": n_copies / len(results)}
        row |= {verdict: n / len(results) for verdict, n in sorted(counts.items())}
        table[kind] = {name: round(value, 3) for name, value in row.items()}
    return table


def share_of_copies(found: list[Judged], kinds: set[str]) -> float:
    """Return the share of pairs of some kinds that are judged copies."""
    return round(float(np.mean([j.verdict in COPIES for j in found if j.kind in kinds])), 4)


def boxes(found: list[Judged]) -> dict[str, dict[str, float]]:
    """Return for each kind of change how often its place is found."""
    table = {}
    for kind in [*(f"change_{kind}" for kind in CHANGES), "all"]:
        results = [result for result in found if kind in (result.kind, "all")]
        if results:
            near = [not result.is_missed and result.off <= NEAR for result in results]
            table[kind] = {
                "pairs": len(results),
                "within_10_pixels": round(float(np.mean(near)), 3),
                "missed": round(float(np.mean([result.is_missed for result in results])), 3),
                "extra_regions": round(float(np.mean([r.n_elsewhere for r in results])), 3),
                "altered": round(float(np.mean([r.verdict == "altered" for r in results])), 3),
                "look_alike": round(float(np.mean([r.verdict not in COPIES for r in results])), 3),
            }
    return table


def print_table(title: str, table: dict[str, dict[str, float]]) -> None:
    """Print a table of shares."""
    columns = list(dict.fromkeys(name for row in table.values() for name in row))
    print(f"\n{title:22}" + "".join(f"{name:>17}" for name in columns))
    for kind, row in table.items():
        cells = (f"{row[name]:17g}" if name in row else " " * 17 for name in columns)
        print(f"{kind:22}" + "".join(cells))


def originals(folder: Path, n_photos: int, seed: str) -> list[Path]:
    """Return photos drawn by chance whose short side is `SHORTEST_SIDE` or more, by name."""
    photos = photos_in(folder, 0)
    random.Random(seed).shuffle(photos)
    chosen: list[Path] = []
    for photo in photos:
        with Image.open(photo) as image:
            if min(image.size) >= SHORTEST_SIDE:
                chosen.append(photo)
        if len(chosen) == n_photos:
            break
    return sorted(chosen)


def main() -> None:
    """Judge, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--originals", type=int, default=60)
    parser.add_argument("--each", type=int, default=50, help="pictures of each drawn kind")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--examples", type=Path, help="save pairs judged wrongly here")
    parser.add_argument("--out", type=Path, default=STORED)
    options = parser.parse_args()
    seed, examples = options.seed, options.examples
    chosen = originals(options.photos, options.originals, seed)
    machine, cost = describe_machine(), costs(chosen)
    with ProcessPoolExecutor(options.workers) as pool:
        by_edit = pool.map(partial(judge_edits, seed=seed, examples=examples), chosen)
        by_change = pool.map(partial(judge_changes, seed=seed, examples=examples), chosen)
        draw = partial(judge_drawn, each=options.each, seed=seed, examples=examples)
        drawn = pool.map(draw, LOOK_ALIKES)
        edits, changes, alike = (
            list(chain.from_iterable(found)) for found in (by_edit, by_change, drawn)
        )
    alike += judge_photos(chosen, examples)
    result: dict[str, object] = {
        "date": date.today().isoformat(),
        "machine": machine,
        "seed": seed,
        "originals": len(chosen),
        "cost": cost,
        "edits": shares(edits),
        "copies_by_table": {
            name: share_of_copies(edits, set(load_edits(path))) for name, path in TABLES.items()
        },
        "changes": boxes(changes),
        "look_alikes": shares(alike),
    }
    for name in ("edits", "changes", "look_alikes"):
        print_table(name, result[name])
    store_result(result, options.out)


if __name__ == "__main__":
    main()
