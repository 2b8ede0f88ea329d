"""Tell which of the planted copies a run found.

usage: compare.py PICTURES RESULTS
"""

import csv
import sys
from pathlib import Path


def main() -> None:
    """Compare PICTURES-planted.csv with the run's similarity.csv and outliers.csv."""
    pictures, results = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    planted = pictures.with_name(pictures.name + "-planted.csv")
    with open(planted, newline="") as file:
        copies = [(row["copy"], row["original"], row["edit"]) for row in csv.DictReader(file)]
    with open(results / "similarity.csv", newline="") as file:
        found = {frozenset((row["from"], row["to"])) for row in csv.DictReader(file)}
    missed = [
        f"{edit} ({copy})"
        for copy, original, edit in copies
        if frozenset((str(pictures / copy), str(pictures / original))) not in found
    ]
    print(f"planted copies found: {len(copies) - len(missed)} of {len(copies)}")
    if missed:
        print(f"not found: {', '.join(missed)}")


if __name__ == "__main__":
    main()
