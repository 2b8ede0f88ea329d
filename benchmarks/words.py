"""How often are the words for what differs right, for copies with one known edit each?

Each original is judged with a copy by every single edit of three tables (`common_edits.py`,
`edits.py`, `judge_edits.py`), saved as JPEG. The words are right if they name the edit, with the
right number where there is one, and nothing else. `EXPECTED` says which words name which edit.
Left out are edits for which there are several words or none (`NOT_ASKED`), and pictures in which an
edit cannot be seen. Of a pair that is judged no copy nothing is said: `copies` is the share of the
others, and `right` the share of these whose words are right.

The thresholds in `fastdup.verify` were chosen on the photos that the seeds tune-1 and tune-2 draw
from a folder of training photos, and on drawn pictures. The stored result is of other photos of
that folder, drawn with the default seed; photos of both are left out with `--but tune-1 tune-2`.

    python benchmarks/words.py PHOTOS --originals 60 --examples /tmp/wrong
"""

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from machine import describe_machine, store_result
from PIL import Image
from threadpoolctl import threadpool_limits

from fastdup.verify import Judgement, Verdict, judge
from fastdup.verify.kind_words import WORDS, most_exact
from verify import Judged, all_edits, as_jpeg, keep_example, originals, picture_of, upright

STORED = Path(__file__).parent / "results" / "words.json"
#: Photos that each seed of `--but` draws.
N_LEFT_OUT = 100
#: Larger photos are reduced before they are edited: what is judged is no larger than 640 pixels.
LONGEST_SIDE = 1000
TONES = tuple(word for word, facts in WORDS.items() if "toned" in (word, facts.general))
FRAMES = ("framed", "in a larger picture")
SIZES = ("resized", "enlarged")
WRITTEN = ("captioned", "overlaid")

Groups = tuple[tuple[str, ...], ...]


class Words(NamedTuple):
    """What must be said, one word of each group, and what may be said beside it."""

    groups: Groups
    beside: tuple[str, ...] = ()


def _one(*words: str, beside: tuple[str, ...] = ()) -> Words:
    """Return that one of the words must be said."""
    return Words((words,), beside)


#: Edit → the words for it.
EXPECTED: dict[str, Words] = {
    "any_angle": _one("turned"),
    "any_angle_cropped": Words((("turned",), ("cropped",))),
    "annotated": _one(*WRITTEN),
    "aspect": _one("stretched"),
    "bar_covered": _one(*WRITTEN),
    "before_after": _one(*FRAMES, beside=TONES),
    "beside_photo": _one(*FRAMES),
    "bgr": _one("other colours"),
    "blur": _one("blurred"),
    "border": _one("framed"),
    "bright": _one(*TONES),
    "card": _one(*FRAMES),
    "channels_swapped": _one("other colours"),
    "collage": _one(*FRAMES),
    "contact_sheet": _one(*FRAMES, beside=SIZES),
    "contrast": _one(*TONES),
    "corner_covered": _one("overlaid"),
    "covered": _one("overlaid"),
    "crop30": _one("cropped"),
    "crop50": _one("cropped"),
    "crop70": _one("cropped"),
    "crop90": _one("cropped"),
    "dark": _one(*TONES),
    "desktop": _one(*FRAMES, beside=SIZES),
    "double": _one(*SIZES),
    "duotone": _one(*TONES),
    "far_angle": _one("turned"),
    "gamma": _one(*TONES),
    "gray": _one("grey"),
    "grey_negative": _one("inverted", beside=("grey", "toned")),
    "grid_of_four": _one(*FRAMES, beside=SIZES),
    "half": _one("resized"),
    "hue": _one("other colours"),
    "inset": _one("overlaid"),
    "jpeg_q20": Words(()),
    "jpeg_q50": Words(()),
    "jpeg_twice": Words((), ("cropped", "blurred", "less noisy")),
    "lens": _one("bent", beside=("cropped",)),
    "letterbox": _one("framed"),
    "logo": _one("overlaid"),
    "meme": _one(*FRAMES),
    "mirror": _one("mirrored"),
    "motion_blur": _one("blurred", "softer"),
    "negative": _one("inverted"),
    "noise": _one("noisy"),
    "on_photo": _one(*FRAMES, beside=SIZES),
    "page_fifth": _one(*FRAMES, beside=SIZES),
    "page_half": _one(*FRAMES, beside=SIZES),
    "page_third": _one(*FRAMES, beside=SIZES),
    "part10_enlarged": Words((("cropped",), SIZES)),
    "part20": _one("cropped"),
    "part30_enlarged": Words((("cropped",), SIZES)),
    "part30_wide": _one("cropped"),
    "part50_small": Words((("cropped",), ("resized",))),
    "part50_tall": _one("cropped"),
    "perspective": _one("perspective", beside=(*FRAMES, *SIZES)),
    "phone_dark": _one(*FRAMES, beside=SIZES),
    "phone_screenshot": _one(*FRAMES, beside=SIZES),
    "posterise": _one(*TONES),
    "posterised": _one(*TONES),
    "ripple": _one("bent"),
    "rot10": _one("turned"),
    "rot180": _one("turned"),
    "rot3": _one("turned"),
    "rot90": _one("turned"),
    "saturate": _one("more colourful", "paler"),
    "screenshot": _one(*FRAMES),
    "sharpen": _one("sharpened"),
    "solarised": _one(*TONES, "inverted"),
    "stickers": _one("overlaid"),
    "story_frame": _one(*FRAMES, beside=SIZES),
    "straightened": Words((("turned",), ("cropped",))),
    "stretch": _one("stretched"),
    "strip": _one("cropped"),
    "swirl": _one("bent"),
    "text": _one("captioned"),
    "thumb128": _one("resized"),
    "thumb64": _one("resized"),
    "thumb96": _one("resized"),
    "vintage": _one(*TONES),
    "watermark": _one(*WRITTEN),
}
#: Edits that no words name: a blend, a shift; or several at once: paper, pages of dots.
NOT_ASKED = {
    *("blend", "shift", "combo", "combo_hard"),
    *(
        "gif",
        "newsprint",
        "one_of_four",
        "one_of_nine",
        "photocopy",
        "print_perspective",
        "print_photo",
    ),
}
#: Edit → share of the area that is left, in percent, give or take 5.
LEFT = {"crop30": 30, "crop50": 50, "crop70": 70, "crop90": 90, "part20": 20, "strip": 60}
#: Edit → degrees by which the picture is turned, give or take 1.
DEGREES = {"rot3": 3, "rot10": 10, "rot90": 90, "rot180": 180}
#: Edit → factor of the sides, give or take 2 %.
FACTORS = {"half": 0.5, "double": 2.0}
#: Mean difference in grey levels from which on a change of colours can be seen.
VISIBLE = 6.0
#: A watermark is seen if it changes this share of the pixels by so many grey levels: white words on
#: white paper, which change 0.2 to 0.9 % of them, are an overlay to no person.
WHITE_ON_WHITE, MARKED = 24.0, 0.01
#: Edit → the longest side of the copy.
SIDES = {"thumb64": 64, "thumb96": 96, "thumb128": 128}


def is_right(found: Judgement, edit: str) -> bool:
    """Return whether the words name the edit, with its number, and nothing that is not true."""
    groups, beside = EXPECTED[edit]
    said, place = set(most_exact(found.kinds)), found.placement
    if place is None or found.verdict is Verdict.LOOK_ALIKE:
        return False
    if any(said.isdisjoint(group) for group in groups):
        return False
    if said - set(chain(beside, *groups)):
        return False
    return (
        abs(100 * place.of_first - LEFT.get(edit, 100 * place.of_first)) <= 5
        and abs(abs(place.angle) - DEGREES.get(edit, abs(place.angle))) <= 1
        and abs(place.scale / FACTORS.get(edit, place.scale) - 1) <= 0.02
    )


def is_seen(image: Image.Image, made: Image.Image, edit: str) -> bool:
    """Return whether the edit shows: a picture without colour has none to lose, for one."""
    if edit in SIDES:
        return max(image.size) > 1.05 * SIDES[edit]
    is_toned = any(set(group) & set(TONES) for group in EXPECTED[edit].groups)
    if not is_toned and edit != "watermark":
        return True
    steps = np.abs(np.asarray(made, np.float32) - np.asarray(image, np.float32)).max(2)
    if edit == "watermark":
        return float((steps > WHITE_ON_WHITE).mean()) >= MARKED
    return float(steps.mean()) >= VISIBLE


class Described(NamedTuple):
    """What was said of one copy."""

    edit: str
    is_right: bool
    is_copy: bool
    verdict: str
    kinds: tuple[str, ...]
    photo: str


def describe_copies(photo: Path, seed: str, examples: Path | None) -> list[Described]:
    """Return what is said of a copy of a photo by every edit."""
    return list(_described(photo, seed, examples))


def _described(photo: Path, seed: str, examples: Path | None) -> Iterator[Described]:
    image = upright(photo)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    original = picture_of(image)
    for edit, make in all_edits().items():
        if edit in NOT_ASKED:
            continue
        made = make(image.copy(), random.Random(f"{seed} {photo.name} {edit}"))
        if not is_seen(image, made, edit):
            continue
        copy = as_jpeg(made)
        with threadpool_limits(1):
            found = judge(original, picture_of(copy))
        right = is_right(found, edit)
        is_copy = found.verdict is not Verdict.LOOK_ALIKE
        yield Described(edit, right, is_copy, found.verdict.value, found.kinds, photo.name)
        if not right:
            said = ", ".join(most_exact(found.kinds))
            pair = Judged(edit, found.verdict.value, found.kinds, said, (photo.name, edit), 0)
            keep_example(examples, pair, image, copy)


def main() -> None:
    """Judge, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--originals", type=int, default=60)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--but", nargs="*", default=[], help="seeds whose photos are left out")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--examples", type=Path, help="save pairs with wrong words here")
    parser.add_argument("--wrong", action="store_true", help="print each wrong one")
    parser.add_argument("--out", type=Path, default=STORED)
    options = parser.parse_args()
    n_originals = options.originals
    left_out = {p for s in options.but for p in originals(options.photos, N_LEFT_OUT, s)}
    chosen = originals(options.photos, n_originals + len(left_out), options.seed)
    chosen = [photo for photo in chosen if photo not in left_out]
    if not chosen:
        sys.exit(f"no photo in {options.photos} is left: --but leaves all of them out")
    chosen = sorted(random.Random(options.seed).sample(chosen, min(n_originals, len(chosen))))
    work = partial(describe_copies, seed=options.seed, examples=options.examples)
    by_edit: dict[str, list[bool]] = defaultdict(list)
    n_pairs = 0
    with ProcessPoolExecutor(options.workers) as pool:
        for said in chain.from_iterable(pool.map(work, chosen)):
            n_pairs += 1
            if said.is_copy:
                by_edit[said.edit].append(said.is_right)
            if options.wrong and not said.is_right:
                words = ", ".join(most_exact(said.kinds))
                print(f"{said.edit:18}{said.verdict:14}{words}  {said.photo}")
    rights = list(chain.from_iterable(by_edit.values()))
    result: dict[str, object] = {
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "seed": options.seed,
        "originals": len(chosen),
        "pairs": n_pairs,
        "copies": round(len(rights) / n_pairs, 4),
        "right": round(float(np.mean(rights)), 4),
        "right_by_edit": {
            edit: round(float(np.mean(of_edit)), 3) for edit, of_edit in sorted(by_edit.items())
        },
    }
    for edit, share in result["right_by_edit"].items():
        print(f"{edit:22}{share:6.3f}")
    print(f"{'all':22}{result['right']:6.4f}")
    store_result(result, options.out)


if __name__ == "__main__":
    main()
