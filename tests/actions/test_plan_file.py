"""The plan of a work folder, which the command and the explorer write, and a person may change."""

import itertools
from pathlib import Path

import pytest

from command import fastdup_command
from explored import Asker
from fastdup.actions.plan_file import read_plan

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

ACTORS = ("command plans", "page plans", "hand edits", "command applies", "page applies")


class Person:
    """Plans and applies on the command line and in the page, and edits the plan by hand.

    Each method returns whether it was done; nothing but success or a clear refusal is allowed.
    """

    def __init__(self, work: Path, asker: Asker) -> None:
        self.work, self.plan = work, work / "clean-plan.csv"
        self._asker = asker
        self.refusal = ""

    def act(self, actor: str) -> bool:
        who, does = actor.split()
        return self.edit() if who == "hand" else getattr(self, f"{who}_{does}")()

    def command_plans(self) -> bool:
        return self._command("clean", self.work)

    def command_applies(self) -> bool:
        return self._command("clean", self.work, "--plan", self.plan, "--apply")

    def page_plans(self) -> bool:
        return self._page("plan", {"threshold": 0.98})

    def page_applies(self) -> bool:
        digest = self._asker.call("planned").get("digest", "")
        return self._page("apply", {"digest": digest, "confirmed": True})

    def edit(self) -> bool:
        """Leave out a row, if there is one, and end with an empty line."""
        lines = self.plan.read_text().splitlines(keepends=True)
        self.plan.write_text("".join([*lines[:2], *lines[3:], "\n"]))
        return True

    def _command(self, *words: object) -> bool:
        done = fastdup_command(*words)
        self.refusal = done.stderr.strip()
        assert done.returncode in (0, 2), done.stderr
        return done.returncode == 0

    def _page(self, call: str, value: object) -> bool:
        answer = self._asker.post(call, value)
        assert answer.status in (200, 400), answer.body
        self.refusal = "" if answer.status == 200 else answer.json["error"]
        return answer.status == 200


@pytest.fixture
def person(twins):
    from fastdup.explorer import Explorer

    with Explorer(str(twins.work)) as explorer:
        yield Person(twins.work, Asker(explorer.url))


ORDERS = [
    order
    for applies in ("command applies", "page applies")
    for order in itertools.permutations(["command plans", "page plans", "hand edits", applies])
    if order[0].endswith("plans")  # there is a plan to edit or to apply
]


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
def test_in_any_order_an_edited_plan_is_kept_and_another_is_planned_anew(person, order):
    is_edited, shown = False, None
    for actor in order:
        before = person.plan.read_bytes() if person.plan.exists() else None
        may_act = {
            "command plans": not is_edited,
            "page plans": not is_edited,
            "hand edits": True,
            "command applies": True,
            "page applies": shown is not None and shown == before,
        }[actor]
        assert person.act(actor) is may_act, person.refusal
        if actor.endswith("plans") and is_edited:
            assert person.plan.read_bytes() == before
            assert_refusal_says_what_to_do(person)
        if actor == "page plans" and may_act:
            shown = person.plan.read_bytes()
        is_edited |= actor == "hand edits"


def assert_refusal_says_what_to_do(person):
    assert len(person.refusal.splitlines()) == 1
    command = f"fastdup clean {person.work} --plan {person.plan} --apply"
    assert f"{person.plan} was changed since it was planned: carry it out with" in person.refusal
    assert command in person.refusal
    assert "delete it to plan again" in person.refusal


def test_what_the_refusal_says_to_do_can_be_done(person):
    assert person.page_plans()
    person.edit()
    n_removals = len(read_plan(str(person.plan)).removals())
    assert not person.page_plans()
    command = person.refusal.partition("carry it out with ")[2].partition(" (in Python")[0]
    done = fastdup_command(*command.split()[1:])
    assert f"{n_removals} files moved to the trash" in done.stdout
    assert not person.command_plans()  # the plan is there still, and is still the person's
    person.plan.unlink()
    assert person.page_plans()
    assert person.command_plans()


def test_the_page_carries_out_only_the_plan_that_it_shows(person):
    assert person.page_plans()
    person.edit()
    assert not person.page_applies()
    assert "nothing was done" in person.refusal
    assert "was changed since it was shown; carry it out with fastdup clean" in person.refusal
    assert len(person.refusal.splitlines()) == 1
    assert not (person.work / "clean.journal").exists()


@pytest.mark.parametrize("actor", ["command plans", "page plans"])
def test_a_plan_without_its_digest_may_have_been_changed_and_is_kept(person, actor):
    assert person.command_plans()
    note = person.work / "clean-plan.csv.digest"
    note.unlink()  # as of a plan of an earlier version
    assert not person.act(actor)
    assert len(person.refusal.splitlines()) == 1
    expected = f"{person.plan} has no note beside it ({note}) by which to see whether a person "
    assert f"{expected}changed it: carry it out with fastdup clean" in person.refusal
    assert "delete it to plan again" in person.refusal
    assert "was changed" not in person.refusal
    person.plan.unlink()
    assert person.act(actor)
