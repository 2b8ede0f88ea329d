"""File names as bytes for temporary files: any string, and back unchanged.

Unlike ``surrogateescape``, which keeps the bytes of names that files can have, this also takes the
strings that no file can be called, which a Python list may hold.
"""


def encode_name(name: str) -> bytes:
    """Return `name` as bytes that `decode_name` turns back."""
    return name.encode("utf-8", "surrogatepass")


def decode_name(data: bytes) -> str:
    """Return the name that `encode_name` made `data` of."""
    return data.decode("utf-8", "surrogatepass")
