"""Can a person do the whole job by keyboard, by touch, by mouse, and how long does each step take?

usage: whole_job.py [--pictures N] [--groups N] [--out results/whole-job.json]

Makes an album of that many pictures, with a copy of some of them. In Chromium a scripted person
chooses the folder on the start page, runs, decides the groups, marks two pictures as no copies,
cleans up, and undoes that. The page is reloaded and the server killed in between; at the end all
files are as they were. This is done in each way alone: by keys, by touch on a phone, by mouse.
Reports the seconds of each step; those to choose and run are mostly those of the run.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import describe_machine, store_result
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from persons import WAYS, Person, Served, contents
from pictures import jpeg, scene

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def make_album(folder: Path, n_pictures: int, n_groups: int) -> None:
    """Make pictures; the first have a copy of the same bytes, the next one a smaller file."""
    (folder / "saved").mkdir(parents=True)
    for number in range(n_pictures - n_groups - 1):
        picture = scene(number)
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
    default_out = Path(__file__).parent / "results/whole-job.json"
    parser.add_argument("--out", type=Path, default=default_out)
    options = parser.parse_args()
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        sys.exit("no Chromium here: apt-get install chromium")
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        make_album(home / "album", options.pictures, options.groups)
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        ways = {way: do_job(browser, home, way, options.groups) for way in WAYS}
        browser.close()
    result = {"machine": machine, "pictures": options.pictures, "groups": options.groups}
    store_result({**result, "seconds": ways}, options.out)


if __name__ == "__main__":
    main()
