import io
import json
import logging

from fastdup.progress import (
    BarProgress,
    JsonProgress,
    LogProgress,
    SilentProgress,
    Stopwatch,
    choose_progress,
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def work(progress):
    for stage, total in (("extracting", 3), ("listing", None)):
        progress.start(stage, total)
        progress.advance()
        progress.advance(2)
        progress.finish()


def test_a_terminal_gets_bars_that_vanish():
    terminal = Terminal()
    progress = choose_progress(terminal)
    assert isinstance(progress, BarProgress)
    work(progress)
    assert "reading images:   0%, 0 of 3 images, ? left" in terminal.getvalue()
    assert "\n" not in terminal.getvalue()


def test_a_log_gets_a_line_per_stage(caplog):
    progress = choose_progress(io.StringIO())
    assert isinstance(progress, LogProgress)
    with caplog.at_level(logging.INFO):
        work(progress)
    assert [r.message for r in caplog.records] == ["reading images: 3", "finding files"]


def test_a_log_gets_lines_while_a_long_stage_goes_on(caplog):
    with caplog.at_level(logging.INFO):
        work(LogProgress(interval_s=0))
    assert "reading images: 3 of 3" in caplog.text


def test_a_stage_that_comes_again_soon_has_one_line(caplog):
    progress = LogProgress()
    with caplog.at_level(logging.INFO):
        work(progress)
        work(progress)
    assert [r.message for r in caplog.records] == ["reading images: 3", "finding files"]


def test_the_library_is_silent(capfd, caplog):
    work(SilentProgress())
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""


def test_a_stopwatch_adds_up_and_merges():
    first, second = Stopwatch(), Stopwatch()
    for watch in (first, second):
        with watch.stage("read"):
            sum(range(1000))
    before = first.seconds["read"]
    first.merge(second)
    assert first.seconds["read"] == before + second.seconds["read"] > 0


def test_a_bar_of_bytes_shows_larger_units():
    terminal = Terminal()
    progress = choose_progress(terminal, unit="B")
    progress.start("downloading", 5_000_000)
    progress.advance(5_000_000)
    progress.finish()
    assert "5.00M" in terminal.getvalue()


def test_a_program_gets_a_line_of_json_for_each_event():
    stream = io.StringIO()
    work(JsonProgress(stream, interval_s=60))
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert events == [
        {"stage": "extracting", "total": 3},
        {"done": 3},
        {"stage": "listing", "total": None},
        {"done": 3},
    ]


def test_a_program_is_kept_informed_while_a_long_stage_goes_on():
    stream = io.StringIO()
    work(JsonProgress(stream, interval_s=0))
    assert stream.getvalue().count('{"done": 1}') == 2
