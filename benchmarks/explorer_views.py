"""How long a person waits for each view of the explorer, in Chromium."""

import shutil
import statistics
from collections.abc import Callable
from importlib.util import find_spec

VIEWS = (
    *("groups", "pairs", "outliers", "quality", "bad", "search", "plan", "decided", "sets", "map"),
)
REPEATS = 5
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: Resolves to the milliseconds from the click on a view until it shows what it asked for.
_OPEN = """(view) => new Promise((done) => {
  const start = performance.now(), main = document.getElementById("main");
  const look = () => {
    const current = document.querySelector("nav [aria-current]");
    if (current.dataset.view === view && main.getAttribute("aria-busy") === "false") {
      requestAnimationFrame(() => done(performance.now() - start));
    } else setTimeout(look, 5);
  };
  location.hash = view;
  setTimeout(look, 5);
})"""


def time_views(url: str, server_cpu_s: Callable[[], float]) -> dict[str, dict[str, float]]:
    """Return view → milliseconds until it is shown, and CPU time of the server for the first time.

    Parameters
    ----------
    url : str
        The address of an explorer.
    server_cpu_s : callable
        Returns the seconds of processor time that it has taken.

    Returns
    -------
    dict
        Empty without Chromium or Playwright.
    """
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None or find_spec("playwright") is None:
        return {}
    from playwright.sync_api import sync_playwright

    times: dict[str, list[float]] = {view: [] for view in VIEWS}
    cpu_ms = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{url}#bad")
        page.locator("#main[aria-busy=false]").wait_for()
        for _ in range(REPEATS):
            for view in VIEWS:
                start_s = server_cpu_s()
                times[view].append(page.evaluate(_OPEN, view))
                cpu_ms.setdefault(view, round(1000 * (server_cpu_s() - start_s)))
        browser.close()
    return {
        view: {
            "first_ms": round(found[0], 1),
            "first_cpu_ms": cpu_ms[view],
            "median_ms": round(statistics.median(found), 1),
            "most_ms": round(max(found), 1),
        }
        for view, found in times.items()
    }
