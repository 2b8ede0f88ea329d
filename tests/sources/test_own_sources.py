"""Sources of one's own: how they are registered, and runs over them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import fastdup
import toy_source
from fastdup.errors import ConfigError, ImageError, Reason, SourceError
from fastdup.sources import UNREACHABLE, UriReader
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.registered_reader import RegisteredReader
from fastdup.sources.registry import known_kinds
from fastdup.workdir.csv_files import read_table
from pictures import jpeg, scene
from toy_source import ToyReader

KEPT = ("features.dat", "features.bad.csv", "stats.csv", "metadata.csv", "similarity.csv")
TESTS = Path(toy_source.__file__).parent


@pytest.fixture
def registered():
    toy_source.register()


class BrokenReader(fastdup.SourceReader):
    """Does what the URL says."""

    def uris(self, place):
        if place == "broken://listing":
            raise PermissionError(13, "Permission denied")
        if place == "broken://bug":
            raise KeyError("album")
        yield place

    def stamp(self, uri):
        return (3, 1)

    def read(self, uri, max_bytes=None):
        if uri.endswith("unsupported"):
            raise ImageError("a picture of 1984", reason=Reason.UNSUPPORTED)
        raise ZeroDivisionError("of my own")


@pytest.fixture
def broken():
    fastdup.register_source(BrokenReader, scheme="broken")


# --- registering ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({"scheme": "s3"}, "s3:// is taken, by fastdup itself: choose another one"),
        ({"scheme": "https"}, "https:// is taken, by fastdup itself: choose another one"),
        ({"scheme": "toy"}, "toy:// is taken, by toy_source:ToyReader: choose another one"),
        ({"scheme": "Toy"}, "scheme='Toy' is not a scheme: write it as scheme='toy'"),
        ({"scheme": "toy://"}, "scheme='toy://' is not a scheme: write it as scheme='toy'"),
        ({"ending": ".zip"}, ".zip is taken, by fastdup itself: choose another one"),
        ({"ending": ".gz"}, ".gz is taken, by fastdup itself: choose another one"),
        ({"ending": ".my.tar"}, ".my.tar is taken, by fastdup itself: choose another one"),
        ({"ending": ".toy"}, ".toy is taken, by toy_source:ToyFileReader: choose another one"),
        ({"ending": ".jpg"}, ".jpg is how images or list files end: choose another one"),
        ({"ending": ".txt"}, ".txt is how images or list files end: choose another one"),
        ({"ending": "toy2"}, "ending='toy2' is not an ending: write it as ending='.toy'"),
        ({}, "scheme=None and ending=None: give one of them, such as scheme='toy'"),
        ({"scheme": "a2", "ending": ".a2"}, "scheme='a2' and ending='.a2': give one of them"),
    ],
)
def test_what_belongs_to_another_kind_or_is_misspelt_is_refused(what, message, registered):
    with pytest.raises(ConfigError) as refusal:
        fastdup.register_source(BrokenReader, **what)
    assert str(refusal.value).startswith(message)


def test_what_is_no_class_of_a_source_is_refused():
    class Half(fastdup.SourceReader):
        def uris(self, place):
            return iter(())

    messages = []
    for reader in (Half, dict, "toy_source:ToyReader"):
        with pytest.raises(ConfigError) as refusal:
            fastdup.register_source(reader, scheme="half")
        messages.append(str(refusal.value))
    assert messages[0].endswith("Half has no read, stamp: write it")
    assert messages[1] == "<class 'dict'> is not a source: give a class of fastdup.SourceReader"
    assert messages[2].startswith("'toy_source:ToyReader' is not a source: ")


def test_the_same_class_may_be_registered_again_and_a_namesake_may_not(registered):
    toy_source.register()
    namesake = type("ToyReader", (ToyReader,), {"__module__": "toy_source"})
    with pytest.raises(ConfigError, match="toy:// is taken, by toy_source:ToyReader"):
        fastdup.register_source(namesake, scheme="toy")


# --- listing and reading ----------------------------------------------------------------------


def test_own_sources_are_found_wherever_images_are_named(registered, opened, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(b"a")
    (tmp_path / "in/b.toy").write_text("2")
    (tmp_path / "in/b.toy.jpg").write_bytes(b"b")
    folder = [f"{tmp_path}/in/{n}" for n in ("a.jpg", "b.toy.jpg", "b.toy/0.jpg", "b.toy/1.jpg")]
    assert list(opened(tmp_path / "in").uris()) == folder
    (tmp_path / "list.txt").write_text("toy://x/2\nin/b.toy\ntoy://x/9.jpg#xywh=1,2,3,4\n")
    listed = ["toy://x/2/0.jpg", "toy://x/2/1.jpg", *folder[2:], "toy://x/9.jpg#xywh=1,2,3,4"]
    assert list(opened(tmp_path / "list.txt").uris()) == listed
    assert list(opened(["toy://x/1", "toy://x/1", tmp_path / "in"]).uris()) == [
        *("toy://x/1/0.jpg", *folder)
    ]
    assert list(opened("toy://x/2", bounding_box="row_y=2,col_x=1,height=4,width=3").uris()) == [
        f"toy://x/2/{i}.jpg#xywh=1,2,3,4" for i in range(2)
    ]


def test_own_sources_have_labels_and_are_no_plain_files(registered, opened, tmp_path):
    (tmp_path / "b.toy").write_text("3")
    source = opened(tmp_path / "b.toy")
    uris = list(source.uris())
    assert [source.label(uri) for uri in uris] == ["even", "odd", "even"]
    assert source.label("toy://x/1.jpg") is None
    assert not any(map(source.is_file, [*uris, "toy://x/1.jpg"]))
    assert source.is_file(f"{tmp_path}/none.toy")


def test_what_an_own_source_raises_is_a_bad_image_or_one_line(broken, opened):
    source = opened(["broken://unsupported", "broken://x"])
    assert list(source.uris()) == ["broken://unsupported", "broken://x"]
    with pytest.raises(ImageError, match="a picture of 1984") as failure:
        source.read("broken://unsupported")
    assert failure.value.reason is Reason.UNSUPPORTED
    message = r"^the source broken:// failed at broken://x \(ZeroDivisionError: of my own\)$"
    with pytest.raises(SourceError, match=message):
        source.read("broken://x")
    with pytest.raises(SourceError, match=r"^broken://listing cannot be listed: Permission denied"):
        list(opened("broken://listing").uris())
    with pytest.raises(SourceError, match=r"failed at broken://bug \(KeyError: 'album'\)$"):
        list(opened("broken://bug").uris())
    assert source.stamp("broken://x") == (3, 1)


class OddReader(fastdup.SourceReader):
    """Returns what it is asked to."""

    answers: ClassVar[dict[str, Any]] = {}

    def uris(self, place):
        return self.answers.get("uris", iter([place]))

    def stamp(self, uri):
        return self.answers.get("stamp", (3, 1))

    def read(self, uri, max_bytes=None):
        return self.answers.get("read", b"abc")

    def label(self, uri):
        return self.answers.get("label")

    def close(self):
        if error := self.answers.get("close"):
            raise error


@pytest.fixture
def answers(monkeypatch):
    """What an odd source returns, by method."""
    fastdup.register_source(OddReader, scheme="odd")
    monkeypatch.setattr(OddReader, "answers", {})
    return OddReader.answers


STAMP = "two ints of 64 bits, size in bytes and time of change in nanoseconds"


@pytest.mark.parametrize(
    ("method", "answer", "message"),
    [
        ("stamp", None, f"stamp returned None for odd://x: it is to be {STAMP}"),
        ("stamp", ("3", "1"), f"stamp returned ('3', '1') for odd://x: it is to be {STAMP}"),
        ("stamp", (3, 1.5), f"stamp returned (3, 1.5) for odd://x: it is to be {STAMP}"),
        ("stamp", (3,), f"stamp returned (3,) for odd://x: it is to be {STAMP}"),
        ("stamp", "31", f"stamp returned '31' for odd://x: it is to be {STAMP}"),
        (
            "stamp",
            (0, 1 << 63),
            f"stamp returned (0, 9223372036854775808) for odd://x: it is to be {STAMP}",
        ),
        ("read", None, "read returned None for odd://x: it is to be bytes"),
        ("read", "a\nb", "read returned 'a\\nb' for odd://x: it is to be bytes"),
        ("label", 3, "label returned 3 for odd://x: it is to be str or None"),
    ],
)
def test_a_value_of_an_own_source_of_another_type_is_one_line(
    answers, opened, method, answer, message
):
    answers[method] = answer
    with pytest.raises(SourceError) as error:
        getattr(opened("odd://x"), method)("odd://x")
    assert str(error.value) == f"the source odd://: OddReader.{message}"


def test_a_stamp_of_thousands_of_digits_is_one_line(answers, opened):
    answers["stamp"] = (10**5000, 1)
    with pytest.raises(SourceError, match=r"^the source odd://: OddReader\.stamp returned .*$"):
        opened("odd://x").stamp("odd://x")


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ([1], "yielded 1 for odd://x: it is to be str"),
        ([b"x"], "yielded b'x' for odd://x: it is to be str"),
        ([None], "yielded None for odd://x: it is to be str"),
        ("odd://x", "returned 'odd://x' for odd://x: it is to be an iterator of str"),
    ],
)
def test_an_own_source_that_lists_no_strings_is_refused_in_one_line(
    answers, opened, listed, message
):
    answers["uris"] = listed
    with pytest.raises(SourceError) as error:
        list(opened("odd://x").uris())
    assert str(error.value) == f"the source odd://: OddReader.uris {message}"


@pytest.mark.parametrize("data", [b"abc", bytearray(b"abc"), memoryview(b"abc")])
def test_bytes_of_any_kind_are_read_as_bytes(answers, opened, data):
    answers["read"] = data
    found = opened("odd://x").read("odd://x", 2)
    assert (found, type(found)) == (b"ab", bytes)


@pytest.mark.parametrize("stamp", [(3, 1), [3, 1], (np.int64(3), np.uint32(1))])
def test_integers_of_any_kind_are_a_stamp(answers, opened, stamp):
    answers["stamp"] = stamp
    found = opened("odd://x").stamp("odd://x")
    assert found == (3, 1)
    assert [type(n) for n in found] == [int, int]


@pytest.mark.parametrize("error", [KeyError("album"), OSError("gone")])
def test_an_own_source_that_cannot_be_closed_is_one_line(answers, error):
    kind = known_kinds().of_scheme("odd://x")
    reader = RegisteredReader(kind, ReaderOptions())
    answers["close"] = error
    with pytest.raises(SourceError, match=r"^the source odd:// failed at close"):
        reader.close()


@pytest.mark.parametrize(
    "answer", [{"stamp": None}, {"stamp": (1, 2.5)}, {"read": "abc"}, {"uris": [1]}]
)
def test_a_run_over_an_odd_source_ends_with_one_line(answers, tmp_path, caplog, answer):
    answers.update(answer)
    assert fastdup.run("odd://x", tmp_path / "out") == 1
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert "the source odd://: OddReader." in errors[0]


# --- runs -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What a run over the same pictures in a folder gives."""
    folder = tmp_path_factory.mktemp("same") / "24"
    folder.mkdir()
    for i in range(24):
        (folder / f"{i}.jpg").write_bytes(jpeg(scene(i, (64, 48))))
    (folder.parent / "list.txt").write_text("\n".join(f"{folder}/{i}.jpg" for i in range(24)))
    assert fastdup.run(folder.parent / "list.txt", folder.parent / "out") == 0
    return files(folder.parent / "out", str(folder))


def files(out, place):
    return {name: (out / name).read_bytes().replace(place.encode(), b"") for name in KEPT}


@pytest.mark.parametrize("n_threads", [1, 5])
def test_a_run_gives_what_a_folder_of_the_same_pictures_gives(
    registered, expected, n_threads, tmp_path, monkeypatch
):
    """With 5 threads, interpreters of their own decode what this one reads."""
    monkeypatch.setattr("fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS", 1)
    (tmp_path / "24.toy").write_text("24")
    for place in ("toy://album/24", f"{tmp_path}/24.toy"):
        out = tmp_path / f"out-{len(place)}"
        assert fastdup.run(place, out, num_threads=n_threads) == 0
        assert files(out, place) == expected
        assert fastdup.run(place, out, num_threads=n_threads) == 0  # nothing is new
        assert files(out, place) == expected
    labels = list(read_table(str(out / "labels.csv")))
    assert [row[1] for row in labels[1:3]] == ["even", "odd"]


def run_script(code, tmp_path, *paths):
    """Run a program that finds the tests' modules; return it when it is done."""
    (tmp_path / "program.py").write_text(code)
    found = os.pathsep.join(map(str, (*paths, TESTS)))
    environment = {**os.environ, "PYTHONPATH": found, "RAY_USAGE_STATS_ENABLED": "0"}
    return subprocess.run(
        [sys.executable, str(tmp_path / "program.py")],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip


IN_MAIN = """
import sys
import fastdup, toy_source
import fastdup.extract.threads
fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS = 1

class Mine(toy_source.ToyReader):
    pass

fastdup.register_source(Mine, scheme="mine")
if __name__ == "__main__":
    sys.exit(fastdup.run("mine://album/24", sys.argv[0] + ".out", {options}))
"""


def test_processes_need_not_find_the_class(expected, tmp_path):
    done = run_script(IN_MAIN.format(options="num_threads=5"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "program.py.out", "mine://album/24") == expected


ON_RAY = """
import sys, fastdup, toy_source
toy_source.register()
fastdup.run("toy://album/24", sys.argv[0] + ".out", executor="ray", num_threads=2)
"""


def test_the_processes_of_a_cluster_know_what_was_registered(expected, tmp_path):
    pytest.importorskip("ray")
    done = run_script(ON_RAY, tmp_path)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "program.py.out", "toy://album/24") == expected


def test_a_class_that_no_cluster_finds_is_one_clear_line(tmp_path):
    pytest.importorskip("ray")
    done = run_script(IN_MAIN.format(options="executor='ray', num_threads=2"), tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].endswith(
        "the source mine:// is defined in __main__, where other processes do not "
        "find it: put the class at the top of a module that they can import"
    )
    assert done.stderr == ""


# --- installed packages -----------------------------------------------------------------------


def installed(tmp_path, entries, name="toy-pictures"):
    """Make a folder with an installed package that brings sources."""
    site = tmp_path / "site"
    folder = site / f"{name.replace('-', '_')}-1.5.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
    (folder / "entry_points.txt").write_text(f"[fastdup.sources]\n{entries}\n")
    return site


def fastdup_with(site, *words):
    found = os.pathsep.join([str(site), str(TESTS)])
    return subprocess.run(
        [sys.executable, "-m", "fastdup", *map(str, words)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": found},
    )  # fmt: skip


def test_what_an_installed_package_brings_is_read_on_the_command_line(expected, tmp_path):
    entries = "there = toy_source:ToyReader\n.there = toy_source:ToyFileReader"
    site = installed(tmp_path, entries)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/24.there").write_text("24")
    for given, place in (
        ("there://24", "there://24"),
        (tmp_path / "in", f"{tmp_path}/in/24.there"),
    ):
        out = tmp_path / f"out-{len(place)}"
        done = fastdup_with(site, "run", given, "-w", out)
        assert done.returncode == 0, done.stderr
        assert files(out, place) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("no_such_module:Reader", "cannot be loaded (ModuleNotFoundError: No module named"),
        ("toy_source:NoSuchReader", "cannot be loaded (AttributeError: module 'toy_source' has"),
        ("toy_source:register", "is not a source: give a class of fastdup.SourceReader"),
    ],
)
def test_a_broken_entry_point_is_one_line_that_names_the_package(value, message, photos, tmp_path):
    site = installed(tmp_path, f"there = {value}")
    done = fastdup_with(site, "run", "there://3", "-w", tmp_path / "out")
    assert done.returncode != 0
    (line,) = done.stderr.strip().splitlines()[-1:]
    assert "the source there://" in line
    assert "the package toy-pictures 1.5" in line
    assert message in line
    assert "Traceback" not in done.stderr
    done = fastdup_with(site, "run", photos, "-w", tmp_path / "out")  # nobody needs it
    assert done.returncode == 0
    assert "toy-pictures" not in done.stderr


def test_an_entry_point_for_what_is_taken_is_left_out_and_said_so(photos, tmp_path):
    site = installed(tmp_path, "s3 = toy_source:ToyReader\n.zip = toy_source:ToyFileReader")
    installed(tmp_path, "there = toy_source:ToyReader", "first")
    installed(tmp_path, "there = toy_source:ToyFileReader", "second")
    done = fastdup_with(site, "run", photos, "-w", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "a source of the package toy-pictures 1.5 is left out: s3:// is taken" in done.stderr
    assert "a source of the package toy-pictures 1.5 is left out: .zip is taken" in done.stderr
    assert done.stderr.count("there:// is taken, by toy_source:Toy") == 1
    assert done.stderr.count("is left out") == 3


def test_an_unknown_scheme_names_those_that_are_known(registered, opened):
    with pytest.raises(SourceError, match=r"hdfs:// is not known; write one of az://, .*toy://"):
        opened("hdfs://a/b")
    with pytest.raises(SourceError, match="hdfs:// is not known"):
        opened(["hdfs://a/b"])
    assert UriReader().stamp("hdfs://a/b.jpg") == UNREACHABLE
    assert list(opened(["hdfs://a/b.jpg"]).uris()) == ["hdfs://a/b.jpg"]
