"""Classes by name: built in, registered by a call, declared by packages."""

import logging
import os
from pathlib import Path

import pytest

import fastdup
from command import fastdup_command
from fastdup.class_registry import ClassRegistry, Entry
from fastdup.errors import ConfigError, MissingExtraError
from fastdup.index import Provider, SearchOptions
from packages import install
from toy_provider import ToyOptions, ToyProvider

GROUP = "fastdup.test_shapes"


class Shape:
    """The base class."""


class Circle(Shape):
    """One of them."""


@pytest.fixture
def registry():
    table = {
        "square": Entry("test_registry:Square", "four equal sides"),
        "lost": Entry("no_such_module:Lost", "of an extra", extra="shapes"),
    }
    return ClassRegistry("shape", GROUP, table, reserved=("auto",))


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of packages."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_registered_class_is_found_by_its_name(registry):
    registry.register("circle", Circle, Shape)
    registry.register("circle", Circle, Shape)  # the same again changes nothing
    assert "circle" in registry
    assert registry.names() == ["circle", "lost", "square"]
    assert registry.load("circle", Shape) is Circle


@pytest.mark.parametrize("name", ["square", "auto", "circle", "ellipse"])
def test_a_name_that_exists_is_refused(registry, site, name):
    install(site, "shapes", "ellipse = shapes:Ellipse", group=GROUP)
    registry.register("circle", Circle, Shape)
    with pytest.raises(ConfigError, match=f"there is a shape '{name}' already"):
        registry.register(name, type("Other", (Shape,), {}), Shape)
    assert registry.load("circle", Shape) is Circle


@pytest.mark.parametrize("name", ["", "Circle", "my-circle", "2d", "kreis\n", None, 7])
def test_a_name_that_is_no_word_is_refused(registry, name):
    with pytest.raises(ConfigError, match="lower-case letters, digits and underscores"):
        registry.register(name, Circle, Shape)


def test_a_class_of_another_kind_is_refused(registry):
    with pytest.raises(ConfigError, match="'circle' is <class 'int'>, not a subclass of Shape"):
        registry.register("circle", int, Shape)


def test_a_package_declares_a_class(registry, site):
    install(site, "shapes", "toy = toy_provider:ToyProvider", group=GROUP)
    assert "toy" in registry
    assert registry.names() == ["lost", "square", "toy"]
    assert registry.load("toy", Provider) is ToyProvider


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("no_such_module:Toy", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("toy_provider:Missing", "cannot be loaded: AttributeError: "),
        ("toy_provider:np", "is <module 'numpy'.*, not a subclass of Provider"),
        ("fastdup.index:Provider", "lacks build, search: define what Provider asks for"),
    ],
)
def test_a_broken_package_is_named_in_one_line(registry, site, place, reason):
    install(site, "shapes", f"toy = {place}", group=GROUP)
    with pytest.raises(
        ConfigError, match=f"shape 'toy' of the package shapes 1.0 {reason}"
    ) as error:
        registry.load("toy", Provider)
    assert "\n" not in str(error.value)


def test_two_packages_of_one_name_are_refused(registry, site):
    install(site, "shapes", "toy = toy_provider:ToyProvider", group=GROUP)
    install(site, "forms", "toy = toy_provider:ToyProvider", group=GROUP)
    with pytest.raises(ConfigError, match=r"shapes 1\.0") as error:
        registry.load("toy", Provider)
    assert "forms 1.0" in str(error.value)
    assert "uninstall all of them but one" in str(error.value)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("auto", "a name that is taken"),
        ("square", "a name that is taken"),
        ("My-Toy", "a name that is not lower-case letters, digits and underscores"),
    ],
)
def test_a_package_with_a_name_that_cannot_be_used_is_left_out_with_one_warning(
    registry, site, caplog, name, why
):
    install(site, "shapes", f"{name} = toy_provider:ToyProvider", group=GROUP)
    with caplog.at_level(logging.WARNING, "fastdup"):
        for _ in range(3):
            assert registry.names() == ["lost", "square"]
            assert "auto" not in registry
    assert caplog.messages == [
        f"the package shapes 1.0 declares the shape {name!r}, {why}: it is not used"
    ]


def test_a_built_in_class_of_a_missing_extra_says_what_to_type(registry):
    with pytest.raises(MissingExtraError, match="'lost' needs an extra package: pip install s"):
        registry.load("lost", Shape)


def test_an_unknown_name_is_refused_with_the_known_ones(registry):
    with pytest.raises(ConfigError, match="no shape 'oval': choose from lost, square"):
        registry.load("oval", Shape)


def test_a_provider_of_ones_own_searches_a_run(photos, tmp_path):
    fastdup.register_provider("toy", ToyProvider)
    found = []
    for name in ("toy", "brute_force"):
        assert fastdup.run(photos, tmp_path / name, nn_provider=name) == 0
        found.append((tmp_path / name / "similarity.csv").read_bytes())
    assert found[0] == found[1]
    with pytest.raises(ConfigError, match="there is a neighbour provider 'faiss' already"):
        fastdup.register_provider("faiss", ToyProvider)


@pytest.mark.parametrize(
    ("param", "message"),
    [
        ("spare=-1", "nn_options='spare=-1' of nn_provider='toy': spare=-1 is below 0"),
        ("spare=100", "nn_options='spare=100' of nn_provider='toy': spare=100 is above 99"),
        ("spare=x", "spare must be a number, not 'x'"),
        ("space=1", "there is no option 'space'; did you mean 'spare'?"),
        ("spare=4,spare=5", "nn_options='spare=4,spare=5': 'spare' is given twice; give it once"),
        ("is_fast=maybe", "is_fast must be yes or no, not 'maybe'"),
        ("limit=x", "limit must be a number, not 'x'"),
    ],
)
def test_options_of_a_provider_of_ones_own_are_checked_before_the_first_image(
    photos, tmp_path, caplog, param, message
):
    fastdup.register_provider("toy", ToyProvider)
    assert fastdup.run(photos, tmp_path / "out", nn_provider="toy", nn_options=param) == 1
    assert message in caplog.text
    assert not (tmp_path / "out" / "features.dat").exists()


def test_options_are_of_the_type_of_their_fields():
    fastdup.register_provider("toy", ToyProvider)
    options = SearchOptions(provider="toy", nn_options="limit=7,is_fast=yes,spare=2,title=3")
    assert options.of_provider("toy") == ToyOptions(spare=2, is_fast=True, limit=7, title="3")


@pytest.mark.parametrize("options_class", [dict, int, None, ToyOptions()])
def test_a_provider_whose_options_are_no_dataclass_is_refused(options_class):
    odd = type("Odd", (ToyProvider,), {"options_class": options_class})
    with pytest.raises(ConfigError, match=r"'odd': options_class is .*, not a dataclass$"):
        fastdup.register_provider("odd", odd)


def test_the_command_line_takes_the_provider_of_an_installed_package(photos, site):
    install(site, "toys", "toy_package = toy_provider:ToyProvider", "broken = no_such_module:Toy")
    tests = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(tests)])}
    words = ("run", photos, "-w", photos.parent / "out", "--nn-provider")
    done = fastdup_command(
        *words, "toy_package", "--nn-options", "spare=2", "--verbose", env=environment
    )
    assert done.returncode == 0, done.stderr
    assert "neighbours by toy_package (approximate): 14 images" in done.stderr
    done = fastdup_command(*words, "broken", env=environment)
    assert done.returncode == 2
    assert done.stderr == (
        "fastdup: neighbour provider 'broken' of the package toys 1.0 cannot be loaded: "
        "ModuleNotFoundError: No module named 'no_such_module'; update or uninstall that package\n"
    )
