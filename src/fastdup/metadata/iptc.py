"""Reads the date from an IPTC block (IIM 4.2)."""

from fastdup.metadata.capture_time import iso_time

_MARK, _RECORD, _DATE, _TIME = 0x1C, 2, 55, 60
_MOST_DATA_SETS, _HEADER_BYTES = 1000, 5


def read_iptc_date(block: bytes) -> str:
    """Return when the picture was created, as `iso_time` does; "" where the block has no date."""
    found, at = dict[int, str](), 0
    for _ in range(_MOST_DATA_SETS):
        header = block[at : at + _HEADER_BYTES]
        if len(header) < _HEADER_BYTES or header[0] != _MARK:
            break
        end = at + _HEADER_BYTES + int.from_bytes(header[3:])
        if header[1] == _RECORD and header[2] in (_DATE, _TIME):
            found[header[2]] = block[at + _HEADER_BYTES : end][:16].decode("latin-1")
        at = end
    date, time = found.get(_DATE, ""), found.get(_TIME, "")  # 20190714, 123301+0200
    day = f"{date[:4]}-{date[4:6]}-{date[6:8]}"
    with_time = f"{day}T{time[:2]}:{time[2:4]}:{time[4:6]}"
    return iso_time(with_time, offset=time[6:]) or iso_time(day)
