"""Which column of a data set holds the images, and which the labels."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fastdup.errors import ImageError, Reason

if TYPE_CHECKING:
    import pyarrow as pa

#: Names that columns of images, of paths to images and of labels usually have.
_IMAGE_NAMES = ("image", "img", "picture", "photo", "jpg", "jpeg", "png", "webp", "bytes")
_PATH_NAMES = (
    "image", "img", "image_path", "img_path", "path", "file_path", "filepath", "filename",
    "file_name", "file", "image_file",
)  # fmt: skip
_LABEL_NAMES = ("label", "labels", "class", "category", "target", "fine_label")


def image_column(schema: "pa.Schema", wanted: str | None) -> str:
    """Return the name of the column that holds the images.

    Parameters
    ----------
    schema : pyarrow.Schema
    wanted : str or None
        The column that was asked for; None: it is found by what the file says of its columns,
        by their types and by their names.

    Raises
    ------
    ImageError
        When there is none, or several might be meant.
    """
    if wanted is not None:
        if wanted in schema.names and _may_hold_images(schema.field(wanted).type):
            return wanted
        raise _no_column(schema, f"no column {wanted!r} of images")
    stated = [name for name, kind in _stated_features(schema) if kind.get("_type") == "Image"]
    structs = [field.name for field in schema if _is_image_struct(field.type)]
    binaries = [field.name for field in schema if _is_binary(field.type)]
    for names in (stated, structs, _usual(binaries, _IMAGE_NAMES), binaries):
        if len(names) == 1:
            return names[0]
        if names:
            raise _no_column(schema, "several columns of images")
    texts = [field.name for field in schema if _is_text(field.type)]
    paths = _usual(texts, _PATH_NAMES)
    if not paths:
        raise _no_column(schema, "no column of images")
    return paths[0]


def label_column(schema: "pa.Schema", wanted: str | None) -> str | None:
    """Return the name of the column that holds the labels, None when there is none.

    `wanted` is the column that was asked for, None: it is found.
    """
    if wanted is not None:
        return wanted if wanted in schema.names else None
    stated = [name for name, kind in _stated_features(schema) if kind.get("_type") == "ClassLabel"]
    plain = [field.name for field in schema if _is_text(field.type) or _is_integer(field.type)]
    found = stated or _usual(plain, _LABEL_NAMES)
    return found[0] if found else None


def label_words(schema: "pa.Schema", column: str) -> Sequence[str]:
    """Return the words that the numbers in a column of labels stand for, as far as known."""
    for name, kind in _stated_features(schema):
        names = kind.get("names")
        if name == column and isinstance(names, list) and all(isinstance(n, str) for n in names):
            return names
    return ()


def _stated_features(schema: "pa.Schema") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what Hugging Face's writer says of the columns."""
    try:
        content = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = content["info"]["features"].items()
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    yield from ((n, kind) for n, kind in features if n in schema.names and isinstance(kind, dict))


def _usual(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return those of the names that are known, in the order in which these are looked for."""
    usual = [name for name in names if name.lower() in known]
    return sorted(usual, key=lambda name: known.index(name.lower()))


def _may_hold_images(kind: "pa.DataType") -> bool:
    return _is_image_struct(kind) or _is_binary(kind) or _is_text(kind)


def _is_image_struct(kind: "pa.DataType") -> bool:
    """Return whether it is the struct as which Hugging Face stores an image: bytes and path."""
    import pyarrow.types as types

    if not types.is_struct(kind):
        return False
    fields = {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)}
    return "bytes" in fields and _is_binary(fields["bytes"])


def _is_binary(kind: "pa.DataType") -> bool:
    import pyarrow.types as types

    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
        or types.is_fixed_size_binary(kind)
    )


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow.types as types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_integer(kind: "pa.DataType") -> bool:
    import pyarrow.types as types

    return bool(types.is_integer(kind))


def _no_column(schema: "pa.Schema", what: str) -> ImageError:
    seen = ", ".join(map(repr, schema.names[:8])) or "none"
    detail = f"a data set with {what} (it has {seen}): name one with image_column"
    return ImageError(detail, reason=Reason.NOT_AN_IMAGE)
