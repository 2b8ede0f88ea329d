"""A browser for the tests of pages; they skip where there is none."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pictures import jpeg, scene

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium, driven by Playwright."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser):
    """Opens a page; whatever it loads from elsewhere or complains about fails the test."""
    pages, complaints = [], []

    def open_(path, *, script: str = "", **options):
        page = browser.new_page(**options)
        pages.append(page)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("data:", f"file://{path}"))
                or complaints.append(request.url)
            ),
        )
        if script:
            page.add_init_script(script)
        page.goto(Path(path).as_uri())
        page.locator(".card, iframe").first.wait_for()
        return page

    yield open_
    for page in pages:
        page.close()
    assert complaints == []


@pytest.fixture(scope="session")
def album(tmp_path_factory):
    """A folder of pictures, some of them edits of others, and what pairs them."""
    folder = tmp_path_factory.mktemp("album")
    names = []

    def save(name: str, image: Image.Image) -> str:
        path = folder / name
        path.write_bytes(jpeg(image))
        names.append(str(path))
        return str(path)

    first = scene(1, (400, 300))
    original = save("original.jpg", first)
    rows = [
        (original, save("mirrored.jpg", first.transpose(Image.Transpose.FLIP_LEFT_RIGHT)), 0.97),
        (original, save("turned.jpg", first.transpose(Image.Transpose.ROTATE_90)), 0.95),
        (original, save("small.jpg", first.resize((200, 150))), 0.99),
        (original, save('"><img src=x onerror=alert(1)>.jpg', first), 1.0),
        (original, str(folder / "gone.jpg"), 0.9),
    ]
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    rows.append((original, save("noise.jpg", Image.fromarray(noise)), 0.86))
    return folder, rows
