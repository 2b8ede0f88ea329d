"""The table of names of later releases, as docs/moving.md shows it.

``PYTHONPATH=src:packaging python -m later_pages`` prints it.
"""

from collections.abc import Iterable, Mapping

from fastdup.compat.later_names import COLUMNS, FILES, FUNCTIONS, METHODS, MODULES, PAGES, Later
from fastdup.config.aliases import MEANINGLESS, OPTION_ALIASES
from fastdup.models.presets import NO_PRESETS, PRESET_ALIASES
from fastdup.report import gallery_options

Row = tuple[str, str]


def later_table() -> str:
    """Return the tables in Markdown, without a heading above them."""
    modules = ((f"fastdup.{name}", _module_words(content)) for name, content in MODULES.items())
    models = {**{alias: f"`{name}`" for alias, name in PRESET_ALIASES.items()}, **NO_PRESETS}
    options = {alias: f"`{name}`" for alias, name in OPTION_ALIASES.items()} | dict(MEANINGLESS)
    parts = (
        ("function", ((f"fastdup.{name}()", _words(row)) for name, row in FUNCTIONS.items())),
        ("method", ((f"fd.{name}()", _words(row)) for name, row in METHODS.items())),
        ("module", modules),
        ("column", COLUMNS.items()),
        ("option of a run", sorted(options.items())),
        ("option of galleries, without effect", gallery_options.MEANINGLESS.items()),
        ("file, with `compat_files=True`", FILES.items()),
        ("page", PAGES.items()),
        ("`model_path`", models.items()),
    )
    return "\n\n".join(_table(head, rows) for head, rows in parts) + "\n"


def _table(head: str, rows: Iterable[Row]) -> str:
    lines = [
        f"| {head} | here |",
        "|---|---|",
        *(f"| `{name}` | {words} |" for name, words in rows),
    ]
    return "\n".join(lines)


def _words(row: Later) -> str:
    return row.words if row.target else f"not here: {row.words}"


def _module_words(content: Mapping[str, Later] | Later) -> str:
    if isinstance(content, Later):
        return f"not here: {content.words}"
    names = "; ".join(f"`{name}`: {_words(row)}" for name, row in content.items())
    return names or "empty"


if __name__ == "__main__":
    print(later_table(), end="")
