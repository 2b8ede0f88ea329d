"""What a person chooses becomes a command that does just that."""

import os

import pytest

from fastdup.cli import parse
from fastdup.cli.run import config_from
from fastdup.errors import ConfigError
from fastdup.explorer.params import Params
from fastdup.window.run_choices import SIMILAR, RunChoices


def chosen(tmp_path, **given):
    return RunChoices.of(Params(given, 0), tmp_path / "state")


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "my photos; rm -rf"
    folder.mkdir()
    return str(folder)


def config_of(choices):
    return config_from(parse(choices.words()))


def test_by_default_only_the_places_are_given(tmp_path, photos):
    choices = chosen(tmp_path, folders=[photos])
    assert choices.words() == ["run", photos, "--work-dir", choices.work_dir]
    assert f"fastdup run '{photos}' --work-dir" in choices.command()


def test_the_command_has_every_choice(tmp_path, photos):
    other = str(tmp_path / "other")
    os.mkdir(other)
    given = {"similar": "same", "hidden": True, "videos": False, "archives": False}
    choices = chosen(tmp_path, folders=[photos], reference=other, work_dir="/w", **given)
    config = config_of(choices)
    assert (config.threshold, config.include_hidden, config.test_dir) == (0.98, True, other)
    assert {"*.mp4", "*.zip", "*.tar.gz"} <= set(config.exclude)
    assert config.work_dir == "/w"
    choices.check()


@pytest.mark.parametrize("similar", SIMILAR)
def test_every_kind_of_similar_is_one_that_a_run_takes(tmp_path, photos, similar):
    choices = chosen(tmp_path, folders=[photos], similar=similar)
    choices.check()
    assert config_of(choices).replace(input_dir="x", work_dir="x").parts == (similar == "parts")


def test_results_go_to_a_folder_of_their_own_the_same_each_time(tmp_path, photos):
    first = chosen(tmp_path, folders=[photos]).work_dir
    assert first.startswith(str(tmp_path / "state" / "results" / "my-photos-rm--rf-"))
    assert chosen(tmp_path, folders=[photos, photos], similar="exact").work_dir == first
    assert chosen(tmp_path, folders=[photos, str(tmp_path)]).work_dir != first
    assert not os.path.exists(first)


def test_a_reference_is_no_other_name_of_a_folder_but_may_be_inside_one(tmp_path, photos):
    (tmp_path / "link").symlink_to(photos)
    with pytest.raises(ConfigError, match="cannot be both"):
        chosen(tmp_path, folders=[photos], reference=str(tmp_path / "link"))
    below = os.path.join(photos, "backup")
    os.mkdir(below)
    assert chosen(tmp_path, folders=[photos], reference=below).reference == below


def test_results_among_the_images_are_asked_about(tmp_path, photos):
    for inside in (photos, os.path.join(photos, "a", "b")):
        question = chosen(tmp_path, folders=[photos], work_dir=inside).question()
        assert "among the images" in question
    (tmp_path / "link").symlink_to(photos)
    question = chosen(tmp_path, folders=[photos], work_dir=str(tmp_path / "link/out")).question()
    assert "among the images" in question
    assert chosen(tmp_path, folders=[photos]).question() == ""
    beside = chosen(tmp_path, folders=[photos], work_dir=photos + "-out")
    assert beside.question() == ""


def test_results_among_other_files_are_asked_about_but_not_those_of_a_run(tmp_path, photos):
    work = tmp_path / "out"
    work.mkdir()
    choices = chosen(tmp_path, folders=[photos], work_dir=str(work))
    assert choices.question() == ""
    (work / "thesis.doc").write_bytes(b"")
    assert "has other files in it" in choices.question()
    (work / "config.json").write_text("{}")
    assert choices.question() == ""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"folders": []}, "choose a folder first"),
        ({}, "choose a folder first"),
        ({"folders": "x"}, "not a list of texts"),
        ({"folders": [1]}, "not a list of texts"),
        ({"folders": ["relative"]}, "not a full path"),
        ({"folders": ["-rf"]}, "not a full path"),
        ({"folders": ["/a\0b"]}, "not a full path"),
        ({"folders": ["/\ud800"]}, "not a list of texts"),
        ({"folders": ["/none/here"]}, "there is no folder /none/here"),
        ({"folders": ["/"], "similar": "alike"}, "similar='alike' is not allowed"),
        ({"folders": ["/"], "work_dir": "out"}, "not a full path"),
        ({"folders": ["/"], "work_dir": ["/out"]}, "is not text"),
        ({"folders": ["/"], "reference": "/\ud800"}, "not a list of texts"),
        ({"folders": ["/"], "reference": "/"}, "cannot be both"),
        ({"folders": ["/usr/"], "reference": "/"}, "/usr is inside /, which is only compared"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(tmp_path, given, message):
    with pytest.raises(ConfigError, match=message) as caught:
        chosen(tmp_path, **given)
    assert "\n" not in str(caught.value)
