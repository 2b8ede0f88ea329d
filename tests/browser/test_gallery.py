"""Galleries in a browser: what a person sees and does."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps

from browser_faults import axe_faults
from fastdup.report.gallery import (
    create_components_gallery,
    create_duplicates_gallery,
    create_stats_gallery,
)
from framed import framed, patched
from pictures import jpeg, photo, textured_scene
from warped import seen_from_the_side

expect = pytest.importorskip("playwright.sync_api").expect

LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
"""
#: Milliseconds. The browser calls 50 and more long; other work on the machine lengthens a task, and
#: a page that showed all its pairs at once would need some thousands.
LONGEST_TASK = 300


def until(page, condition):
    """Wait until it holds; Playwright's own way is refused by the page's policy."""
    look = f"const look = () => ({condition}) ? done() : setTimeout(look, 20); look();"
    page.evaluate(f"new Promise((done) => {{ {look} }})")


def frame_of(rows):
    return pd.DataFrame(rows, columns=["from", "to", "distance"])


@pytest.fixture
def gallery(album, tmp_path):
    _, rows = album
    labels = {rows[0][0]: "cat <b>"}
    return create_duplicates_gallery(frame_of(rows), tmp_path, get_label_func=labels)


@pytest.fixture(scope="session")
def large_gallery(tmp_path_factory):
    """5,000 pairs of 5,020 names; few and small pictures, so that it is quickly made.

    Their noise gives them as many bytes as a photo has at the size of a card.
    """
    folder = tmp_path_factory.mktemp("large")
    noise = np.random.default_rng(0).integers(0, 256, (20, 78, 104, 3), dtype=np.uint8)
    kinds = [jpeg(Image.fromarray(pixels), 80) for pixels in noise]
    paths = []
    for number in range(5_020):
        path = folder / f"{number:05}.jpg"
        path.write_bytes(kinds[number % 20])
        paths.append(str(path))
    rows = [(paths[n], paths[5_000 + n % 20], 1 - n / 20_000) for n in range(5_000)]
    return create_duplicates_gallery(
        frame_of(rows), folder / "page.html", num_images=5_000, differences=False
    )


def test_pairs_are_shown_with_pictures_words_and_labels(gallery, open_page):
    page = open_page(gallery)
    expect(page.locator(".card")).to_have_count(6)
    expect(page.locator("#count")).to_have_text("6 pairs")
    until(page, "[...document.images].every((i) => i.naturalWidth > 0)")
    assert page.locator(".card .chip").all_inner_texts() == ["cat <b>"] * 6
    assert set(page.locator(".card .finding").all_inner_texts()) == {
        "Mirrored",
        "Turned by 90° counter-clockwise",
        "Same picture, saved again at half the size",
        "Same bytes",
        "Look-alike",
    }
    assert page.locator(".missing strong").inner_text() == "The file is gone"


def test_a_hostile_name_does_nothing(gallery, open_page):
    page = open_page(gallery)
    assert page.locator('img[src="x"]').count() == 0
    assert '"><img src=x onerror=alert(1)>.jpg' in page.locator(".name").all_inner_texts()
    page.get_by_role("button", name="onerror").click()
    assert "onerror" in page.locator("dialog .name").last.inner_text()
    assert page.locator('img[src="x"]').count() == 0


def test_typing_finds_and_choosing_sorts(gallery, open_page):
    page = open_page(gallery)
    page.get_by_label("Find").fill("MIRRORED")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1 of 6 pairs")
    page.get_by_label("Find").fill("")
    expect(page.locator(".card")).to_have_count(6)
    page.get_by_label("Order").select_option("similarity")
    similarities = page.locator(".card data").all_inner_texts()
    assert similarities == sorted(similarities)
    page.get_by_label("Differs").select_option("turned")
    expect(page.locator(".card")).to_have_count(1)


def test_the_keyboard_does_it_all(gallery, open_page):
    page = open_page(gallery)
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = "document.activeElement.closest('li').dataset.card"
    assert page.evaluate(focused) == "1"
    page.keyboard.press("k")
    assert page.evaluate(focused) == "0"
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    assert dialog.is_visible()
    page.keyboard.press("ArrowRight")
    assert "Pair 2" in dialog.locator(".what").inner_text()
    for key, mode in (("2", "Overlay"), ("3", "Difference"), ("1", "Side by side")):
        page.keyboard.press(key)
        assert dialog.locator("[aria-pressed=true]").inner_text() == mode
    page.keyboard.press("+")
    assert "scale(1.5)" in dialog.locator(".zoomed").first.get_attribute("style")
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"


#: Whether the difference is nearly black within a share of the canvas about its middle.
NEARLY_BLACK = """((share, most) => {
  const canvas = document.querySelector("dialog canvas");
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext("2d", {willReadFrequently: true});
  pen.drawImage(canvas, 0, 0);
  const [width, height] = [copy.width * share, copy.height * share].map(Math.round);
  const [left, top] = [(copy.width - width) / 2, (copy.height - height) / 2].map(Math.round);
  const data = pen.getImageData(left, top, width, height).data;
  let sum = 0, alpha = 0;
  for (let i = 0; i < data.length; i += 4) { sum += data[i]; alpha += data[i + 3]; }
  return alpha > 0 && sum / (data.length / 4) < most;
})"""


@pytest.mark.parametrize("name", ["mirrored.jpg", "turned.jpg", "small.jpg"])
def test_the_difference_lays_the_second_picture_over_the_first(name, gallery, open_page):
    page = open_page(gallery)
    page.get_by_role("button", name=name).click()
    page.keyboard.press("3")
    until(page, f"{NEARLY_BLACK}(1, 60)")
    assert page.locator("dialog canvas").evaluate("c => c.width / c.height") == pytest.approx(
        4 / 3, abs=0.02
    )


@pytest.fixture
def changed(tmp_path):
    """A gallery of one pair: a picture, and the same with something else in one place."""
    first = photo(1)
    second, drawn = patched(first)
    rows = []
    for name, picture in (("a.jpg", first), ("b.jpg", ImageOps.mirror(second))):
        (tmp_path / name).write_bytes(jpeg(picture))
        rows.append(str(tmp_path / name))
    return create_duplicates_gallery(frame_of([(*rows, 0.95)]), tmp_path), drawn


def test_what_differs_is_framed_on_the_cards(changed, open_page):
    path, (left, top, right, bottom) = changed
    page = open_page(path)
    until(page, "[...document.images].every((i) => i.naturalWidth > 0)")
    frames = [framed(stage) for stage in page.locator(".card .stage").all()]
    assert frames[0] == pytest.approx((left, top, right, bottom), abs=0.03)
    assert frames[1] == pytest.approx((1 - right, top, 1 - left, bottom), abs=0.03)
    expect(page.locator(".card .finding")).to_contain_text("something drawn on it")


def test_the_frames_can_be_hidden_and_are_listed_in_words(changed, open_page):
    page = open_page(changed[0])
    page.locator("button.stage").first.click()
    dialog = page.locator("dialog")
    expect(dialog.locator(".switch .places")).to_have_text("top right")
    page.keyboard.press("m")
    expect(dialog.locator(".marks").first).to_be_hidden()
    page.keyboard.press("2")
    expect(dialog.get_by_label("Mark what differs")).not_to_be_checked()
    dialog.get_by_label("Mark what differs").check()
    expect(dialog.locator(".marks")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".tools").get_by_label("Mark what differs").uncheck()
    expect(page.locator(".card .marks").first).to_be_hidden()


def test_an_overlay_flips_from_one_picture_to_the_other(changed, open_page):
    page = open_page(changed[0])
    page.locator("button.stage").first.click()
    page.keyboard.press("2")
    slider = page.locator("dialog input[type=range]")
    shown = []
    for press in (lambda: page.keyboard.press("b"), page.get_by_role("button", name="Flip").click):
        press()
        shown.append(slider.input_value())
    assert shown == ["0", "1"]


def test_a_picture_seen_from_the_side_is_laid_over_too(tmp_path, open_page):
    first = textured_scene(1)
    corners = [(0.1, 0.05), (0.85, 0.2), (0.85, 0.8), (0.1, 0.95)]
    rows = []
    for name, picture in (("a.jpg", first), ("b.jpg", seen_from_the_side(first, corners)[0])):
        (tmp_path / name).write_bytes(jpeg(picture))
        rows.append(str(tmp_path / name))
    page = open_page(create_duplicates_gallery(frame_of([(*rows, 0.9)]), tmp_path))
    expect(page.locator(".card .finding")).to_contain_text("seen from another side")
    page.locator("button.stage").first.click()
    page.keyboard.press("3")
    until(page, f"{NEARLY_BLACK}(0.5, 60)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system(scheme, gallery, open_page):
    page = open_page(gallery, color_scheme=scheme)
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    levels = [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    assert (max(levels) < 60) == (scheme == "dark")


def test_a_narrow_window_needs_no_sideways_scrolling(gallery, open_page):
    page = open_page(gallery, viewport={"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("looking_closer", [False, True])
def test_axe_finds_no_fault(scheme, looking_closer, gallery, open_page):
    # The checker is put into the page, which the page's policy would refuse.
    page = open_page(gallery, color_scheme=scheme, bypass_csp=True)
    if looking_closer:
        page.locator("button.stage").first.click()
    assert axe_faults(page, "gallery") == []


def test_five_thousand_pairs_open_and_scroll_without_a_long_task(large_gallery, open_page):
    page = open_page(large_gallery, script=LONG_TASKS)
    expect(page.locator("#count")).to_have_text("5,000 pairs")
    assert page.locator(".card").count() < 100
    for _ in range(40):
        page.mouse.wheel(0, 2_000)
        page.evaluate("new Promise(requestAnimationFrame)")
    assert page.locator(".card").count() > 100
    near = "[...document.images].filter((i) => i.hasAttribute('src')).length"
    until(page, f"{near} < 100")
    page.get_by_label("Find").fill("04321")
    expect(page.locator(".card")).to_have_count(1)
    assert max(page.evaluate("window.longTasks"), default=0) < LONGEST_TASK


def test_groups_and_statistics_have_pages_too(album, tmp_path, open_page):
    _, rows = album
    names = [rows[0][0], *(row[1] for row in rows[:3])]
    groups = pd.DataFrame({"filename": names, "component_id": 0})
    groups = groups.assign(mean_distance=0.9, min_distance=0.9, max_distance=0.9)
    page = open_page(create_components_gallery(groups, tmp_path))
    assert page.locator(".tile").count() == 4
    page.locator("button.stage").nth(2).click()
    page.keyboard.press("ArrowDown")
    assert page.locator("dialog .name").last.inner_text() == "small.jpg"
    stats = pd.DataFrame({"filename": names, "blur": range(4)})
    page = open_page(create_stats_gallery(stats, tmp_path))
    expect(page.locator(".card")).to_have_count(4)
    page.locator("button.stage").first.click()
    assert page.locator("dialog .name").all_inner_texts() == ["original.jpg"]


def test_in_a_frame_without_rights_the_gallery_works(gallery, open_page, tmp_path):
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html>{gallery._repr_html_()}")
    page = open_page(tmp_path / "notebook.html")
    frame = page.frame_locator("iframe")
    frame.locator("button.stage").first.click()
    assert frame.locator("dialog").is_visible()
    frame.locator("dialog img").first.wait_for()


def test_tiny_pictures_are_enlarged_pixel_by_pixel(tmp_path, open_page):
    Image.new("RGB", (32, 16), "red").save(tmp_path / "icon.png")
    rows = [(str(tmp_path / "icon.png"), str(tmp_path / "icon.png"), 1.0)]
    page = open_page(create_duplicates_gallery(frame_of(rows), tmp_path))
    image = page.locator("img.tiny").first
    assert (image.get_attribute("width"), image.get_attribute("height")) == ("128", "64")
