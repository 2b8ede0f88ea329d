"""Features by models of the library timm, for a run with ``embeddings=``."""

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from fastdup.dataset.files_below import files_below
from fastdup.errors import ConfigError, MissingExtraError, SourceError
from fastdup.images import decode
from fastdup.sources.kinds import IMAGE_ENDINGS

if TYPE_CHECKING:
    from numpy.typing import NDArray


class TimmEncoder:
    """A model of timm, which computes the features of the images in a folder.

    ``fd.run(annotations=encoder.file_paths, embeddings=encoder.embeddings)`` compares them. timm
    itself downloads the weights of a pretrained model.

    Parameters
    ----------
    model_name : str
        As timm has it, such as ``"resnet18"``.
    num_classes : int
        0: features; else the scores of so many classes.
    pretrained : bool
        Whether to load weights, or to begin with random ones.
    device : str or None
        Where torch computes; None: ``"cuda"`` where there is one, else ``"cpu"``.
    torch_compile : bool
        Whether torch compiles the model first.
    **options
        More for ``timm.create_model``.

    Attributes
    ----------
    embeddings : (n, d) float32 array
        After `compute_embeddings`: the features, a row per image.
    file_paths : list of str
        The image of each row.
    img_folder : str
        The folder.

    Raises
    ------
    MissingExtraError
        When timm or torch is not installed.
    """

    def __init__(
        self,
        model_name: str,
        num_classes: int = 0,
        pretrained: bool = True,
        device: str | None = None,
        torch_compile: bool = False,
        **options: Any,
    ) -> None:
        try:
            import timm
            import torch
        except ImportError as exc:
            raise MissingExtraError(
                "TimmEncoder needs the packages timm and torch: pip install timm; or export the "
                "model to ONNX for model_path="
            ) from exc
        self.model_name, self._torch = model_name, torch
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        model = timm.create_model(
            model_name, num_classes=num_classes, pretrained=pretrained, **options
        )
        self.model = model.to(self.device).eval()
        shape = timm.data.resolve_model_data_config(self.model)
        self._prepared = timm.data.create_transform(**shape, is_training=False)
        if torch_compile:
            self.model = torch.compile(self.model)
        self.img_folder, self.file_paths = "", list[str]()
        self.embeddings: NDArray[np.float32] = np.empty((0, 0), np.float32)

    @property
    def num_images(self) -> int:
        """The number of images with features."""
        return len(self.file_paths)

    def compute_embeddings(
        self,
        image_folder_path: str | os.PathLike[str],
        save_dir: str | os.PathLike[str] | None = "saved_embeddings",
    ) -> None:
        """Compute the features of all images in a folder and below it.

        Parameters
        ----------
        image_folder_path : path
            The folder.
        save_dir : path or None
            A folder, made if missing, in which ``MODEL_embeddings.npy`` is stored too.

        Raises
        ------
        SourceError
            When there are no images.
        ImageError
            When one cannot be decoded.
        """
        folder = os.path.expanduser(os.fspath(image_folder_path))
        paths = files_below(folder, IMAGE_ENDINGS)
        if not paths:
            raise SourceError(f"there are no images in {folder}")
        rows = np.stack([self._row(path) for path in paths])
        if rows.ndim != 2:
            raise ConfigError(f"{self.model_name} gives {rows.shape[1:]} numbers an image, no row")
        self.img_folder, self.file_paths, self.embeddings = folder, paths, rows
        if save_dir is not None:
            place = os.path.expanduser(os.fspath(save_dir))
            os.makedirs(place, exist_ok=True)
            np.save(
                os.path.join(place, f"{self.model_name.replace('/', '_')}_embeddings.npy"), rows
            )

    def _row(self, path: str) -> "NDArray[np.float32]":
        with open(path, "rb") as file:
            picture = decode(file.read()).image
        batch = self._prepared(picture).unsqueeze(0).to(self.device)
        with self._torch.inference_mode():
            row: NDArray[np.float32] = self.model(batch)[0].float().cpu().numpy()
        return row
