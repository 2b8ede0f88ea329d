"""The explorer in a browser: what a person sees and does."""

import base64
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

import fastdup
from browser_faults import axe_faults
from explored import HOSTILE, SEEDS, finished_run
from fastdup.actions.plan_file import read_plan
from framed import framed, patched
from pictures import jpeg, photo, scene

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

VIEWS = [
    "groups",
    "pairs",
    "outliers",
    "quality",
    "bad",
    "map",
    "search",
    "plan",
    "decided",
    "sets",
]
#: Milliseconds: the machine may be busy.
PATIENCE = 60_000


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The work folder of a finished run."""
    return finished_run(tmp_path_factory.mktemp("explored"))


@pytest.fixture
def explorer(work):
    """An explorer of it that nobody has chosen anything in."""
    from fastdup.explorer import Explorer

    with Explorer(str(work)) as explorer:
        yield explorer
    (work / "decisions.csv").unlink(missing_ok=True)


@pytest.fixture
def open_explorer(browser, explorer):
    """Opens the explorer; whatever it loads from elsewhere or complains about fails the test."""
    expect.set_options(timeout=PATIENCE)
    pages, complaints = [], []
    here = explorer.url.split("?")[0]

    def open_(view: str = "groups", **options):
        page = browser.new_page(**options)
        page.set_default_timeout(PATIENCE)
        pages.append(page)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((here, "data:", f"blob:{here}"))
                or complaints.append(request.url)
            ),
        )
        page.goto(f"{explorer.url}#{view}")
        shows(page, view)
        return page

    yield open_
    for page in pages:
        page.close()
    assert complaints == []


def shows(page, view: str) -> None:
    """Wait until a view is there, with what it asked for."""
    page.locator(f"nav [aria-current][data-view={view}]").wait_for()
    page.locator("#main[aria-busy=false]").wait_for()


def go(page, view: str) -> None:
    """Go to a view."""
    page.evaluate("(view) => { location.hash = view; }", view)
    shows(page, view)


def set_slider(page, value: float) -> None:
    page.locator("#threshold").evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


def drop(page, data: bytes, name: str) -> None:
    """Drop a file on the page."""
    page.evaluate(
        """([data, name]) => {
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
          document.body.dispatchEvent(
            new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        [base64.b64encode(data).decode(), name],
    )


def test_every_view_shows_what_the_run_found(open_explorer):
    page = open_explorer()
    expect(page.locator(".card")).to_have_count(2)
    assert "token" not in page.url
    page.get_by_role("link", name="Pairs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pairs")
    page.locator(".card", has_text="00-mirrored.jpg").first.scroll_into_view_if_needed()
    expect(page.locator(".finding").filter(has_text="mirrored").first).to_be_visible()
    page.get_by_role("link", name="Outliers").click()
    expect(page.locator(".tile .name").first).to_have_text("noise.png")
    page.get_by_role("link", name="Quality").click()
    expect(page.locator(".card")).to_have_count(13)
    page.get_by_label("Show").select_option("bright")
    expect(page.locator(".card")).to_have_count(13)
    page.get_by_role("link", name="Bad files").click()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".chip.goes").first).to_have_text("The file is cut short")
    page.get_by_role("link", name="Map").click()
    expect(page.locator("p.count")).to_have_text("13 images")
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_role("button", name="Choose images")).to_be_visible()
    page.get_by_role("link", name="Clean up").click()
    expect(page.get_by_role("heading", name="No plan yet")).to_be_visible()


def test_the_slider_regroups(open_explorer):
    page = open_explorer()
    expect(page.locator("#count")).to_contain_text("2 groups")
    set_slider(page, 0.999)
    expect(page.locator("#count")).to_contain_text("1 group ·")
    expect(page.locator(".card")).to_have_count(1)
    names = page.locator(".tile .name").all_text_contents()
    assert set(names) == {"01.jpg", "01-same.jpg"}
    set_slider(page, 0.7)
    expect(page.locator(".card")).to_have_count(2)


def test_finding_and_ordering(open_explorer):
    page = open_explorer()
    page.keyboard.press("/")
    page.keyboard.type("01-SAME")
    expect(page.locator("#count")).to_contain_text("1 group of 2")
    page.get_by_label("Find").fill("")
    expect(page.locator(".card")).to_have_count(2)
    page.get_by_label("Order").select_option("similar")
    expect(page.locator(".tile .name").first).to_contain_text("01")


def test_copies_are_kept_by_hand_and_the_plan_says_so(open_explorer, work):
    page = open_explorer()
    first = page.locator(".card").first
    expect(first.locator(".chip.stays")).to_have_count(1)
    tile = first.locator(".tile", has_text="00-small.jpg")
    tile.get_by_role("button", name="Keep", exact=True).click()
    expect(tile.locator(".chip.stays")).to_have_text("Keep (you chose)")
    expect(first.locator(".chip.stays")).to_have_count(1)
    page.get_by_role("link", name="Clean up").click()
    expect(page.get_by_text("You decided on 1 image.")).to_be_visible()
    page.get_by_label("Of each group").select_option("shortest-path")
    page.get_by_label("mirrored").check()
    expect(page.get_by_text("Edited copies may go too: look")).to_be_visible()
    page.get_by_role("button", name="Write the plan").click()
    command = page.locator(".command")
    expect(command).to_have_text(f"fastdup clean {work} --plan {work / 'clean-plan.csv'} --apply")
    plan = read_plan(str(work / "clean-plan.csv"))
    gone = {Path(step.path).name for step in plan.removals()}
    assert "00-small.jpg" not in gone
    assert gone >= {"00.jpg", HOSTILE}
    expect(page.locator(".plan h2")).to_contain_text(f"{len(gone)} files in 2 groups")
    expect(page.locator(".tile.goes")).to_have_count(len(gone))
    assert "null" not in page.locator("main").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the plan").click()
    assert Path(download.value.path()).read_bytes() == (work / "clean-plan.csv").read_bytes()


def test_nothing_goes_without_an_explicit_yes(open_explorer, work):
    page = open_explorer("plan")
    page.get_by_role("button", name="Write the plan").click()
    page.get_by_role("button", name="Do it now").click()
    dialog = page.locator("#confirm")
    act = dialog.get_by_role("button", name="Remove")
    expect(act).to_be_disabled()
    dialog.get_by_label("Yes, I have looked through the plan.").check()
    expect(act).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_label("Of each group").select_option("oldest")
    expect(page.get_by_role("button", name="Do it now")).to_be_disabled()
    expect(page.get_by_text("The settings have changed since")).to_be_visible()
    page.get_by_label("Of each group").select_option("original")
    expect(page.get_by_role("button", name="Do it now")).to_be_enabled()
    assert (work.parent / "photos/copies/00-small.jpg").exists()


def test_a_confirmed_plan_is_carried_out(browser, fresh, tmp_path, monkeypatch):
    from fastdup.explorer import Explorer

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with Explorer(str(fresh)) as explorer:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{explorer.url}#plan")
        page.get_by_role("button", name="Write the plan").click()
        page.get_by_role("button", name="Do it now").click()
        page.get_by_label("Yes, I have looked through the plan.").check()
        page.locator("#confirm").get_by_role("button", name="Remove").click()
        expect(page.locator("#confirm h2")).to_have_text("Done")
        expect(page.locator("#confirm")).to_contain_text("moved to the trash")
        page.close()
    assert not (fresh.parent / "photos/copies/00-small.jpg").exists()
    assert (fresh.parent / "photos/00.jpg").exists()


def test_a_plan_changed_by_hand_is_not_overwritten_and_the_page_says_what_to_do(browser, fresh):
    from fastdup.explorer import Explorer

    plan = fresh / "clean-plan.csv"
    with Explorer(str(fresh)) as explorer:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{explorer.url}#plan")
        page.get_by_role("button", name="Write the plan").click()
        page.locator(".command").wait_for()
        changed = plan.read_text().replace("remove", "keep", 1)
        plan.write_text(changed)
        page.get_by_role("button", name="Write the plan").click()
        message = (
            f"{plan} was changed since it was planned: carry it out with fastdup clean {fresh} "
            f"--plan {plan} --apply (in Python: plan=...), or delete it to plan again"
        )
        expect(page.get_by_role("alert")).to_have_text(message)
        expect(page.locator(".caution")).to_have_text(message)
        page.close()
    assert plan.read_text() == changed


def test_the_keyboard_does_it_all(open_explorer):
    page = open_explorer()
    page.keyboard.press("j")
    focused = "document.activeElement.closest('.tile').dataset.row"
    row = page.evaluate(focused)
    page.keyboard.press("x")
    expect(page.locator(f".tile[data-row='{row}'] .chip.goes")).to_have_text("Remove (you chose)")
    page.wait_for_function(f"(row) => {focused} !== row", arg=row)
    page.locator(f".tile[data-row='{row}'] button.stage").focus()
    page.keyboard.press("u")
    expect(page.locator(f".tile[data-row='{row}'] .chip.stays")).to_have_text("Keep")
    page.keyboard.press("Enter")
    dialog = page.locator("#viewer")
    expect(dialog).to_be_visible()
    for key, mode in (("2", "Overlay"), ("3", "Difference"), ("1", "Side by side")):
        page.keyboard.press(key)
        expect(dialog.locator("[aria-pressed=true]")).to_have_text(mode)
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".what")).to_contain_text("Group 2")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    for number, view in enumerate(VIEWS, 1):
        page.keyboard.press(str(number % 10))
        expect(page.locator("nav [aria-current]")).to_have_attribute("data-view", view)


def test_the_view_that_is_left_keeps_nobody_from_the_next(open_explorer):
    page = open_explorer("pairs")
    page.evaluate("location.hash = 'bad'; document.dispatchEvent(new Event('listed'))")
    expect(page.locator("nav [aria-current]")).to_have_attribute("data-view", "bad")


def test_the_advice_on_the_threshold_is_a_figure_that_moves_the_slider(open_explorer):
    page = open_explorer("pairs")
    page.get_by_text("Which threshold?").click()
    figure = page.locator(".advice img")
    figure.wait_for()
    page.wait_for_function("document.querySelector('.advice img').naturalWidth > 600")
    assert "lowest threshold with a precision of 99 %" in figure.get_attribute("alt")
    page.get_by_label("Wanted precision").select_option("0.9")
    expect(page.locator(".advice p").first).to_contain_text("precision of 90 %")
    set_slider(page, 0.99)
    button = page.locator(".advice button")
    button.click()
    advised = float(button.inner_text().split()[3])
    assert float(page.locator("#threshold").input_value()) == advised


def test_a_pair_is_looked_at_closely_with_words(open_explorer):
    page = open_explorer("pairs")
    page.get_by_label("Find").fill("mirrored")
    card = page.locator(".card", has_text="00.jpg").filter(has_text="00-mirrored.jpg")
    card.locator("button.stage").first.click()
    dialog = page.locator("#viewer")
    expect(dialog.locator(".finding", has_text="mirrored")).to_be_visible()
    page.keyboard.press("3")
    expect(dialog.locator("canvas")).to_be_visible()


def test_what_differs_is_framed_in_both_pictures_at_any_zoom(browser, tmp_path):
    from fastdup.explorer import Explorer

    first = photo(1)
    second, drawn = patched(first)
    turned = second.transpose(Image.Transpose.ROTATE_270)
    (tmp_path / "photos").mkdir()
    for name, picture in (("a.jpg", first), ("b.jpg", turned)):
        (tmp_path / "photos" / name).write_bytes(jpeg(picture))
    assert fastdup.run(str(tmp_path / "photos"), str(tmp_path / "out"), threshold=0.5) == 0
    with Explorer(str(tmp_path / "out")) as explorer:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{explorer.url}#pairs")
        expect(page.locator(".card .head .finding")).to_contain_text("turned by 90° clockwise")
        expect(page.locator(".card .marks")).to_have_count(2)
        page.locator("button.stage").first.click()
        dialog = page.locator("#viewer")
        expect(dialog.locator(".marks")).to_have_count(2)
        expect(dialog.locator(".switch")).to_contain_text("Mark what differs")
        for _ in range(2):
            frames = [framed(pane) for pane in dialog.locator(".pane").all()]
            left, top, right, bottom = drawn
            assert frames[0] == pytest.approx(drawn, abs=0.03)
            assert frames[1] == pytest.approx((1 - bottom, left, 1 - top, right), abs=0.03)
            page.keyboard.press("+")
        page.keyboard.press("m")
        expect(dialog.locator(".marks").first).to_be_hidden()
        expect(dialog.get_by_label("Mark what differs")).not_to_be_checked()
        page.keyboard.press("Escape")
        expect(page.locator(".card .marks").first).to_be_hidden()
        page.locator("#tools").get_by_label("Mark what differs").check()
        expect(page.locator(".card .marks").first).to_be_visible()
        page.close()


def test_a_dropped_image_is_searched_for_from_any_view(open_explorer):
    page = open_explorer("pairs")
    drop(page, jpeg(scene(SEEDS[1]), quality=70), "mine.jpg")
    expect(page.locator("nav [aria-current]")).to_have_attribute("data-view", "search")
    expect(page.locator(".results .card h2")).to_have_text("Yes, 2 copies")
    expect(page.locator(".results .card").first).to_contain_text("01")
    expect(page.locator(".results .card").first).to_contain_text("almost identical")
    page.locator(".results button.stage").first.click()
    expect(page.locator("#viewer .name").first).to_have_text("mine.jpg")
    page.keyboard.press("2")
    expect(page.locator("#viewer canvas")).to_be_visible()


def test_the_map_leads_from_image_to_image(open_explorer):
    page = open_explorer("map")
    page.locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    shown = page.locator("aside .name")
    expect(shown).to_be_visible()
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    expect(page.locator("#viewer")).to_be_visible()


def test_a_pair_of_no_copies_is_remembered_and_taken_back(open_explorer, work):
    page = open_explorer("pairs")
    page.get_by_label("Find").fill("mirrored")
    expect(page.locator("#count")).to_have_text("3 pairs")
    card = page.locator(".card", has_text="00.jpg").filter(has_text="00-mirrored.jpg").first
    card.get_by_role("button", name="Not copies").click()
    said = page.locator(".card", has_text="not copies. This is remembered.")
    expect(said).to_be_visible()
    assert "not-copies" in (work / "decisions.csv").read_text()
    expect(said.get_by_role("button", name="Undo")).to_be_focused()
    said.get_by_role("button", name="Undo").click()
    expect(said).to_have_count(0)
    expect(card.locator(".tile")).to_have_count(2)
    assert "not-copies" not in (work / "decisions.csv").read_text()


def test_a_group_of_no_copies_is_forgotten_where_decisions_are_listed(open_explorer, work):
    page = open_explorer()
    group = page.locator(".card", has_text="00-small.jpg")
    group.locator("button.stage").first.focus()
    page.keyboard.press("n")
    expect(page.locator(".card .remembered")).to_contain_text("4 images: not copies.")
    go(page, "groups")
    go(page, "decided")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".card .tile")).to_have_count(4)
    page.locator("button.stage").first.click()
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("Escape")
    go(page, "groups")
    expect(group).to_have_count(0)
    go(page, "decided")
    page.get_by_role("button", name="Forget").click()
    expect(page.get_by_role("heading", name="Nothing decided")).to_be_visible()
    go(page, "groups")
    expect(group.locator(".tile")).to_have_count(4)


def test_one_image_of_a_group_leaves_it_and_comes_back(open_explorer, work):
    page = open_explorer()
    group = page.locator(".card", has_text="00-small.jpg")
    expect(group.locator(".tile")).to_have_count(4)
    for name in ("00.jpg", "00-mirrored.jpg"):  # that which the group is asked for by, and another
        tile = group.locator(".tile").filter(has=page.get_by_text(name, exact=True))
        tile.get_by_role("button", name="Not a copy").click()
        said = group.get_by_text("not a copy of the others")
        expect(said).to_contain_text(name)
        expect(group.locator(".tile")).to_have_count(3)
        assert (work / "decisions.csv").read_text().count("\n") == 7
        group.get_by_role("button", name="Undo").click()
        expect(said).to_have_count(0)
        expect(group.locator(".tile")).to_have_count(4)
        assert (work / "decisions.csv").read_text().count("\n") == 1
    page.locator(".card", has_text="01-same.jpg").get_by_role("button", name="Keep", exact=True)
    expect(page.get_by_role("button", name="Not a copy")).to_have_count(4)


def pressed(page, name: str, button: str):
    """Return the pressed button below a tile."""
    at = page.locator("#main .tile", has=page.get_by_text(name, exact=True)).first
    return at.locator(f'button[data-decision="{button}"][aria-pressed="true"]')


def focused(page) -> str:
    """Return the name of the image whose tile has the focus."""
    return page.evaluate(
        "document.activeElement.closest('.tile').querySelector('.name').textContent"
    )


def focuses(page, name: str) -> None:
    """Wait until an image's tile has the focus."""
    page.wait_for_function(
        "(name) => document.activeElement.closest('.tile')?.querySelector('.name').textContent"
        " === name",
        arg=name,
    )


def test_decisions_by_key_lead_on_and_are_undone(open_explorer, work):
    page = open_explorer()
    names = page.locator(".tile .name").all_text_contents()
    page.locator("button.stage").first.focus()
    page.keyboard.press("y")
    expect(pressed(page, names[0], "keep")).to_have_count(1)
    expect(page.locator("#decided-line")).to_have_text("Decided 1 of 2 groups")
    focuses(page, names[1])
    page.keyboard.press("x")
    expect(pressed(page, names[1], "remove")).to_have_count(1)
    expect(page.locator("#decided-line")).to_contain_text("1 to remove,")
    expect(page.locator("#decided-line")).to_contain_text("to be freed")
    focuses(page, names[2])
    page.keyboard.press("s")
    focuses(page, names[4])
    page.reload()
    shows(page, "groups")
    expect(pressed(page, names[0], "keep")).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_have_text("Undo 2")
    page.keyboard.press("z")
    expect(page.locator("#decided-line")).to_have_text("Decided 1 of 2 groups")
    focuses(page, names[1])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#decided-line")).to_have_text("Decided 0 of 2 groups")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.locator("[data-decision][aria-pressed=true]")).to_have_count(0)
    assert (work / "decisions.csv").read_text().count("\n") == 1


def test_a_whole_group_is_kept_and_removed_by_its_buttons(open_explorer):
    page = open_explorer()
    group = page.locator(".card", has_text="00-small.jpg")
    group.get_by_role("button", name="Remove all").click()
    expect(group.locator("[data-decision=remove][aria-pressed=true]")).to_have_count(4)
    expect(page.locator("#decided-line")).to_contain_text("4 to remove")
    expect(group.locator(".going")).to_have_text("3 can be removed")
    group.get_by_role("button", name="Keep all").click()
    expect(group.locator("[data-decision=keep][aria-pressed=true]")).to_have_count(4)
    expect(group.locator(".going")).to_have_text("0 can be removed")
    page.keyboard.press("z")
    expect(group.locator("[data-decision=remove][aria-pressed=true]")).to_have_count(4)
    page.keyboard.press("z")
    expect(page.locator("[data-decision][aria-pressed=true]")).to_have_count(0)


@pytest.mark.parametrize("view", ["pairs", "outliers", "quality"])
def test_images_are_decided_on_in_every_list(open_explorer, view):
    page = open_explorer(view)
    page.locator("button.stage").first.focus()
    name = focused(page)
    page.keyboard.press("x")
    expect(pressed(page, name, "remove")).to_have_count(1)
    expect(page.locator("#decided-line")).to_contain_text("1 to remove")
    page.keyboard.press("z")
    expect(pressed(page, name, "remove")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_a_hostile_name_does_nothing(open_explorer):
    page = open_explorer()
    assert HOSTILE in page.locator(".tile .name").all_text_contents()
    page.get_by_role("button", name="Look closer at " + HOSTILE).click()
    expect(page.locator("#viewer .name").last).to_contain_text("onerror")
    page.keyboard.press("Escape")
    for view in VIEWS:
        go(page, view)
        assert page.locator('img[src="x"]').count() == 0
    drop(page, jpeg(scene(1)), HOSTILE)
    expect(page.locator(".results .card").first).to_be_visible()
    assert page.locator('img[src="x"]').count() == 0


@pytest.fixture
def elsewhere(tmp_path):
    """The address of a page on another port of this machine, which is the same site."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "index.html").write_text("<!DOCTYPE html><title>elsewhere</title>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = partial(Quiet, directory=str(tmp_path / "elsewhere"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_page_of_another_origin_gets_nothing(browser, explorer, elsewhere):
    """With the cookie in the browser, it can neither read nor change nor follow a link in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(explorer.url)
    page.locator(".card").first.wait_for()
    here = explorer.url.split("?")[0]
    other = context.new_page()
    other.goto(elsewhere)
    fetched = (
        """([path, options]) => fetch(path, options).then(() => "answered", () => "refused")"""
    )
    image = """(path) => new Promise((done) => {
      const image = new Image();
      image.onload = () => done("loaded");
      image.onerror = () => done("refused");
      image.src = path;
    })"""
    reading = {"credentials": "include"}
    changing = {"credentials": "include", "method": "POST", "mode": "no-cors"}
    rule = {**changing, "body": '{"keep": "newest", "prefer": [], "never": []}'}
    assert other.evaluate(fetched, [f"{here}api/summary", reading]) == "refused"
    assert other.evaluate(image, f"{here}image/0?side=320") == "refused"
    other.evaluate(fetched, [f"{here}api/rule", rule])
    assert (
        page.evaluate("fetch('/api/summary').then((a) => a.json())")["choices"]["keep"]
        == "original"
    )
    for path in ("", "api/summary"):
        with other.expect_navigation() as navigation:
            other.evaluate("(address) => { location.href = address; }", here + path)
        assert navigation.value.status == 403
        other.goto(elsewhere)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(scheme, open_explorer):
    # The checker is put into the page, which the page's policy would refuse.
    page = open_explorer(color_scheme=scheme, bypass_csp=True)
    faults = []
    for view in sorted(VIEWS, key="plan".__eq__):  # which is gone on with
        go(page, view)
        if view == "plan":
            page.get_by_role("button", name="Write the plan").click()
            page.locator(".command").wait_for()
        if view == "pairs":
            page.get_by_text("Which threshold?").click()
            page.locator(".advice img").wait_for()
        faults += axe_faults(page, view)
    page.get_by_role("button", name="Do it now").click()
    faults += axe_faults(page, "confirm")
    page.get_by_role("button", name="Cancel").click()
    go(page, "groups")
    page.locator("button.stage").nth(1).click()
    page.keyboard.press("i")
    page.locator(".facts-of-two table").wait_for()
    faults += axe_faults(page, "viewer")
    assert faults == []
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('#main').append(document.createElement('img'))")
    assert [fault[1] for fault in axe_faults(page, "planted")] == ["image-alt"]


@pytest.mark.parametrize("size", [(320, 568), (390, 844), (640, 400)], ids=str)
def test_a_narrow_window_needs_no_sideways_scrolling(open_explorer, size):
    width, height = size
    page = open_explorer(viewport={"width": width, "height": height})
    for view in VIEWS:
        go(page, view)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
    go(page, "groups")
    page.locator("button.stage").first.click()
    expect(page.locator("#viewer .verdicts")).to_be_visible()
    viewer = page.locator("#viewer")
    assert viewer.evaluate("(at) => at.scrollWidth - at.clientWidth") == 0
    assert page.locator("#viewer .pane").first.bounding_box()["height"] > 100


def test_what_gets_the_focus_is_not_under_a_bar(open_explorer):
    page = open_explorer(viewport={"width": 1000, "height": 600})
    page.locator("button.stage").first.focus()
    for _ in range(25):
        page.keyboard.press("Tab")
        top, above, below, bottom = page.evaluate(
            """() => {
              const box = (at) => at.getBoundingClientRect();
              const [bar, line] = [".bar", ".progress"].map((at) => document.querySelector(at));
              const focused = box(document.activeElement);
              return [box(bar).bottom, focused.top, focused.bottom, box(line).top];
            }"""
        )
        assert top <= above < below <= bottom


def test_on_a_phone_all_can_be_reached_by_a_finger(open_explorer):
    page = open_explorer(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for view in ("groups", "pairs", "quality"):
        go(page, view)
        sizes = page.evaluate(
            "[...document.querySelectorAll('button, nav a, select')]"
            ".map((one) => [one.textContent || one.id, one.getBoundingClientRect()])"
            ".filter(([, box]) => box.width)"
            ".map(([words, box]) => [words, Math.round(Math.min(box.width, box.height))])"
        )
        assert [(words, least) for words, least in sizes if least < 44] == []
        current = page.locator("nav [aria-current]").bounding_box()
        assert current["x"] + current["width"] <= 390
    go(page, "groups")
    expect(page.locator("button.stage").first).to_be_visible()
    assert page.locator("button.stage").first.bounding_box()["y"] < 422
    expect(page.get_by_label("Order")).to_be_hidden()
    page.get_by_role("button", name="Filter and order").tap()
    expect(page.get_by_label("Order")).to_be_visible()
    names = page.locator(".tile .name").all_text_contents()
    page.locator("button.stage").nth(1).tap()
    dialog = page.locator("#viewer")
    expect(dialog.locator(".pane").last).to_be_visible()
    small = dialog.locator("button").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().height < 44)"
        ".map((one) => one.textContent)"
    )
    assert small == []
    dialog.get_by_role("button", name="Remove").last.tap()
    expect(dialog.locator(".panes .name").last).to_have_text(names[2])
    swipe(page, dialog.locator(".pane").first, -150)
    expect(dialog.locator("strong").first).to_have_text("Group 2")
    swipe(page, dialog.locator(".pane").first, 150)
    expect(dialog.locator("strong").first).to_have_text("Group 1")


def swipe(page, element, by: int) -> None:
    """Move a finger over an element, by so many pixels to the right."""
    expect(element).to_be_visible()  # its place is known once it is shown
    box = element.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", x), ("touchMove", x + by / 2), ("touchMove", x + by)):
        points = [{"x": at, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_when_the_explorer_was_stopped_the_page_says_so(browser, work):
    from fastdup.explorer import Explorer

    page = browser.new_page()
    with Explorer(str(work)) as explorer:
        page.goto(explorer.url)
        page.locator(".card").first.wait_for()
    page.get_by_role("link", name="Pairs").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.close()


def look_closer(page, name: str):
    """Open the viewer on an image, and return it."""
    page.get_by_role("button", name=f"Look closer at {name}", exact=True).first.click()
    dialog = page.locator("#viewer")
    expect(dialog).to_be_visible()
    return dialog


def test_one_decides_while_comparing(open_explorer, work):
    page = open_explorer()
    names = page.locator(".card").first.locator(".tile .name").all_text_contents()
    dialog = look_closer(page, names[1])
    expect(dialog.locator(".finding").first).to_be_visible()
    page.keyboard.press("x")
    expect(dialog.locator(".panes .name").last).to_have_text(names[2])
    expect(page.locator("#decided-line")).to_contain_text("1 to remove")
    page.keyboard.press("Shift+Y")
    expect(dialog.get_by_role("button", name="Keep").first).to_have_attribute(
        "aria-pressed", "true"
    )
    dialog.get_by_role("button", name="Remove").last.click()
    expect(dialog.locator(".panes .name").last).to_have_text(names[3])
    page.keyboard.press("z")
    expect(page.locator("#decided-line")).to_contain_text("1 to remove")
    page.keyboard.press("n")
    expect(dialog.locator("strong").first).to_have_text("Group 2")
    assert "not-copies" in (work / "decisions.csv").read_text()
    page.keyboard.press("Escape")
    expect(pressed(page, names[1], "remove")).to_have_count(1)
    for _ in range(3):
        page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.locator(".card").first.locator(".tile")).to_have_count(4)


def test_two_images_blink_are_swapped_and_described(open_explorer):
    page = open_explorer()
    names = page.locator(".card").first.locator(".tile .name").all_text_contents()
    dialog = look_closer(page, names[1])
    page.keyboard.press("4")
    expect(dialog.get_by_role("button", name="Blink")).to_have_attribute("aria-pressed", "true")
    expect(dialog.locator("canvas")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("w")
    expect(dialog.locator(".panes .name")).to_have_text([names[1], names[0]])
    dialog.get_by_role("button", name="Details").click()
    table = dialog.locator(".facts-of-two")
    expect(table).to_contain_text("at equal scale")
    expect(table.get_by_role("row", name="Name")).to_contain_text(f"{names[1]} (differs)")
    dialog.get_by_label("Second image").select_option("3")
    expect(dialog.locator(".panes .name").last).to_have_text(names[3])
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.locator("strong").first).to_have_text("Group 2")
    dialog.get_by_role("button", name="Previous").click()
    expect(dialog.locator("strong").first).to_have_text("Group 1")


def test_any_two_images_are_compared(open_explorer):
    page = open_explorer("quality")
    stages = page.locator("button.stage")
    names = page.locator(".tile .name").all_text_contents()
    stages.nth(0).focus()
    page.keyboard.press("c")
    expect(page.get_by_role("button", name=f"Compare {names[0]}")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name=f"Compare {names[4]}", exact=True).click()
    expect(page.locator("#viewer .panes .name")).to_have_text([names[0], names[4]])


def test_the_address_holds_the_view_its_filter_order_threshold_and_place(open_explorer):
    page = open_explorer("pairs")
    page.get_by_label("Order").select_option("loose")
    page.get_by_label("Find").fill("00")
    set_slider(page, 0.9)
    expect(page.locator("output").first).to_have_text("0.900")
    page.wait_for_url("**/#pairs?*threshold=0.9*find=00*order=loose*")
    count = page.locator("#count").text_content()
    page.reload()
    shows(page, "pairs")
    expect(page.get_by_label("Order")).to_have_value("loose")
    expect(page.get_by_label("Find")).to_have_value("00")
    expect(page.locator("output").first).to_have_text("0.900")
    expect(page.locator("#count")).to_have_text(count)
    page.get_by_role("link", name="Outliers").click()
    shows(page, "outliers")
    page.go_back()
    shows(page, "pairs")
    expect(page.get_by_label("Order")).to_have_value("loose")
    page.go_forward()
    shows(page, "outliers")


def test_the_address_holds_what_is_shown_of_quality_and_of_bad_files(open_explorer):
    page = open_explorer("quality")
    page.get_by_label("Show").select_option("issue:dark")
    page.locator("#limit").evaluate(
        "(input) => { input.value = 60; input.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_url("**/#quality?*show=issue*dark*limit=60*")
    page.goto("about:blank")
    page.go_back()
    shows(page, "quality")
    expect(page.get_by_label("Show")).to_have_value("issue:dark")
    expect(page.locator("#limit")).to_have_value("60")
    go(page, "bad")
    page.get_by_label("Only").select_option("reason:truncated")
    page.wait_for_url("**/#bad?*only=reason*truncated*")


def test_bad_files_are_decided_one_after_the_other_by_key(open_explorer):
    page = open_explorer("bad")
    pressed_on = "[data-decision][aria-pressed=true]"
    page.locator(".card button").first.focus()
    page.keyboard.press("x")
    expect(page.locator(pressed_on)).to_have_text(["Remove"])
    expect(page.locator("#decided-line")).to_contain_text("1 bad file")
    page.keyboard.press("y")  # the next one has the focus
    expect(page.locator(pressed_on)).to_have_text(["Remove", "Keep"])
    page.keyboard.press("z")
    expect(page.locator(pressed_on)).to_have_text(["Remove"])
    page.get_by_role("button", name="Plan the removal of the 1 you chose").click()
    shows(page, "plan")
    page.get_by_role("button", name="Write the plan").click()
    expect(page.locator(".plan h2")).to_contain_text("1 file")


def test_folders_are_chosen_from_those_of_the_images(open_explorer, work):
    page = open_explorer("plan")
    page.locator("#add-never").select_option(label="photos/copies (4)")
    expect(page.locator("#never")).to_have_value(str(work.parent / "photos" / "copies"))


def test_a_reload_leads_to_the_same_place_of_a_list(open_explorer):
    page = open_explorer("quality", viewport={"width": 500, "height": 500})
    page.locator(".cards > li").nth(8).scroll_into_view_if_needed()
    page.wait_for_url("**at=*")
    at = int(page.url.split("at=")[1].split("&")[0])
    assert at >= 5
    page.reload()
    expect(page.locator(".cards > li").nth(at)).to_be_in_viewport()


def test_an_address_that_makes_no_sense_shows_the_view_all_the_same(open_explorer):
    page = open_explorer("groups")
    expect(page.locator(".card")).to_have_count(2)
    for query in ("threshold=7&at=-1", "threshold=x&at=1e9&order=burnt", "find=%00&%%%", "since=x"):
        page.evaluate("(hash) => { location.hash = hash; }", f"pairs?{query}")
        shows(page, "pairs")


def test_all_images_found_are_removed_by_a_button(open_explorer):
    page = open_explorer()
    expect(page.get_by_role("button", name="Remove all")).to_have_count(2)
    page.get_by_label("Find").fill("copies/")
    page.get_by_role("button", name="Remove all 4 images found").click()
    expect(page.locator("#decided-line")).to_contain_text("4 to remove")
    expect(page.locator("[data-decision=remove][aria-pressed=true]")).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-decision=remove][aria-pressed=true]")).to_have_count(0)
