"""Files that make the libraries that read them crash, hang, or fill the memory."""

import io
import os
import sys
import threading

import pytest

from fastdup.errors import ImageError, Reason
from fastdup.executors import watched
from fastdup.sources.containers.apart import MOST_CRASHES, Apart, Place
from hostile_workshop import RAISED

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no watched processes")


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "thing"
    path.write_bytes(b"content")
    return Place(str(path), 7, 0, is_local=True)


@pytest.fixture
def apart():
    apart = Apart("hostile_workshop:HostileWorkshop", "a thing", 2)
    yield apart
    apart.close()


def failure_of(apart, *call, **options):
    with pytest.raises(ImageError) as failure:
        apart.call(*call, **options)
    return failure.value


def test_what_is_given_comes_back_with_the_bytes_of_the_file(apart, place):
    given = ["é", "caf\udce9", 2**70, None, [1.5, True]]
    assert apart.call("echo", place, *given) == (given, b"content")


def test_a_crash_costs_its_file_and_the_next_one_is_read(apart, place):
    failure = failure_of(apart, "crash", place)
    assert failure.reason is Reason.DECODE_ERROR
    assert "crashed (SIGSEGV)" in str(failure)
    assert apart.call("echo", place) == ([], b"content")


def test_a_file_is_tried_again_in_a_new_process_after_a_crash(apart, place, tmp_path):
    assert apart.call("crash_once", place, str(tmp_path / "marker")) == ("done", b"")


def test_a_file_that_crashes_again_and_again_is_given_up(apart, place):
    for _ in range(MOST_CRASHES):
        failure_of(apart, "crash", place)
    assert "again and again" in str(failure_of(apart, "echo", place))
    assert apart.call("say_process", place._replace(path="other"))[0]


def test_a_process_that_says_nothing_is_ended(apart, place, monkeypatch):
    monkeypatch.setattr(watched, "MOST_SILENT_S", 1)
    assert "no answer within 1 s" in str(failure_of(apart, "hang", place))
    monkeypatch.undo()
    assert "again and again" in str(failure_of(apart, "hang", place))  # not waited for twice


@pytest.mark.skipif(sys.platform != "linux", reason="memory is not limited here")
def test_memory_is_limited(apart, place):
    failure = failure_of(apart, "fill", place)
    assert "Cannot allocate memory" in str(failure)
    assert apart.call("echo", place) == ([], b"content")


@pytest.mark.parametrize("kind", RAISED)
def test_whatever_is_raised_is_the_reason_of_the_file_on_one_line(apart, place, kind):
    failure = failure_of(apart, "fail", place, kind)
    assert failure.reason in (Reason.DECODE_ERROR, Reason.TOO_LARGE)
    assert "a thing" in str(failure)
    assert "\n" not in str(failure)


def test_an_answer_that_makes_no_sense_is_a_damaged_file(apart, place):
    assert failure_of(apart, "forge", place).reason is Reason.DECODE_ERROR


def test_nothing_that_is_sent_back_is_unpickled(apart, place, tmp_path):
    failure = failure_of(apart, "send_pickle", place, str(tmp_path / "marker"))
    assert failure.reason is Reason.DECODE_ERROR
    assert not (tmp_path / "marker").exists()


def test_a_file_elsewhere_is_read_by_asking_for_its_parts(apart, place):
    elsewhere = Place("s3://bucket/thing", 7, 0, is_local=False)
    assert apart.call("echo", elsewhere, opened=lambda: io.BytesIO(b"content"))[1] == b"content"


def test_what_hinders_reading_a_file_elsewhere_is_the_reason(apart):
    class Lost(io.BytesIO):
        def read(self, n_bytes=-1):
            raise ImageError("the server went away", reason=Reason.TIMEOUT)

    elsewhere = Place("s3://bucket/thing", 7, 0, is_local=False)
    failure = failure_of(apart, "echo", elsewhere, opened=Lost)
    assert failure.reason is Reason.TIMEOUT
    assert apart.call("echo", elsewhere, opened=lambda: io.BytesIO(b"content"))[1] == b"content"


def test_calls_that_are_near_one_another_go_to_the_same_process(apart, place):
    both = threading.Barrier(2, timeout=60)
    numbers = {}

    class Waiting(io.BytesIO):
        def seek(self, *given):
            both.wait()
            return super().seek(*given)

    def ask(near):
        elsewhere = place._replace(is_local=False)
        apart.call("echo", elsewhere, near=near, opened=lambda: Waiting(b"content"))
        numbers[near] = apart.call("say_process", place, near=near)[0]

    threads = [threading.Thread(target=ask, args=(near,)) for near in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for near in "abba":
        assert apart.call("say_process", place, near=near)[0] in numbers.values()
