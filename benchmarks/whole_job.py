"""Can a person do the whole job by keyboard, by touch, by mouse, and how long does each step take?

usage: whole_job.py [--pictures N] [--groups N] [--photos FOLDER] [--out results/whole-job.json]

Makes an album of that many pictures, with a copy of some of them: drawn ones, or where there are
photos, each of parts of two of them, blended, so that hardly any looks like another. In Chromium a
scripted person chooses the folder on the start page, runs, decides the groups, marks two pictures
as no copies, cleans up, and undoes that. The page is reloaded and the server killed in between; at
the end all files are as they were. This is done in each way alone: by keys, by touch on a phone, by
mouse.
Reports the seconds of each step; those to choose and run are mostly those of the run.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from machine import describe_machine, store_result
from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from persons import WAYS, Person, Served, contents
from pictures import jpeg, scene

#: Of the pictures made of photos, in pixels.
SIZE = (240, 180)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def blended(photos: list[Path], number: int) -> Image.Image:
    """Return a part of a photo, blended with part of another that is turned."""
    rng = random.Random(number)
    parts = []
    for _ in range(2):
        with Image.open(rng.choice(photos)) as photo:
            shares = rng.uniform(0.35, 0.6), rng.uniform(0.35, 0.6)
            width, height = (
                max(1, round(share * side)) for share, side in zip(shares, photo.size, strict=True)
            )
            left, top = rng.randint(0, photo.width - width), rng.randint(0, photo.height - height)
            part = photo.convert("RGB").crop((left, top, left + width, top + height))
        parts.append(part.resize(SIZE))
    return Image.blend(parts[0], parts[1].rotate(rng.uniform(0, 360)), 0.5)


def make_album(
    folder: Path, n_pictures: int, n_groups: int, draw: Callable[[int], Image.Image]
) -> None:
    """Make pictures; the first have a copy of the same bytes, the next one a smaller file."""
    (folder / "saved").mkdir(parents=True)
    for number in range(n_pictures - n_groups - 1):
        picture = draw(number)
        path = folder / f"{number:05}.jpg"
        path.write_bytes(jpeg(picture))
        if number < n_groups:
            shutil.copy(path, folder / "saved" / f"{number:05}-again.jpg")
        elif number == n_groups:
            (folder / "saved" / "smaller.jpg").write_bytes(jpeg(picture, quality=60))


def do_job(browser, home: Path, way: str, n_groups: int) -> dict[str, float]:
    """Do all of it in one way; return the seconds of each step."""
    seconds: dict[str, float] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        start_s = time.perf_counter()
        yield
        seconds[name] = round(time.perf_counter() - start_s, 2)

    before = contents(home / "album")
    person = Person(browser, way)
    with Served(home) as served:
        with step("open"):
            person.open(served.url)
        with step("choose and run"):
            person.run("album")
        with step("mark two as no copies"):
            person.part("smaller.jpg")
        person.reload()
        with step(f"decide {n_groups} groups"):
            person.keep_first(n_groups)
        decided = person.progress()
        person.expect_loss()
        served.kill()
        served.start()
        with step("open again"):
            person.open_again(served.url)
        check(person.progress() == decided, "the decisions are lost")
        with step("clean up"):
            person.go("plan")
            person.clean()
        left = contents(home / "album")
        check(len(left) == len(before) - n_groups, "it is not the copies that are gone")
        check(left.items() <= before.items(), "other files have changed")
        person.expect_loss()
        served.kill()
        served.start()
        person.open_again(served.url)
        person.go("plan")
        with step("undo"):
            person.undo_clean_up()
        check(contents(home / "album") == before, "not all files are as they were")
        person.close()
    check(not person.complaints, f"the page complained: {person.complaints}")
    shutil.rmtree(home / ".settings" / "state")
    return seconds


def check(holds: bool, failure: str) -> None:
    """End this program where something does not hold."""
    if not holds:
        sys.exit(failure)


def main() -> None:
    """Do the job in each way, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=3_000)
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--photos", type=Path, metavar="FOLDER")
    default_out = Path(__file__).parent / "results/whole-job.json"
    parser.add_argument("--out", type=Path, default=default_out)
    options = parser.parse_args()
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        sys.exit("no Chromium here: apt-get install chromium")
    draw: Callable[[int], Image.Image] = scene
    if options.photos is not None:
        draw = partial(blended, sorted(options.photos.rglob("*.jpg")))
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        make_album(home / "album", options.pictures, options.groups, draw)
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        ways = {way: do_job(browser, home, way, options.groups) for way in WAYS}
        browser.close()
    result = {"machine": machine, "pictures": options.pictures, "groups": options.groups}
    store_result({**result, "seconds": ways}, options.out)


if __name__ == "__main__":
    main()
