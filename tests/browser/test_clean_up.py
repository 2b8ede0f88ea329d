"""Cleaning up in a browser: settings, marks in the groups, stacks of bursts."""

from pathlib import Path

import pytest

import fastdup
from camera_files import camera_photo
from fastdup.actions.plan_file import read_plan

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

#: Milliseconds: the machine may be busy.
PATIENCE = 60_000


@pytest.fixture
def opened(browser):
    """Opens the explorer of a work folder; whatever it complains about fails the test."""
    from fastdup.explorer import Explorer

    expect.set_options(timeout=PATIENCE)
    explorers, complaints = [], []

    def open_(work: Path, view: str = "groups"):
        explorers.append(Explorer(str(work)))
        explorer = explorers[-1].__enter__()
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{explorer.url}#{view}")
        page.locator("#main[aria-busy=false]").wait_for()
        return page

    yield open_
    for explorer in explorers:
        explorer.__exit__(None, None, None)
    assert complaints == []


def removed(work: Path) -> set[str]:
    plan = read_plan(str(work / "clean-plan.csv"))
    return {Path(step.path).name for step in plan.removals()}


def going(page, n_groups: int) -> set[str]:
    """Return the names marked as going, once every group is marked."""
    expect(page.locator(".going", has_text="can be removed")).to_have_count(n_groups)
    return set(page.locator(".tile:has(.chip.goes) .name").all_text_contents())


def test_the_groups_mark_what_the_plan_takes_and_follow_the_settings(opened, fresh):
    page = opened(fresh)
    assert "00-mirrored.jpg" not in going(page, 2)
    page.get_by_role("link", name="Clean up").click()
    page.get_by_label("mirrored").check()
    page.get_by_role("button", name="Write the plan").click()
    expect(page.locator(".plan h2")).to_contain_text("would be removed")
    page.get_by_role("link", name="Groups").click()
    marked = going(page, 2)
    assert "00-mirrored.jpg" in marked
    assert marked == removed(fresh)
    page.get_by_role("link", name="Clean up").click()
    expect(page.get_by_role("checkbox", name="mirrored: left and right swapped")).to_be_checked()
    expect(page.get_by_role("button", name="Do it now")).to_be_enabled()
    page.get_by_label("Compare files").select_option("within")
    expect(page.get_by_role("button", name="Do it now")).to_be_disabled()
    page.get_by_role("button", name="Write the plan").click()
    expect(page.locator(".plan .notes")).to_contain_text(["", "--across or --within leaves out"])
    page.close()


def test_files_with_flaws_make_a_plan_of_their_own(opened, fresh, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    page = opened(fresh, "plan")
    page.get_by_label("broken").check()
    page.get_by_label("tiny").check()
    expect(page.get_by_label("Of each group")).to_be_disabled()
    expect(page.locator("#threshold")).to_be_disabled()
    expect(page.get_by_text("No copy of such files is kept: look")).to_be_visible()
    page.get_by_role("button", name="Write the plan").click()
    expect(page.locator(".plan h2")).to_contain_text("1 file for their flaws would be removed")
    expect(page.locator(".tile.goes .name")).to_have_text("cut-short.jpg")
    expect(page.locator(".tile.goes")).to_contain_text("truncated")
    page.get_by_role("button", name="Do it now").click()
    page.get_by_label("Yes, I have looked through the plan.").check()
    page.locator("#confirm").get_by_role("button", name="Remove").click()
    expect(page.locator("#confirm")).to_contain_text("1 file moved to the trash")
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_label("broken").uncheck()
    page.get_by_label("tiny").uncheck()
    expect(page.get_by_label("Of each group")).to_be_enabled()
    page.close()
    assert not (fresh.parent / "photos/cut-short.jpg").exists()


def test_a_burst_is_a_stack_with_the_sharpest_on_top(opened, tmp_path):
    (tmp_path / "album").mkdir()
    for number in range(4):
        data = camera_photo(1, taken=f"2016:07:14 12:33:0{number}", fraction=None)
        (tmp_path / "album" / f"{number}.jpg").write_bytes(data)
    (tmp_path / "album" / "3 (1).jpg").write_bytes(data)
    assert fastdup.run(str(tmp_path / "album"), str(tmp_path / "out")) == 0
    page = opened(tmp_path / "out")
    top = page.locator(".tile.stack")
    expect(top).to_have_count(1)
    expect(top).to_contain_text("sharpest of a burst of 5")
    assert going(page, 1) == {"3 (1).jpg"}
    expect(page.locator(".tile:visible")).to_have_count(1)
    page.get_by_text("4 more of this burst, 1 can be removed").click()
    expect(page.locator(".tile:visible")).to_have_count(5)
    page.close()


def test_after_a_clean_up_the_views_are_fresh_and_it_is_undone_by_a_button(
    opened, fresh, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    page = opened(fresh, "plan")
    button = page.get_by_role("button", name="Undo the last clean-up")
    expect(button).to_be_hidden()
    page.get_by_role("button", name="Write the plan").click()
    expect(page.locator(".tile.stays").first).to_contain_text("Kept:")
    page.get_by_role("button", name="Do it now").click()
    page.get_by_label("Yes, I have looked through the plan.").check()
    page.locator("#confirm").get_by_role("button", name="Remove").click()
    expect(page.locator("#confirm")).to_contain_text("3 files moved to the trash")
    page.get_by_role("button", name="Close", exact=True).click()
    for view, n_tiles in (("groups", 2), ("pairs", 2)):
        page.evaluate("(view) => { location.hash = view; }", view)
        page.locator(f"nav [aria-current][data-view={view}]").wait_for()
        expect(page.locator("#main .tile")).to_have_count(n_tiles)
    expect(page.get_by_role("link", name="Pairs")).to_have_text("Pairs 1")
    page.get_by_role("link", name="Clean up").click()
    button.click()
    expect(page.locator("#confirm")).to_contain_text("3 files put back")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("link", name="Pairs")).to_have_text("Pairs 7")
    page.get_by_role("link", name="Groups").click()
    expect(page.locator("#main .tile")).to_have_count(6)
    page.close()


def test_a_plan_is_grey_once_something_was_decided_since(opened, fresh):
    page = opened(fresh, "plan")
    page.get_by_role("button", name="Write the plan").click()
    expect(page.get_by_role("button", name="Do it now")).to_be_enabled()
    page.get_by_role("link", name="Groups").click()
    page.locator("nav [aria-current][data-view=groups]").wait_for()
    page.locator("#main[aria-busy=false]").wait_for()
    page.locator("button.stage").first.focus()
    page.keyboard.press("y")
    expect(page.locator("#decided-line")).to_contain_text("Decided 1 of 2")
    page.get_by_role("link", name="Clean up").click()
    expect(page.locator(".plan.stale")).to_contain_text("Write it again")
    expect(page.get_by_role("button", name="Do it now")).to_be_disabled()
    page.close()
