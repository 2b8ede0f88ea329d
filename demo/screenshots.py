"""Make the screenshots of the docs: start page, gallery and explorer, in Chromium.

usage: screenshots.py OUT
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from make_pictures import make_pictures
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from scenery import landscape

import fastdup
from fastdup.window import Window

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1200, "height": 760}
COLOURS = 256
SEED, N_PICTURES = 5, 24


def shoot(page: Page, out: Path) -> None:
    """Save what is seen as a small PNG."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=out)
    with Image.open(out) as image:
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(out, optimize=True)
    print(f"{out}: {out.stat().st_size:,} bytes")


def shoot_start_page(browser: Browser, pictures: Path, settings: Path, out: Path) -> None:
    """Save the start page with a folder chosen; what it remembers goes to `settings`."""
    os.environ["FASTDUP_HOME"] = str(settings)
    with Window() as window:
        page = browser.new_page(viewport=SIZE)
        page.goto(window.url)
        page.get_by_role("button", name="Add a folder").click()
        page.locator(".entry").first.wait_for()
        page.locator("#picker-path").fill(str(pictures))
        page.locator("#picker-path").press("Enter")
        page.locator(".current", has_text=pictures.name).wait_for()
        page.get_by_role("button", name="Choose this folder").click()
        page.locator("button[type=submit]:enabled", has_text="Start").wait_for()
        page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
        shoot(page, out / "start.png")


def main() -> None:
    """Run on generated pictures, open the explorer, save what is seen."""
    out = Path(sys.argv[1])
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    folder = Path(tempfile.gettempdir(), "fastdup-demo")
    folder.mkdir()  # not one that is there: its name is seen in the pictures
    with sync_playwright() as playwright:
        pictures, work = folder / "pictures", folder / "out"
        rng = np.random.default_rng(SEED)
        make_pictures(pictures, [landscape(rng) for _ in range(N_PICTURES)])
        fd = fastdup.create(input_dir=str(pictures), work_dir=str(work))
        fd.run(threshold=0.9)
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        shoot_start_page(browser, pictures, folder / "settings", out)
        gallery = fd.vis.duplicates_gallery(save_path=str(work), num_images=50, descending=False)
        page = browser.new_page(viewport=SIZE)
        page.goto(Path(str(gallery)).resolve().as_uri())
        page.locator(".card").first.wait_for()
        shoot(page, out / "gallery.png")
        with fd.explore() as explorer:
            page = browser.new_page(viewport=SIZE)
            page.goto(explorer.url)
            page.locator("#threshold").evaluate(
                "(slider) => { slider.value = 0.98; slider.dispatchEvent(new Event('input')); }"
            )
            page.locator("#main[aria-busy=false]").wait_for()
            page.locator(".going", has_text="can be removed").first.wait_for()
            shoot(page, out / "explorer-groups.png")
            page.get_by_role("link", name="Map").click()
            page.locator("nav [aria-current][data-view=map]").wait_for()
            page.locator("canvas").focus()
            page.locator("#main[aria-busy=false]").wait_for()
            page.keyboard.press("ArrowRight")
            page.locator("aside .name").wait_for()
            shoot(page, out / "explorer-map.png")
        browser.close()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
