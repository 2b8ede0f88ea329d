"""What every kind of source promises, whoever wrote it: listing, stamps, bytes, failures."""

import itertools
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest

import toy_source
from fastdup.errors import ImageError, Reason
from fastdup.sources import UNREACHABLE, UriReader
from films import film_of, scenes
from opened import Opened
from packed import tar_of, zip_of
from pictures import jpeg, scene
from tables import images_of, parquet_of, saved_of

PICTURES = {f"{i}.jpg": jpeg(scene(i, (64, 48))) for i in range(7)}
_NUMBER = itertools.count()


@dataclass
class Case:
    """A source with something in it.

    Attributes
    ----------
    given : what the user names.
    images : the URI of each image in it, and its bytes, in listing order.
    missing : the URI of an image that is not there.
    broken : something else to name, that lists one thing which cannot be read.
    reason : why not.
    options : of the run.
    """

    given: Any
    images: dict[str, bytes]
    missing: str
    broken: Any
    reason: Reason
    options: dict[str, Any] = field(default_factory=dict)


class SourceContract:
    """Inherit it, and write a fixture ``case``."""

    @pytest.fixture
    def source(self, case):
        source = Opened(case.given, **case.options)
        yield source
        source.close()

    def test_the_listing_names_each_image_once_and_is_always_the_same(self, case, source):
        assert list(source.uris()) == list(case.images)
        assert list(source.uris()) == list(case.images)

    def test_stamps_stay_the_same_and_what_is_missing_has_none(self, case, source):
        uris = list(source.uris())
        stamps = [source.stamp(uri) for uri in uris]
        assert UNREACHABLE not in stamps
        assert [source.stamp(uri) for uri in reversed(uris)] == stamps[::-1]
        again = Opened(case.given, **case.options)
        assert [again.stamp(uri) for uri in uris] == stamps
        again.close()
        assert source.stamp(case.missing) == UNREACHABLE

    def test_an_image_is_read_whole_and_its_first_bytes_alone(self, case, source):
        for uri in source.uris():
            assert source.read(uri, 10) == case.images[uri][:10]
            assert source.read(uri) == case.images[uri]
            assert source.read(uri, 10**9) == case.images[uri]

    def test_an_image_is_found_by_its_name_alone(self, case):
        reader = UriReader()
        for uri in reversed(case.images):
            assert reader.read(uri) == case.images[uri]
        reader.close()

    def test_prefetching_changes_nothing_but_when_bytes_come(self, case, source):
        uris = list(source.uris())
        stamps = [source.stamp(uri) for uri in uris]
        source.prefetch(uris)
        assert [source.stamp(uri) for uri in uris] == stamps
        assert [source.read(uri, 10) for uri in uris] == [d[:10] for d in case.images.values()]
        assert [source.read(uri) for uri in uris] == list(case.images.values())
        source.prefetch(uris, lambda uri, stamp: stamp in stamps)
        assert [source.stamp(uri) for uri in uris] == stamps
        assert [source.read(uri) for uri in uris] == list(case.images.values())

    def test_what_is_missing_is_not_found(self, case, source):
        source.prefetch([case.missing])
        with pytest.raises(ImageError) as failure:
            source.read(case.missing)
        assert failure.value.reason is Reason.NOT_FOUND

    def test_what_cannot_be_read_is_listed_and_has_a_reason(self, case):
        source = Opened(case.broken)
        *_, last = source.uris()
        for max_bytes in (None, 10):
            with pytest.raises(ImageError) as failure:
                source.read(last, max_bytes)
            assert failure.value.reason is case.reason
        source.close()

    def test_a_pickled_copy_reads_the_same(self, case, source):
        uris = list(source.uris())
        source.prefetch(uris)
        copy = pickle.loads(pickle.dumps(source.reader))
        assert [copy.read(uri) for uri in uris] == list(case.images.values())
        assert [copy.stamp(uri) for uri in uris] == [source.stamp(uri) for uri in uris]
        assert [copy.label(uri) for uri in uris] == [source.label(uri) for uri in uris]
        copy.close()

    def test_several_threads_read_the_same(self, case, source):
        uris = list(source.uris()) * 4
        source.prefetch(uris[: len(uris) // 4])
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(source.read, uris)) == list(case.images.values()) * 4

    def test_a_closed_reader_opens_again_what_it_needs(self, case, source):
        (first, *_) = source.uris()
        source.close()
        assert source.read(first) == case.images[first]
        source.close()
        source.close()


# --- files of this machine --------------------------------------------------------------------


def put(folder, names=PICTURES):
    """Write pictures into a folder and return it."""
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(PICTURES[name])
    return folder


def below(path, files=PICTURES):
    """Return the files by their URI."""
    return {f"{path}/{name}": data for name, data in files.items()}


class TestFolder(SourceContract):
    @pytest.fixture
    def case(self, tmp_path):
        folder = put(tmp_path / "in")
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken/link.jpg").symlink_to(tmp_path / "in")
        (tmp_path / "broken/pipe.jpg").symlink_to("/dev/null")
        images, missing = below(folder), f"{folder}/none.jpg"
        return Case(str(folder), images, missing, tmp_path / "broken", Reason.NOT_AN_IMAGE)


class TestListFile(SourceContract):
    @pytest.fixture
    def case(self, tmp_path):
        folder = put(tmp_path / "in")
        names = list(PICTURES)[::-1]
        (tmp_path / "list.txt").write_text("\n".join(f"in/{n}" for n in [*names, names[0]]))
        (tmp_path / "broken.txt").write_text("in\n")
        images = {f"{folder}/{name}": PICTURES[name] for name in names}
        broken, missing = tmp_path / "broken.txt", f"{folder}/none.jpg"
        return Case(tmp_path / "list.txt", images, missing, broken, Reason.NOT_AN_IMAGE)


class TestPythonList(SourceContract):
    @pytest.fixture
    def case(self, tmp_path):
        folder, other = put(tmp_path / "in"), put(tmp_path / "other", ["0.jpg"])
        images = {
            f"{folder}/3.jpg": PICTURES["3.jpg"],
            **below(other, {"0.jpg": PICTURES["0.jpg"]}),
        }
        given = [f"{folder}/3.jpg", other, f"{folder}/3.jpg"]
        return Case(given, images, f"{folder}/none.jpg", ["ftp://x/y.jpg"], Reason.UNSUPPORTED)


class TestCrops(SourceContract):
    """Parts of images are read as their whole image."""

    @pytest.fixture
    def case(self, tmp_path):
        folder = put(tmp_path / "in")
        images = {f"{uri}#xywh=1,2,30,40": data for uri, data in below(folder).items()}
        (tmp_path / "broken").mkdir()
        missing = f"{folder}/none.jpg#xywh=1,2,30,40"
        broken = [f"{tmp_path}/broken#xywh=1,2,30,40"]
        options = {"bounding_box": "row_y=2,col_x=1,height=40,width=30"}
        return Case(folder, images, missing, broken, Reason.NOT_AN_IMAGE, options)


# --- files of many images ---------------------------------------------------------------------


class ContainerContract(SourceContract):
    """Inherit it, and set what makes a file of pictures."""

    name: str
    #: Of the images in it, and of one that is not there.
    names: tuple[str, ...] = (*PICTURES, "none.jpg")

    def make(self, path):
        raise NotImplementedError

    @pytest.fixture
    def case(self, tmp_path):
        path = tmp_path / self.name
        self.make(path)
        (tmp_path / "broken").mkdir()
        broken = tmp_path / "broken" / self.name
        self.make(broken)
        os.truncate(broken, 4000)
        *names, missing = (f"{path}/{name}" for name in self.names)
        images = dict(zip(names, PICTURES.values(), strict=True))
        return Case(path, images, missing, broken, Reason.TRUNCATED)


class TestTar(ContainerContract):
    name = "x.tar"

    def make(self, path):
        tar_of(path, PICTURES.items())


class TestCompressedTar(ContainerContract):
    name = "x.tar.gz"

    def make(self, path):
        tar_of(path, PICTURES.items(), "w:gz")


class TestZip(ContainerContract):
    name = "x.zip"

    def make(self, path):
        zip_of(path, PICTURES.items(), 0)


class RowsContract(ContainerContract):
    """Of data sets: images are called by their row."""

    names = (*(f"{row:06}" for row in range(len(PICTURES))), "000099")


class TestParquet(RowsContract):
    name = "x.parquet"

    def make(self, path):
        parquet_of(path, {"image": images_of(PICTURES), "label": ["a"] * len(PICTURES)})


class TestArrow(RowsContract):
    name = "x.feather"

    def make(self, path):
        table = pa.table({"image": images_of(PICTURES)})
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table, max_chunksize=3)


class TestSavedDataset(SourceContract):
    """A folder as Hugging Face's library saves it."""

    @pytest.fixture
    def case(self, tmp_path):
        columns = {"image": images_of(PICTURES), "label": [i % 2 for i in range(len(PICTURES))]}
        folder = saved_of(tmp_path / "set", columns, ["cat", "dog"])
        rows = [f"{folder}/data-00000-of-00002.arrow/{row:06}" for row in range(4)]
        rows += [f"{folder}/data-00001-of-00002.arrow/{row:06}" for row in range(3)]
        broken = tmp_path / "broken.arrow"
        broken.write_bytes((folder / "data-00000-of-00002.arrow").read_bytes()[:400])
        images = dict(zip(rows, PICTURES.values(), strict=True))
        return Case(folder, images, f"{rows[-1][:-1]}9", broken, Reason.TRUNCATED)


class TestVideo(SourceContract):
    @pytest.fixture
    def case(self, tmp_path):
        path = film_of(tmp_path / "x.mp4", scenes(range(3)))
        broken = tmp_path / "broken.mp4"
        broken.write_bytes(path.read_bytes()[:-1000])
        reader = UriReader()
        images = {f"{path}#t={i}.000": reader.read(f"{path}#t={i}.000") for i in range(3)}
        reader.close()
        assert all(data.startswith(b"BM") for data in images.values())
        assert len(set(images.values())) == 3
        return Case(path, images, f"{path}#t=9.000", broken, Reason.TRUNCATED)


# --- elsewhere --------------------------------------------------------------------------------


class TestObjects(SourceContract):
    @pytest.fixture
    def case(self, s3):
        bucket = put(s3 / f"contract-{next(_NUMBER)}")
        url = f"s3://{bucket.name}"
        return Case(f"{url}/", below(url), f"{url}/none.jpg", ["s3:///x.jpg"], Reason.UNSUPPORTED)


class TestObjectArchive(SourceContract):
    @pytest.fixture
    def case(self, s3_of_parts):
        bucket = put(s3_of_parts / f"contract-{next(_NUMBER)}", [])
        tar_of(bucket / "x.tar", PICTURES.items())
        (bucket / "broken.tar").write_bytes((bucket / "x.tar").read_bytes()[:5000])
        url = f"s3://{bucket.name}/x.tar"
        broken = f"s3://{bucket.name}/broken.tar"
        return Case(url, below(url), f"{url}/none.jpg", broken, Reason.TRUNCATED)


# --- of one's own -----------------------------------------------------------------------------


class TestOwnScheme(SourceContract):
    @pytest.fixture
    def case(self):
        toy_source.register()
        place = "toy://album/7"
        broken = ["toy://album/locked.jpg"]
        return Case(place, below(place), f"{place}/none.jpg", broken, Reason.NO_ACCESS)


class TestOwnEnding(SourceContract):
    @pytest.fixture
    def case(self, tmp_path):
        toy_source.register()
        path = tmp_path / "x.toy"
        path.write_text("7")
        broken = tmp_path / "broken.toy"
        broken.write_text("0")
        return Case(path, below(path), f"{path}/none.jpg", broken, Reason.NOT_AN_IMAGE)
