import os
import time

import pytest

from fastdup.errors import WorkDirError
from fastdup.workdir import WorkDir
from fastdup.workdir.decision_file import (
    KEEP,
    MOST_BYTES,
    NO_DECISIONS,
    NOT_COPIES,
    REMOVE,
    DecidedFile,
    DecisionColumns,
    change_decisions,
    decisions_bytes,
    parse_decisions,
    read_decisions,
)

HEADER = b"number,decision,path,size_bytes,digest,decided\n"
DIGEST = "0123456789abcdef" * 2
LINE = f"1,keep,/a.jpg,5,{DIGEST},2026-11-29T19:31:00Z\n".encode()
ODD_NAMES = ["/a, b.jpg", '/"quoted".jpg', "/line\nbreak.jpg", "/\udcff.jpg", "/日本.jpg", "=1.jpg"]


def file(number=1, decision=KEEP, path="/a.jpg", digest=DIGEST, size=5):
    return DecidedFile(number, decision, path, size, digest, "2026-11-29T19:31:00Z")


@pytest.fixture
def work(tmp_path):
    return WorkDir(str(tmp_path))


def test_the_file_is_as_documented_and_comes_back_as_it_was():
    assert decisions_bytes(DecisionColumns.of([file()])) == HEADER + LINE
    decided = DecisionColumns.of([file(n, NOT_COPIES, name) for n, name in enumerate(ODD_NAMES)])
    assert list(parse_decisions(decisions_bytes(decided)).rows()) == list(decided.rows())


def test_marks_blank_lines_and_other_line_ends_of_editors_are_read():
    data = b"\xef\xbb\xbf" + (HEADER + b"\n" + LINE).replace(b"\n", b"\r\n")
    assert list(parse_decisions(data).rows()) == [file()]


def changed(old, new):
    return HEADER + LINE + LINE.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "line 1: the header is not number,decision"),
        (b"from,to,distance\n", "line 1: the header is not number,decision"),
        (HEADER[:-1] + b",more\n", "line 1: the header is not"),
        (HEADER + LINE + b"1,keep\n", "line 3: it has 2 fields, not 6"),
        (
            changed("keep", "kept"),
            "line 3: the decision 'kept' is not one of not-copies, keep and remove",
        ),
        (changed("1,keep", "one,keep"), "line 3: 'one' is not a whole number"),
        (changed("1,keep", "-1,keep"), "line 3: '-1' is not a whole number"),
        (changed("1,keep", "9" * 5000 + ",keep"), "line 3: '9999"),
        (changed(",5,", ",5.5,"), "line 3: '5.5' is not a whole number"),
        (changed(",5,", ",٥,"), "line 3: '٥' is not a whole number"),
        (changed(DIGEST, DIGEST[:-1]), "is not a digest of 32 hexadecimal digits"),
        (changed(DIGEST, DIGEST.upper()), "is not a digest of 32 hexadecimal digits"),
        (changed("/a.jpg", ""), "line 3: '' is not a path"),
        (changed("/a.jpg", "/a\0.jpg"), r"line 3: '/a\x00.jpg' is not a path"),
        (changed("2026", "'2026"), "is not a time such as"),
        (changed("2026-11-29T19:31:00Z", "\x1b[2J"), r"'\x1b[2J' is not a time such as"),
        (HEADER + b'"' + b"x" * 200_000, "line 2: it has 1 fields, not 6"),
        (HEADER + LINE * 300 + b"1,keep\n", "line 302: it has 2 fields, not 6"),
        (HEADER + b"[" * 100_000, "line 2: it has 1 fields, not 6"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line_that_names_the_line(work, data, why):
    with open(work.decisions, "wb") as out:
        out.write(data)
    with pytest.raises(WorkDirError) as caught:
        read_decisions(work.decisions)
    message = str(caught.value)
    assert why in message
    assert message.isprintable()
    assert "fix it, or delete it to forget all decisions" in message


def test_a_planted_link_pipe_or_folder_is_neither_followed_nor_waited_for(work, tmp_path):
    target = tmp_path / "target.csv"
    target.write_bytes(HEADER + LINE)
    os.symlink(target, work.decisions)
    with pytest.raises(WorkDirError, match="cannot read"):
        read_decisions(work.decisions)
    os.unlink(work.decisions)
    if hasattr(os, "mkfifo"):
        os.mkfifo(work.decisions)
        with pytest.raises(WorkDirError, match="it is not a plain file"):
            read_decisions(work.decisions)
        os.unlink(work.decisions)
    os.mkdir(work.decisions)
    with pytest.raises(WorkDirError, match=r"it is not a plain file|Is a directory"):
        read_decisions(work.decisions)


def test_a_link_in_the_place_of_the_lock_is_not_followed(work, tmp_path):
    target = tmp_path / "target"
    os.symlink(target, work.decisions_lock)
    with pytest.raises(WorkDirError, match="cannot write"):
        change_decisions(work, lambda known: known)
    assert not target.exists()


def test_a_file_that_is_too_large_is_not_read(work):
    with open(work.decisions, "wb") as out:
        out.write(HEADER)
        out.truncate(MOST_BYTES + 1)  # sparse
    with pytest.raises(WorkDirError, match="more than 134,217,728 bytes"):
        read_decisions(work.decisions)


def test_more_decisions_than_a_file_may_hold_are_refused_before_anything_is_written():
    long = file(path="/" + "x" * 2**20)
    with pytest.raises(WorkDirError, match="too many decisions"):
        decisions_bytes(DecisionColumns.of([long] * 129))


def test_nothing_is_decided_where_there_is_no_file_and_none_is_written_for_nothing(work):
    assert read_decisions(work.decisions) == NO_DECISIONS
    change_decisions(work, lambda known: known)
    assert not os.path.exists(work.decisions)


def with_one_more(number, decision=KEEP):
    more = [file(number, decision, f"/{number}.jpg")]
    return lambda known: known.with_rows(more)


def test_decisions_on_single_files_are_appended_and_all_else_is_written_whole(work):
    change_decisions(work, with_one_more(1))
    same = os.path.join(work.root, "same")
    os.link(work.decisions, same)
    for number, decision in ((2, REMOVE), (3, KEEP)):
        _, after = change_decisions(work, with_one_more(number, decision))
    assert os.path.samefile(work.decisions, same)
    with open(work.decisions, "rb") as written:
        assert list(parse_decisions(written.read()).rows()) == list(after.rows())
    pair = [file(4, NOT_COPIES), file(4, NOT_COPIES, "/b.jpg", DIGEST[::-1])]
    change_decisions(work, lambda known: known.with_rows(pair))
    assert not os.path.samefile(work.decisions, same)
    change_decisions(work, lambda known: known.where([True, False, True, True, True]))
    assert [row.number for row in read_decisions(work.decisions).rows()] == [1, 3, 4, 4]


@pytest.mark.parametrize("n_left", [1, 5, len(LINE) // 2, len(LINE) - 2])
def test_a_row_that_a_power_cut_left_torn_was_never_made(work, n_left):
    change_decisions(work, with_one_more(1))
    with open(work.decisions, "ab") as written:
        written.write(LINE.replace(b"1,", b"2,", 1)[:n_left])
    assert [row.number for row in read_decisions(work.decisions).rows()] == [1]
    change_decisions(work, with_one_more(3))
    with open(work.decisions, "rb") as written:
        assert [row.number for row in parse_decisions(written.read()).rows()] == [1, 3]


def test_a_last_row_without_line_end_counts_and_more_follows_on_a_line_of_its_own(work):
    with open(work.decisions, "wb") as written:
        written.write((HEADER + LINE)[:-1])
    change_decisions(work, with_one_more(2))
    with open(work.decisions, "rb") as written:
        assert [row.number for row in parse_decisions(written.read()).rows()] == [1, 2]


def test_a_hundred_thousand_decisions_take_no_longer_than_a_few_plain_readings():
    pairs = [
        file(n, NOT_COPIES, f"/photos/2019/{n:06}.jpg", f"{2 * n + k:032x}", 4_000_000)
        for n in range(100_000)
        for k in (0, 1)
    ]
    data = decisions_bytes(DecisionColumns.of(pairs))
    start = time.process_time()
    [line.split(",") for line in data.decode().splitlines()]
    plain = time.process_time() - start
    start = time.process_time()
    decided = parse_decisions(data)
    assert time.process_time() - start < 20 * plain
    assert len(decided.numbers) == 200_000
