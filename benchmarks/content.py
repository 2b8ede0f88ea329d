"""How well are odd pictures and wrong labels found, by the rules before and those of today?

PHOTOS holds pictures whose names begin with their theme, as in `shoes_0001.jpg`. All of them, and
an edited copy of some of each theme, are run once; then everything is drawn from their rows:

- ten pictures of other themes among those of one theme, alone, or with one copy each, or five of
  one other theme; precision and recall of the outliers, and average precision of the order;
- clean folders of one theme and mixed ones, of which any outlier is false;
- labelled sets of which 8 % of the labels are changed; LABELS is a table with the columns
  `set,file,label`, and the themes are a set, too: average precision of the order, precision of the
  first 20, precision and recall of what is reported by default;
- the share of the nearest, and of the five nearest, pictures that have the same label.

Other rows can be measured, or several at once: `--rows features.dat:1 content.npy:0.5` compares
pictures by the weighted mean of the cosines; `features.dat:1` alone shows what the rows for content
add. Each file has a row for every row of the run, whose folder is kept with `--work`.

    python benchmarks/content.py PHOTOS --labels LABELS --work WORK
"""

import argparse
import csv
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from content_rules import (
    MISLABEL_RULES,
    OUTLIER_RULES,
    Flags,
    Floats,
    Ints,
    Space,
    same_among,
)
from machine import describe_machine, store_result
from PIL import Image

import fastdup
from fastdup.analysis.mislabels import conflicts_among_copies
from fastdup.judging.finding import SAME_CONTENT
from fastdup.runs import FinishedRun
from fastdup.runs.content_space import ContentSpace
from fastdup.runs.tables import VERDICTS

FOLDER = Path(__file__).parent
#: Ends the name of a planted copy, before the suffix.
COPY = "__copy"
#: Copies that are made of pictures of each theme, and pictures taken of each at most.
N_COPIES, N_OF_THEME = 40, 900
#: Odd pictures, those of an odd series, usual ones, and draws of each theme.
N_ODD, N_SERIES, N_USUAL, N_DRAWS = 10, 5, 290, 5
#: Images of a theme, so that others can be odd among them.
FEWEST_OF_THEME = 60
#: Sizes of mixed collections.
MIXED = (50, 500, 5000)
#: Share of the labels that are changed, and images that a label must have.
CHANGED, FEWEST_OF_LABEL = 0.08, 12
#: What is looked at first.
FIRST = 20


class Pictures:
    """The pictures of a run by theme, and which are copies of which.

    Parameters
    ----------
    run : FinishedRun
    """

    def __init__(self, run: FinishedRun) -> None:
        self.names = [Path(path).name for path in run.paths]
        stems = [Path(name).stem for name in self.names]
        row_of = {stem: row for row, stem in enumerate(stems)}
        self.is_planted = np.array([stem.endswith(COPY) for stem in stems])
        self.copy_of = {
            row_of[stem.removesuffix(COPY)]: row
            for row, stem in enumerate(stems)
            if stem.endswith(COPY)
        }
        self.themes = np.array([name.partition("_")[0] for name in self.names])
        found, counts = np.unique(self.themes[~self.is_planted], return_counts=True)
        self.large = sorted(found[counts >= FEWEST_OF_THEME].tolist())

    def usual(self, themes: Sequence[str]) -> Ints:
        """Return the rows of some themes, without planted copies."""
        return np.flatnonzero(np.isin(self.themes, themes) & ~self.is_planted)

    def with_copies(self, theme: str) -> Ints:
        """Return the rows of a theme of which there is a planted copy."""
        return np.array([row for row in self.copy_of if self.themes[row] == theme])


def plant(photos: Path, out: Path) -> None:
    """Link the photos in a folder, at most `N_OF_THEME` of each theme, and save copies of some."""
    by_theme = defaultdict(list)
    for path in sorted(photos.iterdir()):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            by_theme[path.name.partition("_")[0]].append(path)
    rng = np.random.default_rng(1)
    out.mkdir(parents=True)
    for paths in by_theme.values():
        chosen = rng.permutation(len(paths))[:N_OF_THEME]
        for number, place in enumerate(chosen.tolist()):
            path = paths[place]
            (out / path.name).symlink_to(path.resolve())
            if number < N_COPIES:
                _save_copy(path, out / f"{path.stem}{COPY}.jpg")


def _save_copy(path: Path, out: Path) -> None:
    """Save a picture cropped by 4 % on each side, at four fifths of its size."""
    with Image.open(path) as image:
        picture = image.convert("RGB")
    width, height = picture.size
    left, top = round(width * 0.04), round(height * 0.04)
    part = picture.crop((left, top, width - left, height - top))
    size = max(8, round(width * 0.8)), max(8, round(height * 0.8))
    part.resize(size).save(out, quality=72)


def draw_odd(
    pictures: Pictures, theme: str, kind: str, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return rows of a theme and odd ones, and the odd ones among them."""
    usual = rng.permutation(pictures.usual([theme]))[:N_USUAL]
    others = [other for other in pictures.large if other != theme]
    if kind == "series":
        odd = rng.permutation(pictures.with_copies(str(rng.choice(others))))[:N_SERIES]
    else:
        turns = [others[turn % len(others)] for turn in range(N_ODD)]
        pools = {
            other: rng.permutation(pictures.with_copies(other)) for other in sorted(set(turns))
        }
        odd = np.array(
            [pools[other][turns[:turn].count(other)] for turn, other in enumerate(turns)]
        )
    if kind == "with_copies":
        odd = np.concatenate([odd, [pictures.copy_of[row] for row in odd.tolist()]])
    return np.sort(np.concatenate([usual, odd])), odd


def measure_odd(space: Space, pictures: Pictures, kind: str) -> dict[str, object]:
    """Return how well each rule finds odd pictures, over all themes and by theme."""
    result: dict[str, object] = {}
    for name, rule in OUTLIER_RULES.items():
        of_themes = {}
        for number, theme in enumerate(pictures.large):
            scored = []
            for draw in range(N_DRAWS):
                rows, odd = draw_odd(pictures, theme, kind, np.random.default_rng([draw, number]))
                scores, found = rule(space, rows)
                scored.append((-scores, found, np.isin(rows, odd)))
            of_themes[theme] = summed(scored)
        result[name] = {"all": mean_of(of_themes), **of_themes}
    return result


def measure_clean(space: Space, pictures: Pictures) -> dict[str, object]:
    """Return how many outliers each rule reports in clean folders, the mean of several draws."""
    folders: dict[str, tuple[list[str], int]] = {
        theme: ([theme], N_USUAL + N_ODD) for theme in pictures.large
    }
    folders |= {f"mixed {size}": (pictures.large, size) for size in MIXED}
    result: dict[str, object] = {}
    for name, rule in OUTLIER_RULES.items():
        counts = {}
        for folder, (themes, size) in folders.items():
            rows = pictures.usual(themes)
            if len(rows) < size and len(themes) > 1:
                continue
            draws = [
                np.sort(np.random.default_rng(draw).permutation(rows)[:size])
                for draw in range(N_DRAWS if size < MIXED[-1] else 1)
            ]
            counts[folder] = float(np.mean([rule(space, drawn)[1].sum() for drawn in draws]))
        result[name] = counts
    return result


def measure_labels(
    space: Space, pictures: Pictures, sets: dict[str, dict[str, str]]
) -> dict[str, object]:
    """Return how well each rule finds changed labels, for each labelled set."""
    result: dict[str, object] = {}
    for set_name, label_of in sets.items():
        rows, labels = labelled_rows(pictures, label_of)
        # Where a copy really has another label, such as a figure of two books, a doubt is right.
        kinds = space.near(rows, 1).kinds
        is_clear = ~np.isin(np.arange(len(rows)), conflicts_among_copies(kinds, labels).images)
        rows, labels = rows[is_clear], labels[is_clear]
        part = Restricted(space, rows)
        if not labels.any():  # one label, if any: there is none to confuse it with
            continue
        scored = defaultdict(list)
        for draw in range(N_DRAWS):
            rng = np.random.default_rng(draw)
            is_changed = rng.random(len(rows)) < CHANGED
            shift = rng.integers(1, labels.max() + 1, len(rows))
            given = np.where(is_changed, (labels + shift) % (labels.max() + 1), labels)
            for name, rule in MISLABEL_RULES.items():
                scored[name].append((*rule(space, rows, given), is_changed))
        result[set_name] = {
            "n_images": len(rows),
            "n_labels": int(labels.max()) + 1,
            "same_label_of_1": round(same_among(part, labels, 1), 3),
            "same_label_of_5": round(same_among(part, labels, 5), 3),
            **{name: summed(values) for name, values in scored.items()},
        }
    return result


class Restricted:
    """Some rows of a space, numbered from 0."""

    def __init__(self, space: Space, rows: Ints) -> None:
        self.near: Callable[[Ints, int], object] = lambda picked, k: space.near(rows[picked], k)


def labelled_rows(pictures: Pictures, label_of: dict[str, str]) -> tuple[Ints, Ints]:
    """Return the rows of a labelled set and their labels as numbers; rare labels are left out."""
    given = [
        "" if planted else label_of.get(name, "")
        for name, planted in zip(pictures.names, pictures.is_planted, strict=True)
    ]
    names, labels, counts = np.unique(given, return_inverse=True, return_counts=True)
    is_wanted = (counts >= FEWEST_OF_LABEL) & (names != "")
    rows = np.flatnonzero(is_wanted[labels])
    return rows, np.unique(labels[rows], return_inverse=True)[1]


def summed(scored: Sequence[tuple[Floats, Flags, Flags]]) -> dict[str, float]:
    """Return the figures of several draws: scores, high for what is wanted; found; wanted."""
    hits = sum(int((found & wanted).sum()) for _, found, wanted in scored)
    n_found = sum(int(found.sum()) for _, found, _ in scored)
    n_wanted = sum(int(wanted.sum()) for _, _, wanted in scored)
    orders = [(np.argsort(-scores, kind="stable"), wanted) for scores, _, wanted in scored]
    return {
        "precision": round(hits / max(n_found, 1), 3),
        "recall": round(hits / max(n_wanted, 1), 3),
        "rows": round(n_found / len(scored), 2),
        "average_precision": round(float(np.mean([_average(w[o]) for o, w in orders])), 3),
        f"precision_of_{FIRST}": round(float(np.mean([w[o[:FIRST]].mean() for o, w in orders])), 3),
    }


def _average(wanted: Flags) -> float:
    """Return the average precision of an order: which of the ordered are wanted."""
    places = np.flatnonzero(wanted)
    return float((np.arange(1, len(places) + 1) / (places + 1)).mean()) if len(places) else 0.0


def mean_of(of_themes: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return the mean of each figure; the precision is that of all rows reported."""
    means = {
        name: round(float(np.mean([figures[name] for figures in of_themes.values()])), 3)
        for name in next(iter(of_themes.values()))
    }
    n_rows = sum(figures["rows"] for figures in of_themes.values())
    hits = sum(figures["rows"] * figures["precision"] for figures in of_themes.values())
    return {**means, "precision": round(hits / max(n_rows, 1e-9), 3)}


def read_labels(path: Path | None) -> dict[str, dict[str, str]]:
    """Return set → file → label."""
    sets: dict[str, dict[str, str]] = defaultdict(dict)
    if path is not None:
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                sets[row["set"]][row["file"]] = row["label"]
    return sets


def open_space(run: FinishedRun, rows: Sequence[str]) -> Space:
    """Return the rows asked for, each ``path:weight``, by default those of the run for content."""
    parts = []
    for text in rows:
        path, _, weight = text.rpartition(":")
        values = np.load(path) if path.endswith(".npy") else run.features
        parts.append((np.asarray(values), float(weight)))
    low, high, verdicts = run.columns(VERDICTS, "from", "to", "verdict")
    pairs = [
        (run.row_of[a], run.row_of[b])
        for a, b, verdict in zip(low, high, verdicts, strict=True)
        if verdict in SAME_CONTENT
    ]
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    rows = parts or [(ContentSpace.of_run(run)[:], 1.0)]
    return Space(rows, (first, second), run.features, run.scale)


def main() -> None:
    """Plant, run, draw, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", metavar="PHOTOS", type=Path)
    parser.add_argument("--labels", type=Path, help="CSV: set,file,label")
    parser.add_argument("--work", type=Path, help="keep the run here, and use it again")
    parser.add_argument("--rows", nargs="*", default=[], metavar="FILE:WEIGHT")
    parser.add_argument("--out", type=Path, default=FOLDER / "results/content.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = (options.work or Path(temporary) / "work").absolute()
        if not (work / "out/config.json").exists():
            plant(options.photos, work / "photos")
            fastdup.run(work / "photos", work / "out")
        run = FinishedRun(work / "out")
        pictures, space = Pictures(run), open_space(run, options.rows)
        sets = read_labels(options.labels)
        large = set(pictures.large)
        sets["themes"] = {
            name: theme
            for name, theme in zip(pictures.names, pictures.themes.tolist(), strict=True)
            if theme in large
        }
        result = {
            "date": date.today().isoformat(),
            "machine": describe_machine(),
            "rows": options.rows,
            "n_pictures": len(pictures.names),
            "odd": measure_odd(space, pictures, "alone"),
            "odd_with_copies": measure_odd(space, pictures, "with_copies"),
            "odd_series": measure_odd(space, pictures, "series"),
            "rows_in_clean_folders": measure_clean(space, pictures),
            "labels": measure_labels(space, pictures, sets),
        }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
