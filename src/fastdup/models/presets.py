"""Well-known public image models by name: address, input, licence.

This module uses no network. `fastdup.models.download` does, on the user's request.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastdup.errors import ModelError
from fastdup.models.cache_folder import models_folder

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, kw_only=True)
class TextHalf:
    """The half of a preset that reads texts.

    Attributes
    ----------
    url, tokenizer_url : str
        Addresses of the ONNX file, and of what cuts texts into tokens; https.
    n_bytes : int
        Size of the ONNX file, approximate.
    n_tokens : int
        Most tokens that it reads.
    """

    url: str
    tokenizer_url: str
    n_bytes: int
    n_tokens: int = 77


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A public ONNX model that a user may download.

    Attributes
    ----------
    name : str
        The name to type, and of the file.
    url : str
        Address of the ONNX file; https.
    sha256 : str or None
        SHA-256 of the file, in hex; None: unknown, so the digest of the download is recorded.
    n_bytes : int
        Size of the file; approximate if `sha256` is None.
    licence : str
        Licence of the weights, as their publisher states it.
    dim : int
        Width of a feature row.
    mean, std : tuple of float
        One value per channel, for pixel values from 0 to 1.
    side : int
        Height and width of the input, in pixels.
    output_name : str or None
        The output to use; None: the first.
    token : int or None
        Index of the token of an (n, tokens, dim) output to use; None: the output is (n, dim).
    text : TextHalf or None
        The half that reads texts, where there is one.
    """

    name: str
    url: str
    sha256: str | None
    n_bytes: int
    licence: str
    dim: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    side: int = 224
    output_name: str | None = None
    token: int | None = None
    text: TextHalf | None = None

    @property
    def text_files(self) -> Mapping[str, Path]:
        """The paths of the half that reads texts, downloaded or not: its model and tokenizer."""
        folder = models_folder()
        return {
            "model": folder / f"{self.name}-text.onnx",
            "tokenizer": folder / f"{self.name}-tokenizer.json",
        }

    @property
    def text_card(self) -> Path:
        """Path of the file that holds the digests of these."""
        return models_folder() / f"{self.name}-text.json"

    @property
    def path(self) -> Path:
        """Path of the file, downloaded or not."""
        return models_folder() / f"{self.name}.onnx"

    @property
    def max_bytes(self) -> int:
        """Limit of bytes to download, whatever the server announces."""
        return 2 * self.n_bytes

    def card(self, sha256: str) -> dict[str, Any]:
        """Return the card of the file with the digest `sha256`."""
        output = {"name": self.output_name, "dim": self.dim, "token": self.token}
        return {
            "name": self.name,
            "input": {
                "layout": "NCHW",
                "height": self.side,
                "width": self.side,
                "channels": "RGB",
                "scale": 1 / 255,
                "mean": list(self.mean),
                "std": list(self.std),
            },
            "output": {key: value for key, value in output.items() if value is not None},
            "source": {"url": self.url, "sha256": sha256, "licence": self.licence},
        }


_TABLE = (
    Preset(  # OpenAI's CLIP, image half; exported by Qdrant
        name="clip-vit-b-32",
        url="https://huggingface.co/Qdrant/clip-ViT-B-32-vision/resolve/"
        "a636590e595dbbd798647c9dd4550d5652fba969/model.onnx",
        sha256="c68d3d9a200ddd2a8c8a5510b576d4c94d1ae383bf8b36dd8c084f94e1fb4d63",
        n_bytes=351_686_194,
        licence="MIT",
        dim=512,
        mean=CLIP_MEAN,
        std=CLIP_STD,
        output_name="image_embeds",
        text=TextHalf(
            url="https://huggingface.co/Qdrant/clip-ViT-B-32-text/resolve/main/model.onnx",
            tokenizer_url="https://huggingface.co/Qdrant/clip-ViT-B-32-text/resolve/main/"
            "tokenizer.json",
            n_bytes=254_000_000,
        ),
    ),
    Preset(  # OpenAI's larger CLIP, image half; exported for transformers.js
        name="clip-vit-l-14",
        url="https://huggingface.co/Xenova/clip-vit-large-patch14/resolve/main/onnx/"
        "vision_model.onnx",
        sha256=None,
        n_bytes=1_220_000_000,
        licence="MIT",
        dim=768,
        mean=CLIP_MEAN,
        std=CLIP_STD,
        output_name="image_embeds",
        text=TextHalf(
            url="https://huggingface.co/Xenova/clip-vit-large-patch14/resolve/main/onnx/"
            "text_model.onnx",
            tokenizer_url="https://huggingface.co/Xenova/clip-vit-large-patch14/resolve/main/"
            "tokenizer.json",
            n_bytes=496_000_000,
        ),
    ),
    Preset(  # Meta's DINOv2 ViT-B/14; exported for transformers.js
        name="dinov2-base",
        url="https://huggingface.co/Xenova/dinov2-base/resolve/main/onnx/model.onnx",
        sha256=None,
        n_bytes=347_000_000,
        licence="Apache-2.0",
        dim=768,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        output_name="last_hidden_state",
        token=0,
    ),
    Preset(  # Meta's DINOv2 ViT-S/14; exported for transformers.js
        name="dinov2-small",
        url="https://huggingface.co/Xenova/dinov2-small/resolve/"
        "c2bb04a51fab207c420665f1946016107bffc701/onnx/model.onnx",
        sha256="83141175ec78b4ff9a2bb58a4c7c264ba0054d1c2e122e5a8114b79a8d4179ea",
        n_bytes=88_459_888,
        licence="Apache-2.0",
        dim=384,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        output_name="last_hidden_state",
        token=0,
    ),
    Preset(  # ResNet-50 without its classifier; exported by Qdrant
        name="resnet-50",
        url="https://huggingface.co/Qdrant/resnet50-onnx/resolve/main/model.onnx",
        sha256=None,
        n_bytes=94_000_000,
        licence="Apache-2.0",
        dim=2048,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
    ),
)

#: The presets by name, in alphabetical order.
PRESETS: Mapping[str, Preset] = {preset.name: preset for preset in _TABLE}


#: Other names of the models, by their publishers or in later releases of the original → the preset.
PRESET_ALIASES: Mapping[str, str] = {
    "clip": "clip-vit-b-32",
    "clip14": "clip-vit-l-14",
    "dinov2b": "dinov2-base",
    "dinov2s": "dinov2-small",
    "resnet50": "resnet-50",
    "ViT-B-32": "clip-vit-b-32",
    "ViT-L-14": "clip-vit-l-14",
    "dinov2_vitb14": "dinov2-base",
    "dinov2_vits14": "dinov2-small",
    "openai/clip-vit-base-patch32": "clip-vit-b-32",
    "openai/clip-vit-large-patch14": "clip-vit-l-14",
    "facebook/dinov2-base": "dinov2-base",
    "facebook/dinov2-small": "dinov2-small",
    "microsoft/resnet-50": "resnet-50",
}
#: Names of models of later releases that are no presets → what to take instead.
NO_PRESETS: Mapping[str, str] = {
    "clip336": "clip-vit-l-14 is the same network for smaller pictures",
    "efficient_net": "resnet-50 is one of its kind",
    "efficientnet": "resnet-50 is one of its kind",
}


def find_preset(name: str) -> Preset:
    """Return the preset called `name`, or known by it elsewhere.

    Raises
    ------
    ModelError
        When there is none; the message names the most similar one, or all.
    """
    own_name = PRESET_ALIASES.get(name, name)
    if own_name in PRESETS:
        return PRESETS[own_name]
    if name in NO_PRESETS:
        raise ModelError(f"there is no preset named {name!r}: {NO_PRESETS[name]}")
    nearest = difflib.get_close_matches(name.lower(), PRESETS, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]}?" if nearest else f"choose from {', '.join(PRESETS)}"
    raise ModelError(f"there is no preset named {name!r}: {hint}")
