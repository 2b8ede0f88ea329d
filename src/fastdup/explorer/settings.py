"""What goes and what is kept, as a request of the page has it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastdup.actions.keep import CopyChoice
from fastdup.explorer.params import Params

_TEXTS = ("prefer", "never", "also", "what")
_FLAGS = ("across", "within", "videos", "carry_companions", "carry_metadata")


def chosen_settings(params: Params, chosen: CopyChoice | None = None) -> CopyChoice:
    """Return the choice that a request asks for.

    Parameters
    ----------
    params : Params
        The fields of `CopyChoice` by name. Where ``what`` names flaws, those of copies are left
        out, for that is a plan of its own.
    chosen : CopyChoice or None
        Has what is not given; None: the defaults do.

    Raises
    ------
    ConfigError
        When one makes no sense.
    """
    given: dict[str, Any] = {}
    given |= {name: tuple(params.texts(name)) for name in _TEXTS if params.has(name)}
    given |= {name: params.flag(name) for name in _FLAGS if params.has(name)}
    if params.has("keep"):
        given["keep"] = params.text("keep")
    if params.has("threshold"):
        given["threshold"] = params.similarity("threshold", 0.0)
    chosen = chosen or CopyChoice()
    what = given.get("what", chosen.what)
    if what:
        return CopyChoice(what=what, never=given.get("never", chosen.never))
    return replace(chosen, **given)


def settings_to_json(choice: CopyChoice) -> Mapping[str, Any]:
    """Return a choice as JSON values; a threshold of None is the usual one."""
    texts = {name: list(getattr(choice, name)) for name in _TEXTS}
    flags = {name: getattr(choice, name) for name in _FLAGS}
    return {"keep": choice.keep, "threshold": choice.threshold, **texts, **flags}
