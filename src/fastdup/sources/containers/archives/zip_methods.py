"""The ways in which members of zips are packed, as far as the standard library unpacks them."""

import bz2
import lzma
import struct
import zipfile
import zlib
from typing import Any

#: What damaged data makes decompressors raise.
UNPACKING_FAULTS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)

_NAMES = {1: "shrink", 6: "implode", 9: "deflate64", 93: "Zstandard", 98: "PPMd"}
#: Before the data packed by LZMA: version, length of the properties, the properties (APPNOTE 5.8).
_LZMA_HEADER = struct.Struct("<2xHBI")
_LEAST_LZMA_WINDOW = 4096


def method_name(method: int) -> str:
    """Return what a method is called that nothing here unpacks."""
    return _NAMES.get(method, f"method {method}")


def decompressor(method: int, n_bytes: int) -> "Decompressor | None":
    """Return what unpacks the first `n_bytes` of a member, None if it is stored or unknown."""
    if method == zipfile.ZIP_DEFLATED:
        return _Inflater()
    if method == zipfile.ZIP_BZIP2:
        return bz2.BZ2Decompressor()
    if method == zipfile.ZIP_LZMA:
        return _LzmaDecompressor(n_bytes)
    return None


class _Inflater:
    """Raw deflate."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._inner.decompress(data or self._inner.unconsumed_tail, max_length)


class _LzmaDecompressor:
    """LZMA as zips have it: a header of its own, then the raw stream."""

    def __init__(self, n_bytes: int) -> None:
        self._n_bytes = n_bytes
        self._inner: lzma.LZMADecompressor | None = None

    @property
    def eof(self) -> bool:
        return self._inner is not None and self._inner.eof

    @property
    def needs_input(self) -> bool:
        return self._inner is None or self._inner.needs_input

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if self._inner is None:
            if len(data) < _LZMA_HEADER.size:
                raise EOFError("its LZMA header is cut short")
            filters = [self._filter(data)]
            self._inner = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
            data = data[_LZMA_HEADER.size :]
        return self._inner.decompress(data, max_length)

    def _filter(self, header: bytes) -> dict[str, Any]:
        """Return the filter that a header asks for; its window is no larger than what is read."""
        n_properties, packed, window = _LZMA_HEADER.unpack_from(header)
        if n_properties != 5:
            raise ValueError(f"an LZMA header of {n_properties} bytes")
        rest, lc = divmod(packed, 9)
        pb, lp = divmod(rest, 5)
        window = max(min(window, self._n_bytes), _LEAST_LZMA_WINDOW)
        return {"id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb, "dict_size": window}


#: Unpacks data piece by piece: reports its end, and whether it needs input for more output.
Decompressor = _Inflater | _LzmaDecompressor | bz2.BZ2Decompressor
