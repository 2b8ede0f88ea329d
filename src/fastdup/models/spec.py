"""The description of an ONNX image model: its input, its output, how to prepare images for it."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from fastdup.errors import ModelError
from fastdup.models.calibration import Calibration
from fastdup.models.card_file import CARD_EXAMPLE, read_card
from fastdup.models.graph import CHANNELS, Graph
from fastdup.models.presets import PRESET_ALIASES, PRESETS, find_preset

BUILTIN_PATH = Path(__file__).with_name("builtin.onnx")

Layout = Literal["NCHW", "NHWC"]
Resample = Literal["bilinear", "box"]
ELEMENT_TYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(uint8)": "uint8"}


@dataclass(frozen=True)
class ModelSpec:
    """An ONNX image model and the preparation of its input. Picklable; loads nothing by itself.

    A pixel value p from 0 to 255 enters the network as ``(p * scale - mean) / std``.

    Attributes
    ----------
    path : str
        The ONNX file.
    name : str
        Name for config.json and messages.
    sha256 : str
        SHA-256 of the ONNX file, in hex.
    input_name, output_name : str
        Names in the graph.
    element_type : {"float32", "float16", "uint8"}
        Type of the input.
    layout : {"NCHW", "NHWC"}
        Order of the input's axes.
    height, width : int
        Size of the input in pixels.
    channels : {"RGB", "BGR", "L"}
        Order of the channels.
    scale : float
        See above.
    mean, std : tuple of float
        One value per channel; see above.
    batch_size : int or None
        Fixed number of images per call; None: any number.
    dim : int or None
        Width of a feature row; None: the graph does not state it.
    calibration : Calibration or None
        The model's map from cosine to similarity; None: the cosine is the similarity.
    token : int or None
        Index of the token of an (n, tokens, d) output that is the image's row; None: the output
        has one row per image.
    resample : {"bilinear", "box"}
        Filter for shrinking: bilinear, or the mean over each pixel's area, which takes two thirds
        of the time. Smaller pictures are always enlarged bilinearly.
    """

    path: str
    name: str
    sha256: str
    input_name: str
    output_name: str
    element_type: str
    layout: Layout
    height: int
    width: int
    channels: str
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    batch_size: int | None
    dim: int | None
    calibration: Calibration | None
    token: int | None = None
    resample: Resample = "bilinear"

    def feeding(self) -> dict[str, Any]:
        """Return everything but the ONNX file that determines a row, as JSON values."""
        names = ("layout", "height", "width", "resample", "channels", "scale")
        values = {name: getattr(self, name) for name in (*names, "output_name", "token")}
        return {**values, "mean": list(self.mean), "std": list(self.std)}


def load_spec(model_path: str | None = None) -> ModelSpec:
    """Return the spec of the built-in model, or of the one that `model_path` names.

    What the graph does not state comes from a JSON card: ``NAME.json`` or ``NAME.onnx.json`` beside
    ``NAME.onnx``, or the graph's metadata under the key ``fastdup``.

    Parameters
    ----------
    model_path : str or None
        An ONNX file, or the name of a downloaded preset if there is no such file; None: the
        built-in model.

    Raises
    ------
    ModelError
        When the file cannot be loaded, or a value is missing; the message shows an example card.
    """
    path = resolve_model_path(model_path)
    if model_path is None and (stated := Graph.stated(_builtin_card())):
        return _build_spec(path, builtin_sha256(), stated, _builtin_card())
    digest = file_sha256(path)
    card = read_card(path)
    _check_unchanged(path, digest, card or {})
    graph = Graph.read(path)
    return _build_spec(path, digest, graph, card or graph.card)


def resolve_model_path(model_path: str | None) -> str:
    """Return the path of the ONNX file that `model_path` names; see `load_spec`.

    Raises
    ------
    ModelError
        When it names a preset that is not downloaded, or looks like a preset's name but is not one.
    """
    if model_path is None:
        return str(BUILTIN_PATH)
    path = _file_of(model_path)
    if os.path.exists(path):
        return path
    if path != model_path:
        name = PRESET_ALIASES.get(model_path, model_path)
        raise ModelError(f"the preset {name} is not downloaded: fastdup models download {name}")
    if model_path and not os.path.dirname(model_path) and not os.path.splitext(model_path)[1]:
        _refuse_unknown(model_path)
    return path


def _refuse_unknown(name: str) -> None:
    try:
        find_preset(name)
    except ModelError as exc:
        raise ModelError(f"there is no file {name}, and {exc}") from exc


def _file_of(model_path: str) -> str:
    """Return `model_path`, or the path of the preset of that name, downloaded or not."""
    name = PRESET_ALIASES.get(model_path, model_path)
    is_preset = name in PRESETS and not os.path.isfile(model_path)
    return str(PRESETS[name].path) if is_preset else model_path


def is_builtin(sha256: str) -> bool:
    """Return whether the digest `sha256` is that of the built-in model."""
    return builtin_sha256() == sha256


@cache
def builtin_sha256() -> str:
    """Return the SHA-256 of the built-in model, in hex, as its card states it."""
    return str(_builtin_card().get("sha256") or file_sha256(str(BUILTIN_PATH)))


@cache
def _builtin_card() -> dict[str, Any]:
    return read_card(str(BUILTIN_PATH)) or {}


def find_calibration(sha256: str, model_path: str | None = None) -> Calibration | None:
    """Return the calibration of the model with the digest `sha256`.

    Parameters
    ----------
    sha256 : str
        SHA-256 of the model that made the features, in hex.
    model_path : str or None
        A model to look at besides the built-in one.

    Returns
    -------
    Calibration or None
        None when neither has this digest, or the model has no calibration.
    """
    path = model_path and _file_of(model_path)
    if path and os.path.exists(path) and file_sha256(path) == sha256:
        return _calibration(read_card(path) or {})
    return _calibration(_builtin_card()) if is_builtin(sha256) else None


def file_sha256(path: str) -> str:
    """Return the SHA-256 of the model file at `path`, in hex.

    Raises
    ------
    ModelError
        When the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise ModelError(f"cannot read the model {path}: {exc.strerror}") from exc


def _check_unchanged(path: str, digest: str, card: Mapping[str, Any]) -> None:
    """Refuse a file that was changed after its download, by the digest in its card."""
    source = card.get("source")
    downloaded = source.get("sha256") if isinstance(source, dict) else None
    if downloaded not in (None, digest):
        raise ModelError(
            f"{path} is not the file that was downloaded: its sha256 is {digest}, its card says "
            f"{downloaded}; download it again"
        )


def _calibration(card: Mapping[str, Any]) -> Calibration | None:
    knots = card.get("calibration")
    if knots is None:
        return None
    return Calibration(tuple(knots["cosine"]), tuple(knots["similarity"]))


def _build_spec(path: str, digest: str, graph: Graph, card: Mapping[str, Any]) -> ModelSpec:
    given: Mapping[str, Any] = card.get("input", {})
    layout = _layout(path, graph, given)
    batch, *rest = graph.input_shape
    n_channels, height, width = rest if layout == "NCHW" else (rest[2], rest[0], rest[1])
    channels = str(given.get("channels", "L" if n_channels == 1 else "RGB"))
    if channels not in CHANNELS:
        raise ModelError(f"channels={channels!r} in the card of {path}: choose RGB, BGR or L")
    element_type = ELEMENT_TYPES.get(graph.input_type)
    if element_type is None:
        raise ModelError(f"{path} takes {graph.input_type}: it must be float, float16 or uint8")
    scale, mean, std = _normalisation(path, element_type, given, CHANNELS[channels])
    output_name = _output_name(path, graph, card)
    token = _token(path, card)
    return ModelSpec(
        path=path,
        name=str(card.get("name", os.path.basename(path))),
        sha256=digest,
        input_name=graph.input_name,
        output_name=output_name,
        element_type=element_type,
        layout=layout,
        height=_side(path, "height", height, given),
        width=_side(path, "width", width, given),
        channels=channels,
        scale=scale,
        mean=mean,
        std=std,
        batch_size=batch if isinstance(batch, int) else None,
        dim=_dim(graph.output_shapes[output_name], token),
        calibration=_calibration(card),
        token=token,
        resample=_resample(path, given),
    )


def _layout(path: str, graph: Graph, given: Mapping[str, Any]) -> Layout:
    shape = graph.input_shape
    if len(shape) != 4:
        raise ModelError(f"the input of {path} has shape {shape}: it must have 4 axes, images")
    layout = given.get("layout")
    if layout == "NCHW" or (layout is None and shape[1] in (1, 3)):
        return "NCHW"
    if layout == "NHWC" or (layout is None and shape[3] in (1, 3)):
        return "NHWC"
    raise _unknown(path, "layout (NCHW or NHWC)")


def _resample(path: str, given: Mapping[str, Any]) -> Resample:
    resample = given.get("resample", "bilinear")
    if resample in get_args(Resample):
        return cast(Resample, resample)
    raise ModelError(f"resample={resample!r} in the card of {path}: choose bilinear or box")


def _side(path: str, which: str, in_graph: Any, given: Mapping[str, Any]) -> int:
    side = given.get(which, in_graph)
    if not isinstance(side, int) or side < 1:
        raise _unknown(path, which)
    if isinstance(in_graph, int) and side != in_graph:
        raise ModelError(f"the card of {path} says {which} {side}, its graph says {in_graph}")
    return side


def _normalisation(
    path: str, element_type: str, given: Mapping[str, Any], n_channels: int
) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
    if element_type == "uint8":  # pixels go in as they are
        return 1.0, (0.0,) * n_channels, (1.0,) * n_channels
    if "mean" not in given or "std" not in given:
        raise _unknown(path, "mean and std")
    mean, std = (tuple(map(float, given[key])) for key in ("mean", "std"))
    if not len(mean) == len(std) == n_channels or not all(value > 0 for value in std):
        raise ModelError(
            f"the card of {path} needs {n_channels} values in mean and {n_channels} above 0 in std"
        )
    return float(given.get("scale", 1.0)), mean, std


def _output_name(path: str, graph: Graph, card: Mapping[str, Any]) -> str:
    name = card.get("output", {}).get("name")
    if name is not None and name not in graph.output_names:
        raise ModelError(
            f"the card of {path} names the output {name!r}; there are {graph.output_names}"
        )
    return name or graph.output_names[0]


def _token(path: str, card: Mapping[str, Any]) -> int | None:
    token = card.get("output", {}).get("token")
    if token is None or (type(token) is int and token >= 0):
        return token
    raise ModelError(f"token={token!r} in the card of {path}: it must be 0 or more")


def _dim(shape: list[Any], token: int | None) -> int | None:
    axis = 1 if token is None else 2
    dim = shape[axis] if len(shape) > axis else None
    return dim if isinstance(dim, int) else None


def _unknown(path: str, what: str) -> ModelError:
    card = os.path.splitext(path)[0] + ".json"
    return ModelError(
        f"the {what} of {path} cannot be known: write it to {card}, for example {CARD_EXAMPLE}"
    )
