"""Encodes any string as bytes for temporary files, and decodes it unchanged.

``surrogateescape`` can encode every real file name. A Python list of inputs may also hold strings
that cannot be file names. These need ``surrogatepass``.
"""


def encode_name(name: str) -> bytes:
    """Return `name` as bytes; `decode_name` reverses this."""
    return name.encode("utf-8", "surrogatepass")


def decode_name(data: bytes) -> str:
    """Return the name that `encode_name` encoded as `data`."""
    return data.decode("utf-8", "surrogatepass")
