"""What an ONNX file takes and gives: read from the file, or as the card states it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastdup.errors import ModelError
from fastdup.models.card_file import parse_card
from fastdup.models.session import open_session

#: The key of a card in the graph's metadata.
METADATA_KEY = "fastdup"
CHANNELS = {"RGB": 3, "BGR": 3, "L": 1}


@dataclass(frozen=True)
class Graph:
    """Inputs, outputs and metadata of an ONNX file."""

    input_name: str
    input_type: str
    input_shape: list[Any]
    output_names: list[str]
    output_shapes: Mapping[str, list[Any]]
    card: Mapping[str, Any]

    @classmethod
    def stated(cls, card: Mapping[str, Any]) -> "Graph | None":
        """Return what the card of the built-in model states, None where that is not all.

        So a run without new images need not open the model, which takes 50 ms.
        """
        given, output = card.get("input", {}), card.get("output", {})
        if given.get("element_type") != "uint8" or given.get("layout") != "NHWC":
            return None
        name = output["name"]
        return cls(
            input_name=given["name"],
            input_type="tensor(uint8)",
            input_shape=["batch", given["height"], given["width"], CHANNELS[given["channels"]]],
            output_names=[name],
            output_shapes={name: ["batch", output["dim"]]},
            card=card,
        )

    @classmethod
    def read(cls, path: str) -> "Graph":
        """Return what the file says.

        Raises
        ------
        ModelError
            When it cannot be loaded, or does not have one input.
        """
        session = open_session(path)
        inputs, outputs = session.get_inputs(), session.get_outputs()
        if len(inputs) != 1:
            names = ", ".join(i.name for i in inputs)
            raise ModelError(f"{path} has {len(inputs)} inputs ({names}): it must have one, images")
        metadata = session.get_modelmeta().custom_metadata_map
        return cls(
            input_name=inputs[0].name,
            input_type=inputs[0].type,
            input_shape=list(inputs[0].shape),
            output_names=[o.name for o in outputs],
            output_shapes={o.name: list(o.shape) for o in outputs},
            card=parse_card(metadata.get(METADATA_KEY, "{}"), path),
        )
