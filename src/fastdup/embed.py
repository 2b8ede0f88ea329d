"""A batch of images → one feature row each, computed by an ONNX model."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.content_rows import content_rows
from fastdup.errors import ModelError
from fastdup.images import DecodedImage
from fastdup.models import ModelSpec
from fastdup.models.session import load_runtime, open_session

_RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "box": Image.Resampling.BOX}


class ModelInput(NamedTuple):
    """A picture as the model needs it.

    Attributes
    ----------
    pixels : sequence of (height, width, channels) uint8 arrays
        Of each frame, where there are several.
    weights : sequence of int
        What each of them counts.
    """

    pixels: Sequence[NDArray[np.uint8]]
    weights: Sequence[int]


class Embedder:
    """Turns images into features. Picklable; the session opens on first use in each process.

    Parameters
    ----------
    spec : ModelSpec
        The model and the preparation of its input.
    compute : {"cpu", "gpu"}
        Where it runs.
    """

    def __init__(self, spec: ModelSpec, compute: str = "cpu") -> None:
        self.spec = spec
        self._compute = compute

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the session, which belongs to this process."""
        return {"spec": self.spec, "_compute": self._compute}

    @property
    def runs_on_cpu(self) -> bool:
        """Whether the model runs on the CPU, so that several processes can share the work."""
        return self._compute == "cpu"

    @property
    def min_side(self) -> int:
        """The least side in pixels to decode a picture at: the larger side of the model's input."""
        return max(self.spec.height, self.spec.width)

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """Return the picture resized to the model's input, its aspect ratio not kept.

        Returns
        -------
        (height, width, channels) uint8 array
        """
        size = (self.spec.width, self.spec.height)
        shrinks = image.width >= size[0] and image.height >= size[1]
        small = image.resize(size, _RESAMPLING[self.spec.resample if shrinks else "bilinear"])
        if self.spec.channels == "L":
            return np.asarray(small.convert("L"))[:, :, None]
        pixels = np.asarray(small)
        return pixels[:, :, ::-1] if self.spec.channels == "BGR" else pixels

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return the features of prepared images.

        Parameters
        ----------
        images : sequence of n (height, width, channels) uint8 arrays

        Returns
        -------
        (n, d) float32 array

        Raises
        ------
        ModelError
            When the model fails, or does not return one row per image.
        """
        step = self.spec.batch_size or max(len(images), 1)
        parts = [self._embed_batch(images[i : i + step]) for i in range(0, len(images), step)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), np.float32)

    def prepare_frames(self, picture: DecodedImage) -> ModelInput:
        """Return all that a picture shows, ready for the model; see `prepare`."""
        shown = picture.shown
        return ModelInput([self.prepare(frame.image) for frame in shown], list(shown.values()))

    def embed_frames(self, pictures: Sequence[ModelInput]) -> NDArray[np.float32]:
        """Return the features of prepared pictures, a row each: the mean of those of its frames.

        Parameters
        ----------
        pictures : sequence of n ModelInput

        Returns
        -------
        (n, d) float32 array
        """
        rows = self.embed([pixels for picture in pictures for pixels in picture.pixels])
        return _mean_of_frames(rows, pictures)

    def open(self) -> None:
        """Open the session now, so that problems are reported before the first image is read.

        Raises
        ------
        ModelError
            When the model cannot run here.
        """
        _ = self._session

    @cached_property
    def dim(self) -> int:
        """Width of a feature row; found with a blank image if the graph does not state it."""
        if self.spec.dim is not None:
            return self.spec.dim
        blank = np.zeros((self.spec.height, self.spec.width, len(self.spec.mean)), np.uint8)
        return int(self._embed_batch([blank]).shape[1])

    @cached_property
    def _session(self) -> Any:
        providers = _execution_providers(self._compute)
        session = open_session(self.spec.path, providers)
        if session.get_providers()[0] != providers[0]:
            raise ModelError(
                "compute='gpu', but no usable GPU answers: "
                "check the driver and CUDA with nvidia-smi, or use compute='cpu'"
            )
        return session

    def _embed_batch(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        n_images = len(images)
        tensor = self._to_tensor(np.stack(images))
        missing = (self.spec.batch_size or n_images) - n_images
        if missing:
            tensor = np.concatenate([tensor, np.zeros((missing, *tensor.shape[1:]), tensor.dtype)])
        session = self._session
        try:
            (output,) = session.run([self.spec.output_name], {self.spec.input_name: tensor})
        except Exception as exc:  # the runtime's exceptions share no base but Exception
            first_line = str(exc).strip().splitlines()[0]
            raise ModelError(f"the model {self.spec.path} failed: {first_line}") from exc
        rows = np.asarray(output)
        token = self.spec.token
        if token is not None and rows.ndim == 3 and token < rows.shape[1]:
            rows = rows[:, token]
        if rows.ndim < 2 or len(rows) < n_images or rows.size != rows.shape[0] * rows.shape[1]:
            raise ModelError(
                f"the model {self.spec.path} gave shape {rows.shape} for {n_images} images: "
                "it must give one row each"
            )
        return rows.reshape(len(rows), -1)[:n_images].astype(np.float32, copy=False)

    def _to_tensor(self, batch: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the (n, height, width, channels) batch, normalised, in the model's layout."""
        spec = self.spec
        ordered = batch.transpose(0, 3, 1, 2) if spec.layout == "NCHW" else batch
        if spec.element_type == "uint8":
            return np.ascontiguousarray(ordered)
        per_channel = (-1, 1, 1) if spec.layout == "NCHW" else (1, 1, -1)
        mean, std = np.array(spec.mean), np.array(spec.std)
        tensor = np.ascontiguousarray(ordered).astype(np.float32)
        tensor *= (spec.scale / std).astype(np.float32).reshape(per_channel)
        tensor -= (mean / std).astype(np.float32).reshape(per_channel)
        return tensor.astype(spec.element_type, copy=False)


def content_of_frames(pictures: Sequence[ModelInput]) -> NDArray[np.float32]:
    """Return the rows for content of n pictures, each the mean of those of its frames.

    Parameters
    ----------
    pictures : sequence of n ModelInput
        For the built-in model; n at least 1.

    Returns
    -------
    (n, c) float32 array
        See `content_rows`.
    """
    frames = np.stack([pixels for picture in pictures for pixels in picture.pixels])
    return _mean_of_frames(content_rows(frames), pictures)


def _mean_of_frames(
    rows: NDArray[np.float32], pictures: Sequence[ModelInput]
) -> NDArray[np.float32]:
    """Return a row for each of n pictures: the weighted mean of the rows of its frames."""
    if len(rows) == len(pictures):
        return rows
    stops = np.cumsum([len(picture.pixels) for picture in pictures])
    return np.stack(
        [
            np.average(of_frames.astype(np.float64), axis=0, weights=picture.weights)
            for of_frames, picture in zip(np.split(rows, stops[:-1]), pictures, strict=True)
        ]
    ).astype(np.float32)


def _execution_providers(compute: str) -> list[str]:
    if compute == "cpu":
        return ["CPUExecutionProvider"]
    if "CUDAExecutionProvider" not in load_runtime().get_available_providers():
        raise ModelError(
            "compute='gpu', but this ONNX Runtime has no CUDA: "
            "pip install onnxruntime-gpu in place of onnxruntime, or use compute='cpu'"
        )
    return ["CUDAExecutionProvider", "CPUExecutionProvider"]
