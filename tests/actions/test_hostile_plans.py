"""Plans of somebody else, or damaged ones: one line, and no file touched."""

import csv
import io
import os
from pathlib import Path

import pytest

import fastdup
from fastdup.actions.plan_file import PLAN_HEADER
from fastdup.errors import FastdupError
from trees import tree

HUGE = "9" * 400
#: What a row that goes may have instead of what was planned.
FIELDS = [
    {"group": "one"}, {"group": ""}, {"group": "1.5"}, {"group": "9" * 5000},
    {"action": "delete"}, {"action": ""}, {"action": "remove; rm -rf /"}, {"action": "REMOVE\0"},
    {"filename": ""}, {"filename": "a.jpg"}, {"filename": "../a.jpg"}, {"filename": "/etc/passwd"},
    {"filename": "/p/\0.jpg"}, {"filename": "/" + "a/" * 40_000}, {"filename": "/p/\udcff.jpg"},
    {"filename": "file:///etc/passwd"}, {"filename": "/proc/self/mem"},
    {"size_bytes": "many"}, {"size_bytes": "nan"}, {"size_bytes": "1e9"}, {"size_bytes": ""},
    {"size_bytes": HUGE}, {"modified": "noon"}, {"modified": ""}, {"modified": "@"},
    {"modified": "2019-01-01T00:00:00.5Z"}, {"modified": "9999999-01-01T00:00:00.000000000Z"},
    {"modified": "2019-01-01T00:00:00+25:00.000000000Z"}, {"width": "wide"}, {"width": "inf"},
    {"width": "nan"}, {"height": "1e999"}, {"blur": "sharp"}, {"similarity": "very"},
    {"verdict": "same"}, {"metadata": "[" * 100_000}, {"metadata": '{"a":' * 50_000},
    {"metadata": "[1, 2]"}, {"metadata": '{"rating": 9}'}, {"metadata": '{"taken": 1e400}'},
    {"metadata": '{"place": {}}'}, {"companions": "goes"}, {"companions": "goes 1 @2 .."},
    {"companions": "goes x @2 a.xmp"}, {"companions": "carried 1 @x a.xmp"},
    {"filename": "{kept}", "kept": "{kept}"}, {"kept": "", "kinds": "sharp", "group": "77"},
]  # fmt: skip
#: What the whole file may be.
FILES = [
    b"", b"\n\n\n", b"\0" * 9, b"\xff\xfeg\0r\0o\0u\0p\0", b"group,action\n0,remove\n",
    b'"group,action,filename\n', b"PK\x03\x04" + bytes(range(256)) * 9, b"," * 100_000,
    b'"' + b"a" * 300_000, ",".join(PLAN_HEADER).encode() + b"\n0,remove\n",
    ",".join(PLAN_HEADER).encode() + b"\n" + b"," * 40 + b"\n",
]  # fmt: skip


def plan_with(rows: list[dict[str, str]], change: dict[str, str]) -> bytes:
    """Return the plan whose first row that goes is changed."""
    going = next(row for row in rows if row["action"] == "remove")
    values = {name: text.replace("{kept}", going["kept"]) for name, text in change.items()}
    out = io.StringIO()
    writer = csv.DictWriter(out, PLAN_HEADER)
    writer.writeheader()
    writer.writerows({**row, **values} if row is going else row for row in rows)
    return out.getvalue().encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("option", ["", "never"])
def test_a_hostile_plan_gives_one_line_and_touches_nothing(twins, tmp_path, option):
    options = {option: str(twins.folder / "one")} if option else {}
    with open(fastdup.clean(twins.work).plan_file, newline="") as file:
        rows = list(csv.DictReader(file))
    before, path = tree(twins.folder), Path(tmp_path / "plan.csv")
    for change in [*FIELDS, *FILES]:
        path.write_bytes(change if isinstance(change, bytes) else plan_with(rows, change))
        shown = repr(change)[:200]
        with pytest.raises(FastdupError) as refusal:
            fastdup.clean(twins.work, plan=path, apply=True, **options)
            pytest.fail(f"was carried out: {shown}")
        assert "\n" not in str(refusal.value), shown
        assert len(str(refusal.value)) < 1000, shown
        assert tree(twins.folder) == before, shown
        assert not os.path.lexists(twins.work / "clean.journal"), shown
