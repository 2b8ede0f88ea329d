"""The half of a model that reads texts: rows of the same space as those of its images."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import MissingExtraError, ModelError
from fastdup.models.presets import Preset
from fastdup.models.session import open_session
from fastdup.models.spec import file_sha256

#: What such models call their inputs, and the output that has a row for each text.
_TOKENS, _MASK, _ROWS = "input_ids", "attention_mask", "text_embeds"


class TextTower:
    """Turns texts into rows, to be compared with those of images by the cosine.

    Parameters
    ----------
    preset : Preset
        With a half that reads texts.

    Raises
    ------
    ModelError
        When that half is not downloaded, or was changed since.
    """

    def __init__(self, preset: Preset) -> None:
        if preset.text is None:
            raise ModelError(f"{preset.name} has no half that reads texts")
        self._preset, self._n_tokens = preset, preset.text.n_tokens
        card = _read_card(preset)
        for path in preset.text_files.values():
            if not path.is_file():
                raise ModelError(
                    f"the half of {preset.name} that reads texts is not downloaded: "
                    f"fastdup models download {preset.name} --text"
                )
            if file_sha256(str(path)) != card.get(path.name):
                raise ModelError(f"{path} is not the file that was downloaded: download it again")

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the rows of n texts, an (n, d) float32 array.

        A text longer than the model reads is cut off.

        Raises
        ------
        MissingExtraError
            When the package that cuts texts into tokens is not installed.
        ModelError
            When the files are no such model.
        """
        rows = [self._embed_one(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self._preset.dim)

    def _embed_one(self, text: str) -> NDArray[np.float32]:
        session = self._session
        given = {item.name: item for item in session.get_inputs()}
        values = self._inputs(text, given)
        names = [output.name for output in session.get_outputs()]
        try:
            (rows,) = session.run([_ROWS if _ROWS in names else names[0]], values)
        except Exception as exc:  # the runtime's exceptions share no base but Exception
            first_line = str(exc).strip().splitlines()[0]
            raise ModelError(f"{self._model_path} failed: {first_line}") from exc
        row = np.asarray(rows, np.float32).reshape(-1)
        if row.size != self._preset.dim or not np.isfinite(row).all():
            raise ModelError(f"{self._model_path} gave no row of {self._preset.dim} numbers")
        return row

    def _inputs(self, text: str, given: dict[str, Any]) -> dict[str, NDArray[Any]]:
        """Return the tokens of a text as the model takes them."""
        if _TOKENS not in given or set(given) - {_TOKENS, _MASK}:
            raise ModelError(f"{self._model_path} takes {', '.join(given)}: no texts as tokens")
        tokens = self._tokenizer.encode(text).ids
        length = given[_TOKENS].shape[-1]
        # A model of fixed length gets the last token, the end of the text, until it is full.
        n_more = length - len(tokens) if isinstance(length, int) else 0
        values = {
            _TOKENS: np.array([tokens + tokens[-1:] * n_more]),
            _MASK: np.array([[1] * len(tokens) + [0] * n_more]),
        }
        types = {name: "int32" if "int32" in item.type else "int64" for name, item in given.items()}
        return {name: values[name].astype(types[name]) for name in given}

    @property
    def _model_path(self) -> Path:
        return self._preset.text_files["model"]

    @cached_property
    def _session(self) -> Any:
        return open_session(str(self._model_path))

    @cached_property
    def _tokenizer(self) -> Any:
        path = self._preset.text_files["tokenizer"]
        try:
            from tokenizers import Tokenizer
        except ImportError as exc:
            raise MissingExtraError.needed_for("search by a text", extra="text") from exc
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as exc:  # its exceptions share no base but Exception
            raise ModelError(f"{path} is not a tokenizer: {exc}") from exc
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._n_tokens)
        return tokenizer


def _read_card(preset: Preset) -> dict[str, str]:
    """Return the digest of each file of the half that reads texts, by name; {} without one."""
    try:
        card = json.loads(preset.text_card.read_bytes())
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}
