import dataclasses
import inspect
import subprocess
import sys

import pytest

import fastdup
from command import fastdup_command
from fastdup import cli
from fastdup.cli.commands import COMMANDS
from fastdup.cli.run import config_from
from fastdup.config import RunConfig
from fastdup.config.aliases import OPTION_ALIASES

OPTIONS = [f.name for f in dataclasses.fields(RunConfig)]


def test_the_options_of_the_command_are_those_of_run_and_of_the_config():
    parameters = inspect.signature(fastdup.run).parameters
    assert set(OPTIONS) == set(parameters) - {"version", "other_spellings"}
    for field in dataclasses.fields(RunConfig):
        if field.name != "input_dir":
            assert parameters[field.name].default == field.default, field.name
    help_text = fastdup_command("run", "--help").stdout
    for name in set(OPTIONS) - {"input_dir"}:
        assert f"--{name.replace('_', '-')} " in help_text, name


def test_every_parameter_is_documented():
    documented = inspect.getdoc(fastdup.run)
    assert all(name in documented for name in OPTIONS)


def given(*words):
    """Return the config that the command line makes of `words`."""
    return config_from(cli.parse(words))


@pytest.mark.parametrize(
    "words",
    [
        ("run", "photos", "--work-dir", "out", "--nearest-neighbors-k", "5"),
        ("photos", "-w", "out", "--nearest_neighbors_k=5"),
        ("photos", "--work_dir=out", "--nearest-neighbors-k=5"),
        ("--work_dir", "out", "photos", "--nearest_neighbors_k", "5"),
        ("--input_dir=photos", "--work_dir=out", "--nearest_neighbors_k=5"),
        ("run", "-w", "out", "--input-dir", "photos", "--nearest-neighbors-k=5"),
    ],
)
def test_old_and_new_spellings_mean_the_same(words):
    expected = RunConfig(input_dir="photos", work_dir="out", nearest_neighbors_k=5)
    assert given(*words) == expected


def test_flags_may_have_a_value():
    assert given("photos", "--verbose=true").verbose
    assert not given("photos", "--verbose=0").verbose
    assert given("--verbose", "photos").verbose
    assert given("photos", "--include_hidden").include_hidden


def test_several_inputs_are_one_collection():
    assert given("run", "a", "b").input_dir == ["a", "b"]


@pytest.mark.parametrize(("alias", "name"), OPTION_ALIASES.items())
def test_every_alias_works(alias, name):
    default = RunConfig.__dataclass_fields__[name].default
    value = "x" if default is None else type(default)(0.5 if isinstance(default, float) else "7")
    assert getattr(given("photos", f"--{alias}", str(value)), name) == value


def test_the_later_releases_name_of_faiss_works():
    assert given("photos", "--nn_provider=nnf").nn_provider == "faiss"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "x", "--treshold", "0.9"], "did you mean --threshold?"),
        (["run"], "INPUT"),
        (["run", "x", "--threshold", "high"], "invalid float value: 'high'"),
        (["run", "x", "--threshold", "85"], "try threshold=0.85"),
        (["run", "x", "--run-mode", "7"], "choose from 0, 1, 2"),
        (["gallery", "x", "--kind", "nonsense"], "invalid choice"),
        (["clean", "x", "--actoin", "trash"], "did you mean --action?"),
        (["clean", "x", "--action", "thrash"], "choose from trash, move"),
        (["clean", "--action", "move", "there", "x"], "write WORK_DIR before it"),
        (["leaks", "x", "--tset", "y"], "did you mean --test?"),
        (["gallery", "x", "--kind", "stats", "--metric", "drak"], "try metric='dark'"),
        ([], "COMMAND"),
        (["galery", "x"], "no command and no input 'galery', did you mean gallery?"),
        (["help"], "did you mean --help?"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(words, message):
    done = fastdup_command(*words)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert done.stdout == ""


def test_a_failure_is_one_line_and_exit_code_1(tmp_path):
    for words in (["run", tmp_path / "none"], ["gallery", tmp_path]):
        done = fastdup_command(*words, cwd=tmp_path)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_failure_is_one_line_whatever_the_names_hold(tmp_path):
    done = fastdup_command("search", "no\n\x1b[31mrun", "x.jpg", cwd=tmp_path)
    assert done.stderr.splitlines() == [
        r"fastdup: there is no finished run in no\n\x1b[31mrun: run there first, or name another "
        "work_dir"
    ]


def test_verbose_shows_where_it_failed(tmp_path):
    done = fastdup_command("run", tmp_path / "none", "--verbose", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("words", [["--version"], ["run", "--version"], ["photos", "--version"]])
def test_the_version_is_printed(words):
    done = fastdup_command(*words)
    assert (done.returncode, done.stdout) == (0, f"{fastdup.__version__}\n")


def test_a_folder_that_is_called_nearly_like_a_command_is_an_input(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "galery").mkdir()
    assert given("galery").input_dir == "galery"


HEAVY = {
    "PIL",
    "cv2",
    "faiss",
    "importlib.metadata",
    "jinja2",
    "numpy",
    "onnxruntime",
    "pandas",
    "tqdm",
}


def loaded_by(code):
    """Return the names of the modules that a fresh interpreter has loaded after `code`."""
    report = f"{code}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True)
    assert done.stderr == ""
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([c, "--help"] for c in COMMANDS)])
def test_help_loads_nothing_heavy_and_no_other_command(words):
    loaded = loaded_by(f"import fastdup.cli; fastdup.cli.main({words})")
    assert not loaded & HEAVY
    modules = {f"fastdup.cli.{name}": name for name in COMMANDS}
    assert {modules[module] for module in loaded & set(modules)} == set(words) & set(COMMANDS)


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded_by("import fastdup") & HEAVY


def test_models_is_a_command_and_a_folder_of_that_name_is_an_input_after_run():
    assert given("run", "models").input_dir == "models"
    done = fastdup_command("models", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "download NAME" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["models", "download"], "required: NAME"),
        (["models", "upload", "x"], "no command 'upload' (choose from download)"),
    ],
)
def test_bad_usage_of_models_is_one_line_and_exit_code_2(words, message):
    done = fastdup_command(*words)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
