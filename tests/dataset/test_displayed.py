"""What a notebook shows of the object and of what its methods return."""

import pytest

import fastdup
from explored import HOSTILE, finished_run


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The work folder of a finished run, to be read only."""
    return finished_run(tmp_path_factory.mktemp("displayed"))


def test_the_object_shows_counts_and_the_first_groups(work):
    shown = fastdup.create(work_dir=str(work))._repr_html_()
    for part in ("<b>13</b> images", "<b>2</b> groups", "<b>2</b> bad files", "4 images, mean"):
        assert part in shown
    assert shown.count('<img src="data:image/jpeg;base64,') == 6
    assert HOSTILE not in shown
    assert "&gt;&lt;img src=x onerror=alert(1)&gt;.jpg" in shown


def test_without_results_it_says_so(tmp_path):
    shown = fastdup.create(work_dir=str(tmp_path / "<b>new"))._repr_html_()
    assert "no results" in shown
    assert "<b>" not in shown


def test_reports_and_the_galleries_show_themselves(work, tmp_path):
    fd = fastdup.create(work_dir=str(work))
    assert "would remove" in fd.clean()._repr_html_()
    assert "<li><code>.duplicates_gallery()</code></li>" in fd.vis._repr_html_()


def test_a_summary_that_was_logged_is_shown_when_asked_for_again(work, capsys):
    lines = fastdup.create(work_dir=str(work)).summary()
    capsys.readouterr()
    lines._ipython_display_()
    assert capsys.readouterr().out == ""
    lines._ipython_display_()
    assert capsys.readouterr().out.splitlines() == lines
