"""The whole job in a browser, in one way only; the page reloaded and the server killed between."""

import shutil

import pytest

from persons import WAYS, Person, Served, contents
from pictures import jpeg, scene

pytest.importorskip("playwright.sync_api")
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

#: Scenes no two of which are alike; the last has a smaller copy.
SEEDS = (0, 3, 6, 7)


@pytest.fixture
def home(tmp_path):
    """A home folder with an album: pictures with a copy of the same bytes; of the last, another.

    The first has two copies: a decision leads on to the next image before the next group.
    """
    album = tmp_path / "home" / "album"
    (album / "saved").mkdir(parents=True)
    for number, seed in enumerate(SEEDS):
        (album / f"{number}.jpg").write_bytes(jpeg(scene(seed)))
        shutil.copy(album / f"{number}.jpg", album / "saved" / f"{number}-again.jpg")
    shutil.copy(album / "0.jpg", album / "saved" / "0-once-more.jpg")
    (album / "saved" / "3-again.jpg").write_bytes(jpeg(scene(SEEDS[-1]), quality=60))
    return tmp_path / "home"


@pytest.mark.parametrize("way", WAYS)
def test_a_person_chooses_runs_decides_cleans_and_undoes(way, browser, home):
    before = contents(home / "album")
    person = Person(browser, way)
    with Served(home) as served:
        person.open(served.url)
        person.run("album")
        person.keep_first(2)
        person.part("3-again.jpg")
        decided = person.progress()
        assert decided == "Decided 2 of 3 groups · 1 marked as not copies"
        person.reload()
        assert person.progress() == decided
        person.expect_loss()
        served.kill()
        served.start()
        person.open_again(served.url)
        assert person.progress() == decided
        person.go("plan")
        person.clean()
        left = contents(home / "album")
        assert len(left) == len(before) - 4
        assert left.items() <= before.items()
        person.expect_loss()
        served.kill()
        served.start()
        person.open_again(served.url)
        person.go("plan")
        person.reload()
        person.undo_clean_up()
        assert contents(home / "album") == before
        person.close()
    assert person.complaints == []
