"""What happens to files on bad disks and bad lines, and what people do to them on purpose."""

import random
import struct
from collections.abc import Callable, Sequence

_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def _flipped(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _random_bytes(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 4, 32, 256))):
        data[rng.randrange(len(data))] = rng.randrange(256)


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(1, len(data)) :]


def _zeroed(data: bytearray, rng: random.Random) -> None:
    start, end = _block(data, rng)
    data[start:end] = bytes(end - start)


def _inserted(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at:at] = rng.randbytes(rng.choice((1, 2, 7, 64, 4096)))


def _deleted(data: bytearray, rng: random.Random) -> None:
    start, end = _block(data, rng)
    del data[start:end]


def _doubled(data: bytearray, rng: random.Random) -> None:
    start, end = _block(data, rng)
    data[start:start] = data[start:end]


def _extreme_field(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 2, 4))):
        size = rng.choice((1, 2, 4, 8))
        value = rng.choice(_EXTREMES) & ((1 << 8 * size) - 1)
        # Half of them at the beginning, where sizes and counts are.
        most = min(len(data), rng.choice((256, len(data))))
        at = rng.randrange(most)
        field = value.to_bytes(size, rng.choice(("little", "big")))
        data[at : at + size] = field


def _new_end(data: bytearray, rng: random.Random) -> None:
    n_bytes = min(len(data) - 1, rng.choice((16, 256, 5000)))
    data[-n_bytes:] = rng.randbytes(n_bytes)


def _shifted_end(data: bytearray, rng: random.Random) -> None:
    n_bytes = min(len(data) - 1, rng.choice((64, 512, 5000)))
    end = data[-n_bytes:]
    shift = rng.choice((1, 2, 3, 8))
    data[-n_bytes:] = end[shift:] + end[:shift]


def _counts_changed(data: bytearray, rng: random.Random) -> None:
    """Add to, or take from, 32-bit numbers that are there."""
    for _ in range(rng.choice((1, 3, 9))):
        at = rng.randrange(max(1, len(data) - 4))
        field = bytes(data[at : at + 4]).ljust(4, b"\0")
        order = rng.choice(("<I", ">I"))
        value = struct.unpack(order, field)[0] + rng.choice((-256, -1, 1, 256, 2**16))
        data[at : at + 4] = struct.pack(order, value & 0xFFFFFFFF)


def _block(data: bytearray, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice((1, 4, 64, 512, 4096)))


MUTATIONS: Sequence[Callable[[bytearray, random.Random], None]] = (
    _flipped,
    _random_bytes,
    _cut,
    _zeroed,
    _inserted,
    _deleted,
    _doubled,
    _extreme_field,
    _new_end,
    _shifted_end,
    _counts_changed,
)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes after one or two changes of a random kind."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2))):
        if len(changed) > 1:
            rng.choice(MUTATIONS)(changed, rng)
    return bytes(changed)
