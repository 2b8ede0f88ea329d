"""The card of a model: a JSON file beside the ONNX file, with what the graph does not say."""

import json
import os
from pathlib import Path
from typing import Any

from fastdup.errors import ModelError

CARD_EXAMPLE = (
    '{"input": {"layout": "NCHW", "height": 224, "width": 224, "channels": "RGB", '
    '"scale": 0.00392156862745098, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}'
)


def read_card(path: str) -> dict[str, Any] | None:
    """Return the card beside the model file at `path`, or None.

    Raises
    ------
    ModelError
        When the card cannot be read or is damaged.
    """
    for candidate in (os.path.splitext(path)[0] + ".json", path + ".json"):
        if os.path.exists(candidate):
            try:
                return parse_card(Path(candidate).read_text(encoding="utf-8"), candidate)
            except OSError as exc:
                raise ModelError(f"cannot read {candidate}: {exc.strerror}") from exc
    return None


def parse_card(text: str, where: str) -> dict[str, Any]:
    """Return a card; `where` says for messages where it was.

    Raises
    ------
    ModelError
        When it is none.
    """
    try:
        card = json.loads(text)
    except ValueError as exc:
        raise ModelError(f"the card of the model, {where}, is not JSON: {exc}") from exc
    if not isinstance(card, dict) or not isinstance(card.get("input", {}), dict):
        raise ModelError(f"the card of the model, {where}, must look like {CARD_EXAMPLE}")
    return card
