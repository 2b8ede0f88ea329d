"""Does cleaning keep the originals?  A photographer's folder, cleaned with the defaults.

The folder is made by `photo_library.py`. It is run, planned, carried out and undone. Counted is
what goes by kind: originals, edited versions and frames of bursts must not, lesser copies of the
same picture should. Orphans are companions whose photo went without them. After `undo` every
file must be as before: name, bytes, time of change, mode. The explorer must write the very same
plan.

Copies with a sidecar that the original lacks are left alone by default. So all is done once more
with `carry_companions`, where they count among the lesser copies, too.

    python benchmarks/cleaning.py PHOTOS --originals 900
"""

import argparse
import csv
import hashlib
import os
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from machine import describe_machine, store_result
from photo_library import make_library

import fastdup
from fastdup.explorer.handlers import Handlers
from fastdup.explorer.params import Params

STORED = Path(__file__).parent / "results" / "cleaning.json"
Tree = dict[str, tuple[str, int, int]]
Truth = dict[str, dict[str, str]]


def tree(root: Path) -> Tree:
    """Return path → digest, time of change and mode of every file below a folder."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            state = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(root))] = (digest, state.st_mtime_ns, state.st_mode)
    return found


def measure(out: Path, **choice: Any) -> dict[str, object]:
    """Run, plan, carry out and undo; return what went, by kind."""
    library, work = out / "library", out / "work"
    fastdup.run(str(library), str(work))
    return {
        "files": len(tree(library)),
        "page_plans_the_same": _page_plans_the_same(work) if not choice else None,
        **_clean(out, {"yes"}, **choice),
        "carrying": _clean(out, {"yes", "carry"}, carry_companions=True, **choice),
    }


def _clean(out: Path, lesser: set[str], **choice: Any) -> dict[str, object]:
    """Clean and undo; return what went. Lesser copies are those whose `may_go` is in `lesser`."""
    library, work = out / "library", out / "work"
    with (out / "truth.csv").open(newline="") as file:
        truth = {row["file"]: row for row in csv.DictReader(file)}
    before = tree(library)
    fastdup.clean(work, **choice, apply=True, action="move", to=out / "gone")
    gone = sorted(before.keys() - tree(library).keys())
    fastdup.undo(work)
    kinds = Counter(row["kind"] for row in truth.values())
    went = Counter(truth[path]["kind"] for path in gone)
    return {
        "gone": len(gone),
        "share_gone": {kind: round(went[kind] / n, 3) for kind, n in sorted(kinds.items())},
        "originals_gone": [p for p in gone if truth[p]["kind"] == "original"],
        "edited_or_burst_gone": [p for p in gone if _must_stay(truth[p])],
        "lesser_gone": _share(gone, truth, lesser),
        "lesser_left": [p for p in _lesser(truth, lesser) if p not in gone],
        "lesser_gone_with_bins": _share(gone, truth, {"yes", "carry", "bin"}),
        "orphans": orphans(truth, set(gone)),
        "undone_exactly": tree(library) == before,
    }


def _page_plans_the_same(work: Path) -> bool:
    """Return whether the explorer writes the plan that the command does."""
    fastdup.clean(work)
    plan = work / "clean-plan.csv"
    by_command = plan.read_bytes()
    handlers = Handlers(str(work))
    handlers.plan(Params({}, handlers.n_images))
    handlers.close()
    return plan.read_bytes() == by_command


def _must_stay(row: dict[str, str]) -> bool:
    is_beside = row["kind"].startswith(("companion", "raw"))
    return row["may_go"] == "no" and row["kind"] != "original" and not is_beside


def _lesser(truth: Truth, may_go: set[str]) -> list[str]:
    return [path for path, row in truth.items() if row["may_go"] in may_go]


def _share(gone: list[str], truth: Truth, may_go: set[str]) -> float:
    """Return the share of the lesser copies that go."""
    lesser = _lesser(truth, may_go)
    return round(len(set(lesser) & set(gone)) / len(lesser), 4)


def orphans(truth: Truth, gone: set[str]) -> list[str]:
    """Return the companions that stay although their photo went, or went although it stays."""
    found = []
    for path, row in truth.items():
        if row["kind"].startswith(("companion", "raw")):
            is_apart = (path in gone) != (row["original"] in gone)
            found += [path] if is_apart else []
    return found


def main() -> None:
    """Make, measure, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--originals", type=int, default=900)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep", default="", help="the rule; empty for the default")
    parser.add_argument("--out", type=Path, default=STORED)
    options = parser.parse_args()
    choice: dict[str, Any] = {"keep": options.keep} if options.keep else {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        out = Path(folder)
        make_library(out, options.photos, options.originals, options.seed)
        result: dict[str, object] = {
            "date": date.today().isoformat(),
            "machine": describe_machine(),
            "seed": options.seed,
            "originals": options.originals,
            **measure(out, **choice),
        }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
