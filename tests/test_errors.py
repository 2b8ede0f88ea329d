import inspect
import pickle

import pytest

from fastdup import errors
from fastdup.errors import ConfigError, FastdupError, ImageError, MissingExtraError, Reason

ALL_ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, FastdupError)
]


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_every_error_survives_pickling(kind):
    copy = pickle.loads(pickle.dumps(kind("what happened")))
    assert type(copy) is kind
    assert str(copy) == "what happened"


def test_fields_survive_pickling():
    bad = pickle.loads(pickle.dumps(ImageError("cut short", reason=Reason.TRUNCATED)))
    assert (str(bad), bad.reason) == ("cut short", Reason.TRUNCATED)
    missing = pickle.loads(pickle.dumps(MissingExtraError.needed_for("HEIC", extra="heic")))
    assert missing.extra == "heic"
    assert "pip install pillow-heif" in str(missing)


def test_the_docstring_draws_every_error():
    assert all(kind.__name__ in errors.__doc__ for kind in ALL_ERRORS)


def test_a_config_error_is_a_value_error():
    assert issubclass(ConfigError, ValueError)
