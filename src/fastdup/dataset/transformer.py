"""Pictures as rows of features, in the way of scikit-learn, which is not needed for it."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from fastdup.image_search import embed_files

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FastdupTransformer:
    """Turns paths of images into the rows of features by which they are compared.

    It has what scikit-learn's pipelines ask of a transformer, and learns nothing.

    Parameters
    ----------
    model_path : str or None
        The model, as for `fastdup.run`: an ONNX file or the name of a preset; None: the built-in
        one.
    """

    def __init__(self, model_path: str | None = None) -> None:
        self.model_path = model_path

    def fit(self, X: Iterable[Any], y: object = None) -> Self:  # noqa: N803
        """Return the transformer itself.

        Parameters
        ----------
        X, y
            Not looked at.
        """
        return self

    def transform(self, X: Iterable[str | os.PathLike[str]]) -> "NDArray[np.float32]":  # noqa: N803
        """Return the features of n images, an (n, d) float32 array.

        Parameters
        ----------
        X : iterable of paths
            Image files of this machine.

        Raises
        ------
        ImageError
            When a file cannot be used.
        ModelError
            When the model cannot be loaded.
        """
        return embed_files([os.fspath(path) for path in X], self.model_path)

    def fit_transform(
        self,
        X: Iterable[str | os.PathLike[str]],  # noqa: N803
        y: object = None,
    ) -> "NDArray[np.float32]":
        """Return what `transform` does."""
        return self.transform(X)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name."""
        return {"model_path": self.model_path}

    def set_params(self, *, model_path: str | None = None) -> Self:
        """Set the parameters, and return the transformer itself."""
        self.model_path = model_path
        return self
