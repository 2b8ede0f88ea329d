"""The simulation of many cores agrees with what can be worked out by hand."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def sim(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("core_simulation")


@pytest.mark.parametrize("n_threads", [1, 2, 16, 64])
def test_work_that_shares_nothing_takes_its_share_of_the_cores(sim, n_threads):
    found = sim.stage(sim.Costs(alone=0.01), 6400, 10, n_threads, 8 * n_threads)
    assert found.seconds == pytest.approx(64 / n_threads)
    assert found.binds == "cores"


@pytest.mark.parametrize("n_threads", [2, 16])
def test_work_under_the_lock_is_as_slow_with_any_number_of_threads(sim, n_threads):
    found = sim.stage(sim.Costs(locked=0.01), 640, 10, n_threads, 8 * n_threads)
    assert found.seconds == pytest.approx(6.4)
    assert found.use["interpreter lock"] == pytest.approx(1)


def test_the_lock_binds_once_all_threads_keep_it_in_use(sim):
    costs = sim.Costs(locked=0.001, free=0.009)
    few, many = (sim.stage(costs, 6400, 1, n, 8 * n) for n in (4, 40))
    assert few.seconds == pytest.approx(6400 * 0.010 / 4, rel=0.15)
    assert few.binds == "cores"
    assert many.seconds == pytest.approx(6400 * 0.001, rel=0.05)
    assert many.binds == "interpreter lock"


def test_one_storing_thread_binds_when_it_is_slower_than_the_others_together(sim):
    found = sim.stage(sim.Costs(alone=0.01, stored=0.002), 640, 1, 16, 128)
    assert 640 * 0.002 <= found.seconds < 1.1 * 640 * 0.002
    assert found.use["storing thread"] > 0.9
    assert found.use["cores"] < 0.5


def test_results_wait_for_the_one_in_front_only_as_far_as_the_queue_reaches(sim):
    simulation = sim.Simulation(2)
    done = sim.Event()
    order = []

    def slow():
        yield sim.Work(5.0)
        order.append("slow")
        simulation.happen(done)

    def waiting():
        yield done
        order.append("waiting")
        yield sim.Work(1.0)

    assert simulation.run([slow(), waiting()]) == pytest.approx(6)
    assert order == ["slow", "waiting"]


def test_work_that_shares_the_memory_takes_longer_with_each_other_core(sim):
    alone = sim.stage(sim.Costs(free=1.0, stretch=0.5), 4, 1, 1, 8)
    together = sim.stage(sim.Costs(free=1.0, stretch=0.5), 4, 1, 4, 32)
    assert alone.seconds == pytest.approx(4)
    assert together.seconds == pytest.approx(1 + 3 * 0.5)


def test_more_activities_than_cores_take_turns(sim):
    def work():
        yield sim.Work(1.0)

    assert sim.Simulation(2).run(work() for _ in range(5)) == pytest.approx(3)
