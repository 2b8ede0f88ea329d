"""Names as they are shown: nothing that a terminal obeys, and nothing over two lines."""

import logging

import pytest

from fastdup.printable import LineFormatter, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Käse 日本.jpg", "Käse 日本.jpg"),
        ("\x1b]0;title\x07\x1b[2J.zip", r"\x1b]0;title\x07\x1b[2J.zip"),
        ("a\nfastdup: all is well\n.zip", r"a\nfastdup: all is well\n.zip"),
        ("a\r\x85\u2028b", r"a\r\x85\u2028b"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("caf\udce9.jpg", r"caf\udce9.jpg"),
        ("\x9b2J", r"\x9b2J"),
    ],
)
def test_what_is_not_printed_is_escaped(text, shown):
    assert printable(text) == shown
    assert printable(shown) == shown


def test_a_record_of_the_log_is_one_line():
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s: bad", ("a\n\x1b[2J",), None)
    assert LineFormatter("fastdup: %(message)s").format(record) == r"fastdup: a\n\x1b[2J: bad"


def test_a_traceback_keeps_its_lines_and_loses_what_a_terminal_obeys():
    try:
        raise ValueError("\x1b[2J")
    except ValueError as exc:
        info = type(exc), exc, exc.__traceback__
    text = LineFormatter().formatException(info)
    assert text.startswith("Traceback")
    assert len(text.splitlines()) > 2
    assert "\x1b" not in text
