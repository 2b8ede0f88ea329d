"""List files and ranges in braces, with names drawn by hypothesis, not thought up."""

import os
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastdup.errors import SourceError
from fastdup.sources.braces import expand_braces
from opened import Opened


def is_taken_as_it_stands(name):
    """Tell whether a line of a list file is a name, and one that nothing else is made of."""
    has_meaning = name.startswith((b"#", b"\xef\xbb\xbf", b"/")) or name.endswith((b"\r", b"/"))
    return bool(os.fsdecode(name).strip()) and not has_meaning and b"{" not in name


#: Lines of a list file that are relative paths, valid UTF-8 or not. Without control characters:
#: a file that begins with some is taken for an image.
LINES = (
    st.binary(min_size=1, max_size=20)
    .map(lambda name: name.translate(None, bytes(range(32))).replace(b"/", b"_"))
    .filter(is_taken_as_it_stands)
    .filter(lambda name: name not in (b".", b".."))
    .map(lambda name: name + b".jpg")
)


@given(st.lists(LINES, min_size=1, max_size=6), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
@example([b"\xe2\x80\xa8.jpg"], b"\n", False)  # a separator of lines to Unicode, not here
@example([b"\xff\xfename.jpg"], b"\n", False)  # what UTF-16 begins with
@example([b" leading.jpg", b"\x85.jpg", b"a\rb.jpg"], b"\r\n", True)
def test_each_line_is_the_name_of_one_file(tmp_path_factory, lines, end, ends_in_line_end):
    folder = tmp_path_factory.mktemp("list")
    path = folder / "files.txt"
    path.write_bytes(end.join(lines) + (end if ends_in_line_end else b""))
    wanted = [os.path.join(folder, os.fsdecode(line)) for line in dict.fromkeys(lines)]
    assert list(Opened(str(path)).uris()) == wanted


#: Text in which no range can begin or end.
PLAIN = st.text(alphabet="ab-/. {}é\udce9", max_size=5).filter(lambda t: ".." not in t)
BOUNDS = st.tuples(st.integers(0, 30), st.integers(0, 12), st.integers(1, 4))


@given(st.lists(st.tuples(PLAIN, BOUNDS), min_size=1, max_size=2), PLAIN)
def test_a_range_stands_for_each_of_its_numbers_in_order(parts, tail):
    name, wanted = "", [""]
    for text, (first, more, digits) in parts:
        name += f"{text}{{{first:0{digits}}..{first + more:0{digits}}}}"
        width = max(digits, len(str(first)))
        numbers = [f"{text}{n:0{width}}" for n in range(first, first + more + 1)]
        wanted = [before + number for before in wanted for number in numbers]
    assert list(expand_braces(name + tail)) == [before + tail for before in wanted]


@given(st.text(alphabet="ab{}.0123\udce9-", max_size=12))
def test_a_name_without_a_range_is_left_as_it_is(name):
    if re.search(r"\{\d+\.\.\d+\}", name):
        return
    assert list(expand_braces(name)) == [name]


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_range_that_runs_backwards_is_refused(last, more):
    with pytest.raises(SourceError, match="runs backwards"):
        expand_braces(f"{{{last + more}..{last}}}")
