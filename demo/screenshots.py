"""Make the screenshots of the docs: the explorer over generated pictures, in Chromium.

usage: screenshots.py OUT
"""

import shutil
import sys
import tempfile
from pathlib import Path

from make_pictures import make_pictures
from PIL import Image
from playwright.sync_api import Page, sync_playwright

import fastdup

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1200, "height": 760}
COLOURS = 128


def shoot(page: Page, out: Path) -> None:
    """Save what is seen as a small PNG."""
    page.locator("#main[aria-busy=false]").wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=out)
    with Image.open(out) as image:
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(out, optimize=True)
    print(f"{out}: {out.stat().st_size:,} bytes")


def main() -> None:
    """Run on generated pictures, open the explorer, save what is seen."""
    out = Path(sys.argv[1])
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    folder = Path(tempfile.gettempdir(), "fastdup-demo")
    folder.mkdir()  # not one that is there: its name is seen in the pictures
    with sync_playwright() as playwright:
        pictures, work = folder / "pictures", folder / "out"
        make_pictures(pictures)
        fd = fastdup.create(input_dir=str(pictures), work_dir=str(work))
        fd.run(threshold=0.8)
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        with fd.explore() as explorer:
            page = browser.new_page(viewport=SIZE)
            page.goto(explorer.url)
            page.locator("#threshold").evaluate(
                "(slider) => { slider.value = 0.9; slider.dispatchEvent(new Event('input')); }"
            )
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
