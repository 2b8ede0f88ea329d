"""The JSON card of the model: its input, the meaning of its cosines, its training."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from training.config import Config

Card = dict[str, Any]
VERSION = "4"


def new_card(model: Path, config: Config, record: Card, calibration: Card) -> Card:
    """Describe a model.

    Parameters
    ----------
    model : Path
        The ONNX file.
    config : Config
        What was trained.
    record : dict
        The record of the training run.
    calibration : dict
        Knots of the map from cosine to similarity.
    """
    return {
        "name": "fastdup-builtin",
        "version": VERSION,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "input": {
            "name": "images",
            "element_type": "uint8",
            "layout": "NHWC",
            "height": config.input_side,
            "width": config.input_side,
            "channels": "RGB",
            "resample": "box",
        },
        "output": {"name": "features", "dim": config.embedding},
        "calibration": calibration,
        "training": record,
        "evaluation": {},
    }


def read_card(model: Path) -> Card:
    """Read the card beside an ONNX file."""
    return json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))


def write_card(model: Path, card: Card) -> None:
    """Write the card beside an ONNX file; it is never half-written."""
    target = model.with_suffix(".json")
    temporary = target.with_suffix(".partial")
    temporary.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    temporary.replace(target)
