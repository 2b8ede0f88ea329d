"""Reads date and keywords from an IPTC block (IIM 4.2)."""

from collections.abc import Iterator

from fastdup.metadata.capture_time import iso_time
from fastdup.metadata.texts import clean_text

_MARK, _RECORD, _KEYWORD, _DATE, _TIME = 0x1C, 2, 25, 55, 60
_MOST_DATA_SETS, _HEADER_BYTES = 1000, 5


def read_iptc_date(block: bytes) -> str:
    """Return when the picture was created, as `iso_time` does; "" where the block has no date."""
    found = {number: data[:16].decode("latin-1") for number, data in _data_sets(block)}
    date, time = found.get(_DATE, ""), found.get(_TIME, "")  # 20190714, 123301+0200
    day = f"{date[:4]}-{date[4:6]}-{date[6:8]}"
    with_time = f"{day}T{time[:2]}:{time[2:4]}:{time[4:6]}"
    return iso_time(with_time, offset=time[6:]) or iso_time(day)


def read_iptc_keywords(block: bytes) -> list[str]:
    """Return the keywords in the order in which the block has them."""
    return [clean_text(data) for number, data in _data_sets(block) if number == _KEYWORD]


def _data_sets(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of the data sets of the application record."""
    at = 0
    for _ in range(_MOST_DATA_SETS):
        header = block[at : at + _HEADER_BYTES]
        if len(header) < _HEADER_BYTES or header[0] != _MARK:
            break
        end = at + _HEADER_BYTES + int.from_bytes(header[3:])
        if header[1] == _RECORD:
            yield header[2], block[at + _HEADER_BYTES : end]
        at = end
