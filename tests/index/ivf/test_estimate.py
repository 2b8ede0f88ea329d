"""How long a large search will take: by value, and as it is logged."""

import json
import re
from pathlib import Path

import pytest

from fastdup.index.ivf.estimate import Estimate, estimate_join, measure_comparison_s
from fastdup.index.ivf.provider import IvfJoin


def test_a_million_rows_take_what_their_parts_cost() -> None:
    # 6000 lists, of which 3 are probed: 500 rows. A row costs 3600 + 0.2·6000 + 0.6·500 = 5100
    # comparisons of 4 ns in the join, and 0.7·1,000,000 of them when all pairs are compared.
    estimate = estimate_join(1_000_000, comparison_s=4e-9)
    assert (estimate.n_lists, estimate.nprobe) == (6000, 3)
    assert estimate.join_s == pytest.approx(20.4)
    assert estimate.all_pairs_s == pytest.approx(2800)


def test_ten_thousand_rows_take_what_their_parts_cost() -> None:
    # 600 lists, of which 6 are probed: 100 rows. 3600 + 0.2·600 + 0.6·100 = 3780.
    estimate = estimate_join(10_000, comparison_s=1e-6)
    assert (estimate.n_lists, estimate.nprobe) == (600, 6)
    assert estimate.join_s == pytest.approx(37.8)
    assert estimate.all_pairs_s == pytest.approx(70)


def test_the_estimates_are_near_the_seconds_that_the_benchmark_measured() -> None:
    # All pairs of 100,000 rows give the seconds of one comparison on the benchmark's machine.
    all_pairs_s = measured_s("100k", "fastdup brute_force")
    comparison_s = all_pairs_s / estimate_join(100_000, comparison_s=1).all_pairs_s
    sizes = {"250k": 250_000, "500k": 500_000, "1m": 1_000_000, "13m": 13_000_000}
    for name, n_rows in sizes.items():
        estimated_s = estimate_join(n_rows, comparison_s).join_s
        assert estimated_s == pytest.approx(measured_s(name, "fastdup ivf_join"), rel=0.2)


def measured_s(size: str, method: str) -> float:
    results = Path(__file__).parents[3] / "benchmarks" / "results" / f"neighbours-{size}.json"
    return float(json.loads(results.read_text())["methods"][method]["wall_s"])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (2800, "47 min"), (5400, "1.5 h")],
)
def test_the_estimate_is_read_in_seconds_minutes_or_hours(seconds: float, text: str) -> None:
    assert str(Estimate(n_lists=6000, nprobe=3, join_s=seconds, all_pairs_s=7200)) == (
        "all pairs would take about 2.0 h here; each is compared with about 3 of 6000 lists, "
        f"in about {text}, which finds about 99 of 100 close pairs"
    )


def test_a_comparison_of_longer_rows_takes_longer() -> None:
    short_s, long_s = (min(measure_comparison_s(dim, 1) for _ in range(5)) for dim in (64, 4096))
    assert 0 < short_s < long_s < 1e-5


@pytest.mark.parametrize(("reason", "shown"), [("many images", "many images"), ("", "ivf_join")])
def test_the_estimate_is_logged_with_the_reason(
    reason: str, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "fastdup"):
        IvfJoin().announce(40_000, 8, reason)
    (message,) = caplog.messages
    assert re.fullmatch(
        rf"{shown}: all pairs would take about \d+ s here; each is compared with about 6 of 1200 "
        r"lists, in about \d+ s, which finds about 99 of 100 close pairs",
        message,
    )


def test_a_search_of_few_rows_is_not_announced(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "fastdup"):
        IvfJoin().announce(19_999, 8, "")
        IvfJoin().announce(0, 8, "")
    assert not caplog.messages
