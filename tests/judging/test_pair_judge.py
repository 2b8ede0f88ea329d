"""Pictures are read once while they fit, and pairs are judged the same in any process."""

import gc
import pickle
import weakref

import pytest
from PIL import Image

from backwards import Backwards
from counting_reader import BrokenReader, CountingReader
from fastdup.errors import ImageError
from fastdup.executors import LocalExecutor
from fastdup.judging.finding import UNVERIFIED
from fastdup.judging.open_pictures import OpenPictures, PictureFile
from fastdup.judging.pair_judge import JudgeTask, PairJudge
from fastdup.judging.stage import judge_pairs
from fastdup.judging.verdict_store import VerdictStore
from fastdup.progress import SilentProgress
from fastdup.sources import UriReader
from fastdup.verify import Verdict, judge
from pictures import jpeg, photo

MOST_PIXELS = 10**7


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Four sizes of one photo, and two other photos."""
    folder = tmp_path_factory.mktemp("pictures")
    sizes = [(640 - 40 * number, 480 - 30 * number) for number in range(4)]
    pictures = [*(photo(0).resize(size) for size in sizes), photo(1), photo(2)]
    for number, picture in enumerate(pictures):
        (folder / f"{number}.jpg").write_bytes(jpeg(picture))
    return [file_of(folder / f"{number}.jpg") for number in range(6)]


def file_of(path):
    return PictureFile(str(path), UriReader().stamp(str(path)))


def all_pairs(files):
    return [(one, other) for n, one in enumerate(files) for other in files[n + 1 :]]


def test_each_picture_is_read_once_for_all_its_pairs(files):
    reader = CountingReader()
    judged = PairJudge(reader, MOST_PIXELS)(JudgeTask(0, tuple(all_pairs(files))))
    assert reader.n_reads == dict.fromkeys((file.uri for file in files), 1)
    verdicts = [finding.verdict for finding in judged.findings]
    assert verdicts.count(Verdict.LOOK_ALIKE) == 9  # of the other two, with all
    assert judged.unread == frozenset()


def test_pictures_that_do_not_fit_are_read_again(files):
    reader = CountingReader()
    opened = OpenPictures(reader, MOST_PIXELS, most_bytes=1)
    for file in [*files[:3], files[2], files[1], files[0]]:
        assert opened.get(file).picture.size[0] > 500
    assert list(reader.n_reads.values()) == [2, 1, 1]


def test_a_judge_that_was_sent_elsewhere_finds_the_same(files):
    task = JudgeTask(0, tuple(all_pairs(files[:3] + files[4:5])))
    judge = PairJudge(UriReader(), MOST_PIXELS)
    found = judge(task)
    assert pickle.loads(pickle.dumps(judge))(task) == found
    assert pickle.loads(pickle.dumps(found)) == found


def test_what_cannot_be_read_is_unverified_and_counted_once(files, tmp_path):
    (tmp_path / "text.jpg").write_bytes(b"no picture")
    bad = [file_of(tmp_path / "text.jpg"), PictureFile("/gone.jpg", files[0].stamp)]
    changed = files[0]._replace(stamp=files[1].stamp)
    pairs = [(changed, files[1]), (files[2], bad[0]), (bad[0], bad[1]), (files[3], bad[1])]
    judged = PairJudge(UriReader(), MOST_PIXELS)(JudgeTask(0, tuple(pairs)))
    assert set(judged.findings) == {UNVERIFIED}
    assert judged.unread == {changed.uri, bad[0].uri, bad[1].uri}
    judged = PairJudge(BrokenReader(), MOST_PIXELS)(JudgeTask(0, ((files[0], files[1]),)))
    assert judged.findings == (UNVERIFIED,)


def test_a_pair_that_cannot_be_compared_is_unverified_and_the_others_go_on(files, monkeypatch):
    seen = []

    def judge_all_but_the_first(first, second):
        seen.append(first)
        if len(seen) == 1:
            raise IndexError("no such row")
        return judge(first, second)

    monkeypatch.setattr("fastdup.verify.two_pictures.judge", judge_all_but_the_first)
    pairs = ((files[0], files[1]), (files[0], files[2]))
    judged = PairJudge(UriReader(), MOST_PIXELS)(JudgeTask(0, pairs))
    assert [finding.verdict for finding in judged.findings] == ["unverified", "same_picture"]
    assert judged.unread == frozenset()


def test_a_part_of_a_picture_and_a_large_file_are_decoded_at_once(tmp_path):
    Image.effect_noise((1200, 900), 90).convert("RGB").save(tmp_path / "large.jpg", quality=95)
    (tmp_path / "small.jpg").write_bytes(jpeg(photo(0).resize((640, 480))))
    opened = OpenPictures(UriReader(), MOST_PIXELS)
    large, small = (opened.get(file_of(tmp_path / f"{name}.jpg")) for name in ("large", "small"))
    assert len((tmp_path / "large.jpg").read_bytes()) > 2**19
    before = small.n_bytes
    assert large.picture.size == (1200, 900)
    assert small.picture.small.size == (320, 240)
    assert small.picture.image.size == (640, 480)
    assert small.picture.image is small.picture.image
    assert small.n_bytes > before + 640 * 480


def test_a_picture_that_is_kept_no_longer_takes_no_memory(files):
    opened = OpenPictures(UriReader(), MOST_PIXELS, most_bytes=1)
    gc.disable()  # which frees what refers to itself, but long after
    try:
        looked_at, compared = (opened.get(file) for file in files[:2])
        assert looked_at.picture.small
        assert compared.picture.image
        gone = weakref.ref(looked_at), weakref.ref(compared)
        del looked_at, compared
        for file in files[2:4]:
            opened.get(file)
        assert [picture() for picture in gone] == [None, None]
    finally:
        gc.enable()


def test_pictures_too_small_to_compare_are_unverified_though_they_can_be_read(tmp_path):
    for number in range(2):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / f"{number}.png")
    pair = file_of(tmp_path / "0.png"), file_of(tmp_path / "1.png")
    judged = PairJudge(UriReader(), MOST_PIXELS)(JudgeTask(0, (pair,)))
    assert judged.findings == (UNVERIFIED,)
    assert judged.unread == frozenset()


def test_an_image_that_changed_is_refused(files):
    with pytest.raises(ImageError, match="changed since"):
        OpenPictures(UriReader(), MOST_PIXELS).get(files[0]._replace(stamp=files[1].stamp))


@pytest.mark.parametrize("executor", [LocalExecutor(1), LocalExecutor(3), Backwards(2)])
def test_findings_are_stored_in_the_order_of_the_pairs(executor, files, tmp_path):
    many = all_pairs(files)
    # Copies of the same two files under other names: many tasks.
    names = [tmp_path / f"{number:03}.jpg" for number in range(100)]
    for name in names:
        name.write_bytes(b"the same")
    copies = [file_of(name) for name in names]
    many += [(copies[n], copies[n + 1]) for n in range(0, 100, 2)]
    with VerdictStore(str(tmp_path / "known"), {}) as store:
        judge = PairJudge(UriReader(), MOST_PIXELS)
        found = judge_pairs(many, {}, judge, store, executor, SilentProgress())
    assert [finding.verdict for finding in found.findings[15:]] == [Verdict.SAME_BYTES] * 50
    assert found.unread == frozenset()
    with VerdictStore(str(tmp_path / "known"), {}) as store:
        known = store.known(many)
    assert list(known) == many
    assert list(known.values()) == found.findings
