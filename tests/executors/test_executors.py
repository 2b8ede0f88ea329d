"""Executors run tasks and give the results, or what went wrong."""

import threading

import pytest

from fastdup import __version__
from fastdup.errors import ConfigError, ExecutorError
from fastdup.executors import EXECUTORS, ExecutorOptions, LocalExecutor, open_executor
from fastdup.executors.ray_worker import call


def test_results_come_in_the_order_of_the_tasks_for_any_number_of_threads():
    for n_threads in (1, 3):
        with open_executor("local", ExecutorOptions(n_threads=n_threads)) as executor:
            assert list(executor.run(abs, range(-50, 0))) == [(n, -n) for n in range(-50, 0)]


def test_what_the_work_raises_is_raised():
    def work(task):
        raise ConfigError(f"task {task} cannot be done")

    with pytest.raises(ConfigError, match="task 7"):
        list(LocalExecutor(2).run(work, [7]))


def test_tasks_are_taken_only_a_few_ahead_of_the_results():
    taken = []

    def tasks():
        for number in range(1000):
            taken.append(number)
            yield number

    results = LocalExecutor(2).run(abs, tasks())
    next(results)
    assert len(taken) < 20
    results.close()


def test_each_thread_is_prepared_before_its_first_task():
    prepared = set()
    executor = LocalExecutor(2, prepare=lambda: prepared.add(threading.get_ident()))
    ran_on = {ident for _, ident in executor.run(lambda _: threading.get_ident(), range(20))}
    assert ran_on <= prepared


def test_every_executor_in_the_table_is_there():
    assert set(EXECUTORS) == {"local", "ray"}


def test_a_task_of_another_version_is_refused():
    outcome = call("0.0.1", "key", [None], 1)
    assert isinstance(outcome.error, ExecutorError)
    assert str(outcome.error) == (
        f"a machine of the cluster has fastdup {__version__}, this one 0.0.1: "
        "install the same on all"
    )
