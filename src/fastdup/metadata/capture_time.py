"""Dates as files have them → ISO 8601.

Exif writes ``2019:07:14 12:33:01``, XMP ``2019-07-14T12:33:01.25+02:00``, PNG and mail
``Sun, 14 Jul 2019 12:33:01 +0200``; programs mix them.
"""

import re
from datetime import UTC, datetime

_DATE = re.compile(
    r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)"
    r"(?:[T ]\s*(\d\d):(\d\d)(?::(\d\d))?(?:[.,](\d+))?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_MAIL_DATE = re.compile(
    r"(?:[a-z]{3},? )?(\d\d?) ([a-z]{3})[a-z]* (\d{4}) (\d\d):(\d\d)(?::(\d\d))?"
    r"\s*(Z|GMT|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: From the first photograph on; what lies beyond is a clock that was never set, or a joke.
_FIRST_YEAR, _LAST_YEAR = 1826, 2100
_MOST_CHARACTERS, _MOST_DIGITS, _MOST_OFFSET_HOURS = 64, 6, 14
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_time(text: str, fraction: str = "", offset: str = "") -> str:
    """Return a date as ISO 8601, "" if it makes no sense.

    Parameters
    ----------
    text : str
        As a file has it.
    fraction : str
        Digits of the second's fraction, if `text` has none.
    offset : str
        From UTC, as "+02:00", if `text` has none.

    Returns
    -------
    str
        Such as "2019-07-14T12:33:01.25+02:00"; the day alone if there is no time.
    """
    text = text[:_MOST_CHARACTERS].strip(" \t\r\n\0")
    if found := _DATE.fullmatch(text):
        year, month, day, hour, minute, second, own_fraction, own_offset = found.groups()
    elif found := _MAIL_DATE.fullmatch(text):
        day, name, year, hour, minute, second, own_offset = found.groups()
        month = str(_MONTHS.index(name.lower()) + 1) if name.lower() in _MONTHS else "0"
        own_fraction = None
    else:
        return ""
    numbers = [int(part or 0) for part in (year, month, day, hour, minute, second)]
    if not _FIRST_YEAR <= numbers[0] <= _LAST_YEAR:
        return ""
    try:
        moment = datetime(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return ""
    if hour is None:
        return f"{moment.date()}"
    digits = (own_fraction or fraction.strip(" \0"))[:_MOST_DIGITS]
    part = f".{digits}" if digits.isascii() and digits.isdigit() else ""
    return f"{moment.isoformat()}{part}{_plain_offset(own_offset or offset)}"


def local_seconds(taken: str) -> float | None:
    """Return what `iso_time` gave as seconds since 1970 of the local clock; None without a time."""
    found = _DATE.fullmatch(taken)
    if found is None or found[4] is None:
        return None
    moment = datetime.fromisoformat(taken[:19]).replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds() + float(f"0.{found[7] or 0}")


def _plain_offset(offset: str) -> str:
    """Return an offset as "+02:00", "" if it makes no sense."""
    if offset.upper() in ("Z", "GMT", "UTC"):
        return "+00:00"
    found = _OFFSET.fullmatch(offset.strip(" \0"))
    if not found or int(found[2]) > _MOST_OFFSET_HOURS or int(found[3]) > 59:
        return ""
    return f"{found[1]}{found[2]}:{found[3]}"
