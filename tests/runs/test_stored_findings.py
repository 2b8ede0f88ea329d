"""What a run found about pairs, looked up by row from either side."""

import numpy as np
import pytest

from fastdup.errors import WorkDirError
from fastdup.judging import Finding
from fastdup.runs import FinishedRun
from fastdup.runs.stored_findings import StoredFindings, load_findings
from fastdup.runs.tables import VERDICTS
from fastdup.verify import Verdict

#: Low, high, verdict, kinds, (overlap, scale, angle, changed).
ROWS = [
    (0, 3, "edited", "cropped;resized;turned", (0.5, 2.0, 90.0, 0.0)),
    (1, 2, "same_bytes", "", (1.0, 1.0, 0.0, 0.0)),
    (2, 4, "unverified", "", (0.0, 0.0, 0.0, 0.0)),
    (3, 4, "edited", "mirrored;turned;captioned", (1.0, 1.0, 90.0, 0.1)),
    (0, 4, "look_alike", "", (0.0, 0.0, 0.0, 0.0)),
]


@pytest.fixture
def findings():
    low, high, verdicts, kinds, numbers = zip(*ROWS, strict=True)
    return StoredFindings(
        np.array(low), np.array(high), (verdicts, kinds), np.array(numbers, float), 5
    )


def test_a_pair_is_found_by_its_rows(findings):
    assert findings.find(0, 3) == Finding(
        verdict=Verdict.EDITED,
        kinds=("cropped", "resized", "turned"),
        overlap=0.5,
        scale=2.0,
        angle=90.0,
    )
    assert findings.find(1, 2).kinds == ()


def test_seen_from_the_other_side_it_is_turned_round(findings):
    assert findings.find(3, 0) == Finding(
        verdict=Verdict.EDITED,
        kinds=("framed", "extended", "resized", "turned"),
        overlap=0.5,
        scale=0.5,
        angle=-90.0,
    )
    assert findings.find(4, 0).scale == 0


def test_a_mirror_image_is_turned_the_same_way_from_either_side(findings):
    assert findings.find(4, 3).angle == findings.find(3, 4).angle == 90


def test_what_was_written_on_the_second_is_missing_in_the_first(findings):
    assert findings.find(3, 4).kinds == ("mirrored", "turned", "captioned")
    assert findings.find(4, 3).kinds == ("mirrored", "turned", "overlaid", "uncovered")


@pytest.mark.parametrize("pair", [(0, 1), (2, 4), (4, 2), (4, 4), (3, 2)])
def test_of_pairs_that_nobody_looked_at_nothing_is_known(findings, pair):
    assert findings.find(*pair) is None


def test_without_pairs_nothing_is_known():
    nothing = StoredFindings(np.empty(0, int), np.empty(0, int), ((), ()), np.empty((0, 4)), 5)
    assert nothing.find(0, 1) is None


def test_a_finished_run_reads_them_from_its_table(fresh):
    work = fresh
    run = FinishedRun(work)
    first, second = run.row_of[run.paths[0]], run.row_of[run.paths[1]]
    (work / "verdicts.csv").unlink(missing_ok=True)
    assert load_findings(run).find(first, second) is None
    row = [run.paths[0], run.paths[1], "0.9", "0.8", "altered", "overlaid", "1", "1", "0", "0.02"]
    table = work / "verdicts.csv"
    table.write_text(",".join(VERDICTS.columns) + "\n" + ",".join([*row, "12"]) + "\n")
    found = load_findings(run).find(first, second)
    assert (found.verdict, found.kinds, found.changed) == ("altered", ("overlaid",), 0.02)
    table.write_text(table.read_text().replace(run.paths[1], "/nowhere.jpg"))
    assert load_findings(run).find(first, second) is None
    table.write_text(table.read_text().replace("0.02", "little"))
    with pytest.raises(WorkDirError, match="line 2"):
        load_findings(run)
