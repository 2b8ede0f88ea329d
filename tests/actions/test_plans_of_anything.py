"""A plan is read as it was written: names and times drawn by hypothesis, not thought up."""

import os

from hypothesis import example, given
from hypothesis import strategies as st

from fastdup.actions.plan import KEEP, REMOVE, Plan, Step
from fastdup.actions.plan_file import read_plan, write_plan

NAMES = st.one_of(st.binary(max_size=20).map(os.fsdecode), st.text(max_size=20))
TIMES_NS = st.integers(-(2**63), 2**63 - 1)  # what file systems keep, long before and after now
SIZES = st.integers(0, 2**60)


@st.composite
def groups(draw):
    """Draw the steps of a few groups: one file that stays, and some that go."""
    names = draw(st.lists(NAMES, unique=True, max_size=6))
    steps, kept = [], ""
    for number, name in enumerate(names):
        path = os.path.abspath(os.sep) + name
        is_kept = number == 0 or draw(st.booleans())
        kept = path if is_kept else kept
        steps.append(
            Step(
                group=sum(step.action == KEEP for step in steps) - (not is_kept),
                action=KEEP if is_kept else REMOVE,
                path=path,
                kept=kept,
                similarity=draw(st.integers(0, 10**6)) / 10**6,
                same_bytes=draw(st.sampled_from([True, False, None])),
                width=draw(st.integers(0, 10**6)),
                size_bytes=draw(SIZES),
                mtime_ns=draw(TIMES_NS),
                blur=draw(st.floats(0, 1e9)),
            )
        )
    return tuple(steps)


@given(groups())
@example((Step(group=0, action=KEEP, path="/a", kept="/a", size_bytes=1, mtime_ns=-1),))
def test_a_plan_is_read_as_it_was_written(tmp_path_factory, steps):
    path = str(tmp_path_factory.getbasetemp() / "plan.csv")
    assert read_plan(write_plan(Plan(steps=steps), path)).steps == steps
