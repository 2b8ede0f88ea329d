"""Data sets of Hugging Face's library as a folder of pictures and a table of labels."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fastdup.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

#: As photos are saved by most programs.
_JPEG_QUALITY = 95


class FastdupHFDataset:
    """A data set of the library ``datasets``, and its pictures as files.

    Parameters
    ----------
    hf_dataset : str, or data set
        What ``datasets.load_dataset`` loads, which may download it; or a data set that is loaded.
    split : str
        The split of a name.
    img_key, label_key : str
        The columns of pictures and labels; there may be no labels.
    jpg_save_dir : path
        The folder for the pictures, made if missing. One that is there is not written again.
    **options
        More for ``datasets.load_dataset``.

    Attributes
    ----------
    img_dir : str
        The folder of the pictures, ``NUMBER.jpg``, in folders for each label if there are labels.
    annotations : data frame
        ``filename, label`` of each.

    Raises
    ------
    MissingExtraError
        When ``datasets`` is not installed and `hf_dataset` is a name.
    ConfigError
        When there is no such column.
    """

    def __init__(
        self,
        hf_dataset: Any,
        split: str = "train",
        img_key: str = "image",
        label_key: str = "label",
        jpg_save_dir: str | os.PathLike[str] = "jpg_images",
        **options: Any,
    ) -> None:
        self.dataset = _loaded(hf_dataset, split, options)
        self._img_key, self._label_key = img_key, label_key
        if img_key not in self.dataset.features:
            names = ", ".join(self.dataset.features)
            raise ConfigError(f"there is no column {img_key!r}: img_key= is one of {names}")
        self.img_dir = os.path.expanduser(os.fspath(jpg_save_dir))
        self._files = list(self._saved())

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._files)

    def __getitem__(self, row: Any) -> Any:
        """Return a row as the data set has it."""
        return self.dataset[row]

    @property
    def annotations(self) -> "pd.DataFrame":
        """``filename`` and ``label`` of each picture."""
        import pandas as pd

        labels = self._labels()
        columns = {"filename": self._files} | ({} if labels is None else {"label": labels})
        return pd.DataFrame(columns)

    def _labels(self) -> list[Any] | None:
        kind = self.dataset.features.get(self._label_key)
        if kind is None:
            return None
        values = list(self.dataset[self._label_key])
        return [kind.int2str(value) for value in values] if hasattr(kind, "int2str") else values

    def _saved(self) -> Iterator[str]:
        """Write the pictures that are not there, and yield their paths."""
        labels = self._labels()
        for row in range(len(self.dataset)):
            named = () if labels is None else (_folder_name(str(labels[row])),)
            path = os.path.join(self.img_dir, *named, f"{row}.jpg")
            if not os.path.exists(path):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                picture = self.dataset[row][self._img_key].convert("RGB")
                picture.save(path, "JPEG", quality=_JPEG_QUALITY)
            yield path


def _folder_name(label: str) -> str:
    """Return a label as the name of a folder in the folder of pictures, never of one above it."""
    name = "".join("_" if letter in "/\\:" or letter < " " else letter for letter in label)
    return name if name.strip(". ") else "_" + name.strip()


def _loaded(given: Any, split: str, options: dict[str, Any]) -> Any:
    if not isinstance(given, str | os.PathLike):
        return given
    try:
        import datasets
    except ImportError as exc:
        raise MissingExtraError(
            "a data set by its name needs the package datasets: pip install datasets"
        ) from exc
    return datasets.load_dataset(os.fspath(given), split=split, **options)
