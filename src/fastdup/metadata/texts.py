"""Texts out of files, made fit for a table and a page."""

#: Longest text kept, in characters.
MOST_CHARACTERS = 100
#: Bytes that are looked at for it.
MOST_BYTES = 400


def clean_text(value: str | bytes) -> str:
    """Return a text without control characters, on one line, cut to `MOST_CHARACTERS`.

    Bytes end at the first zero. They are UTF-8, or else Latin-1, which holds anything.
    """
    if isinstance(value, bytes):
        head = value[:MOST_BYTES].split(b"\0", 1)[0]
        try:
            value = head.decode()
        except UnicodeDecodeError:
            value = head.decode("latin-1")
    words = value[:MOST_BYTES].split()
    shown = "".join(letter for letter in " ".join(words) if letter.isprintable())
    return shown[:MOST_CHARACTERS].strip()


def camera_name(make: str, model: str) -> str:
    """Return make and model, the make once: "Canon EOS 5D", "Apple iPhone 12"."""
    if make and model and make.split()[0].lower() != model.split()[0].lower():
        return f"{make} {model}"[:MOST_CHARACTERS]
    return model or make
