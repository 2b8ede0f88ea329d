"""How well does fastdup find planted copies, compared with other tools?

usage: quality.py PHOTOS [--peer PYTHON] [--methods NAME …] [--reuse RESULTS.json]

Two sets are made from the same photos: one with the edits of common_edits.py, one with those of
edits.py, which were not used in training. Every method runs on the same files and keeps 5
neighbours per image. PYTHON is an interpreter with the proprietary original.

With --reuse, methods that are not named in --methods keep their stored results, provided that the
planted files are the same. Results, chart and table are written to the folder of --out.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from machine import describe_machine
from methods import NEIGHBOURS, Facts, Method, all_methods, write_similarity
from planted import PLANTER, SETS, PlantedSet, plant
from quality_report import Result, draw_chart, overall_table, per_edit_table
from score import score

THRESHOLD = 0.85
RESULTS = Path(__file__).parent / "results"


def measure(method: Method, sets: dict[str, PlantedSet]) -> Facts:
    """Run one method on all sets and return what is to be stored."""
    facts: Facts = {
        "label": method.label,
        "measured": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": describe_machine(),
        **method.describe(),
    }
    with tempfile.TemporaryDirectory() as folder:
        facts["sets"] = {
            name: measure_set(method, planted, Path(folder) / "similarity.csv")
            for name, planted in sets.items()
        }
    return facts


def measure_set(method: Method, planted: PlantedSet, similarity: Path) -> Facts:
    """Run one method on one set and score it at our default threshold and at its own."""
    write_similarity(method.find(planted.images), similarity)
    scores, per_edit = score(planted.truth, similarity, THRESHOLD)
    own, _ = score(planted.truth, similarity, method.own_threshold)
    return {
        "fingerprint": planted.facts["fingerprint"],
        "scores": scores,
        "at_own_threshold": {
            "threshold": method.own_threshold,
            "precision": own["P_at_T"],
            "recall": own["R_at_T"],
        },
        "recall_at_99_percent_precision_by_edit": per_edit,
    }


def kept_results(stored: Result, names: Iterable[str], sets: dict[str, PlantedSet]) -> Result:
    """Return the stored results of all methods but `names`.

    Ends the program when they were measured on other files.
    """
    kept = {name: facts for name, facts in stored["methods"].items() if name not in names}
    for name, facts in kept.items():
        for set_name, planted in sets.items():
            if facts["sets"][set_name]["fingerprint"] != planted.facts["fingerprint"]:
                sys.exit(f"the stored results of {name} are of other files ({set_name})")
    return kept


def plant_sets(options: argparse.Namespace, folder: Path) -> dict[str, PlantedSet]:
    """Make both sets of planted copies, each in a folder of its own."""
    how = {"per": options.per, "seed": options.seed, "limit": options.limit}
    return {
        name: plant(options.planter, options.photos, folder / name.replace(" ", "-"), edits, **how)
        for name, edits in SETS.items()
    }


def measure_all(options: argparse.Namespace, folder: Path) -> Result:
    """Plant, measure, and return all results, stored ones included."""
    methods = all_methods(options.peer, options.model_path)
    names = list(methods) if options.methods is None else options.methods
    if unknown := set(names) - set(methods):
        sys.exit(f"no such method: {', '.join(unknown)}; there are {', '.join(methods)}")
    sets = plant_sets(options, folder)
    stored = json.loads(options.reuse.read_text()) if options.reuse else {"methods": {}}
    results = kept_results(stored, names, sets)
    for name in names:
        print(f"measuring {name}", file=sys.stderr)
        results[name] = measure(methods[name], sets)
    order = ["fastdup", "proprietary", "pdq", "pdq8", "phash"]
    return {
        "neighbours": NEIGHBOURS,
        "threshold": THRESHOLD,
        "sets": {name: planted.facts for name, planted in sets.items()},
        "methods": {name: results[name] for name in order if name in results},
    }


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument(
        "--planter", type=Path, default=PLANTER, metavar="SCRIPT", help="in the place of plant.py"
    )
    parser.add_argument("--peer", type=Path, metavar="PYTHON")
    parser.add_argument("--methods", nargs="+", metavar="NAME", help="default: all that are there")
    parser.add_argument("--reuse", type=Path, metavar="FILE", help="results to keep the others of")
    parser.add_argument("--model-path", metavar="ONNX", help="a model instead of the built-in one")
    parser.add_argument("--per", type=int, default=2, help="copies per photo")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--limit", type=int, default=0, help="number of photos, 0 for all")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="keeps the planted copies here")
    parser.add_argument("--out", type=Path, help="default: results/quality.json; with --limit none")
    return parser.parse_args()


def main() -> None:
    """Measure, print and store."""
    options = read_options()
    with tempfile.TemporaryDirectory() as folder:
        result = measure_all(options, options.work or Path(folder))
    print(overall_table(result), per_edit_table(result), sep="\n")
    out = options.out or (None if options.limit else RESULTS / "quality.json")
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(result, indent=2) + "\n")
        draw_chart(result, out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
