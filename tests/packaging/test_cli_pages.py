"""The man page, the reference and the completions say what the command line takes."""

import argparse
import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_pages.commands import walk_commands
from cli_pages.completion import PLACES, completion
from cli_pages.man import man_page
from cli_pages.markdown import markdown_page

import fastdup
from fastdup.cli import build_parser
from fastdup.config import RunConfig

ROOT = Path(__file__).parents[2]
RUN_OPTIONS = [
    f"--{f.name.replace('_', '-')}" for f in dataclasses.fields(RunConfig) if f.name != "input_dir"
]


def command_names():
    return [command.name for command in walk_commands(build_parser())]


def test_every_command_is_walked_once():
    names = command_names()
    assert names[0] == "fastdup"
    assert {"fastdup run", "fastdup gallery", "fastdup models download"} <= set(names)
    assert len(set(names)) == len(names)


def test_the_man_page_names_every_command_and_option():
    page = man_page(build_parser(), fastdup.__version__).replace(r"\-", "-")
    for name in command_names():
        assert name in page
    for option in RUN_OPTIONS:
        assert rf"\fB{option}\fR" in page
    assert f"fastdup {fastdup.__version__}" in page


def test_the_man_page_prints_hostile_text_as_it_is():
    parser = argparse.ArgumentParser(prog="prog", description="Does\\things.")
    parser.add_argument("--dot", help=".TH is no request here, nor 'quotes', 100%% of it")
    page = man_page(parser, '1"0')
    assert r"Does\ethings" in page
    assert r"\&.TH is no request here, nor 'quotes', 100% of it" in page
    assert r'"prog 1\(dq0"' in page


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed: apt install man-db")
def test_man_shows_the_page_without_a_warning(tmp_path):
    path = tmp_path / "fastdup.1"
    path.write_text(man_page(build_parser(), fastdup.__version__))
    shown = subprocess.run(["man", "--warnings", "-l", path], capture_output=True, text=True)
    assert shown.returncode == 0
    assert shown.stderr == ""
    assert "--nearest-neighbors-k" in shown.stdout


def test_the_reference_in_the_docs_is_that_of_the_command_line():
    stored = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert stored == markdown_page(build_parser()), "make cli-reference writes it anew"


@pytest.mark.parametrize("shell", PLACES)
def test_every_shell_that_is_here_takes_its_completions(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "completion"
    path.write_text(completion(build_parser(), shell))
    done = subprocess.run([shell, "-n", path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def completed(tmp_path, *words):
    """Return what bash offers for the last of `words`."""
    script = tmp_path / "completion"
    script.write_text(completion(build_parser(), "bash"))
    name = re.search(r"complete .*-F (\w+) fastdup", script.read_text())[1]
    ask = f'source {script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); {name}; '
    command = ["bash", "-c", ask + 'printf "%s\\n" "${COMPREPLY[@]}"', "bash", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    return set(done.stdout.split())


def test_bash_completes_commands_options_choices_and_files(tmp_path):
    (tmp_path / "photos").mkdir()
    assert completed(tmp_path, "fastdup", "ru") == {"run"}
    assert "--threshold" in completed(tmp_path, "fastdup", "run", "--thr")
    assert completed(tmp_path, "fastdup", "run", "--distance", "eu") == {"euclidean"}
    assert completed(tmp_path, "fastdup", "gallery", "--kind", "du") == {"duplicates"}
    assert completed(tmp_path, "fastdup", "run", "pho") == {"photos"}
    assert completed(tmp_path, "fastdup", "run", "-w", "pho") == {"photos"}
