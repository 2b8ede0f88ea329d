"""A person who does a whole job on the pages: by keys alone, by touch on a phone, or by mouse."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from fastdup.extract.content_hash import file_hash

KEYBOARD, TOUCH, MOUSE = "keyboard", "touch", "mouse"
WAYS = (KEYBOARD, TOUCH, MOUSE)
#: Milliseconds: the machine may be busy.
PATIENCE = 90_000
#: The same, for a run over many pictures.
_RUN_PATIENCE = 1_800_000
#: More than there is to step through on a page.
MOST_STEPS = 400
#: The key of each view.
VIEW_KEYS = {"groups": "1", "plan": "8", "decided": "9"}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


class Served:
    """``fastdup explore`` in a process of its own, which is killed at the end.

    Parameters
    ----------
    home : Path
        The home folder of the person; settings and trash are in it.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, and learn its address."""
        settings = {
            "HOME": str(self._home),
            "FASTDUP_HOME": str(self._home / ".settings"),
            "XDG_DATA_HOME": str(self._home / ".data"),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fastdup", "explore", "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **settings},
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class Person:
    """Does what a person does on a page, in one way only.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    way : {"keyboard", "touch", "mouse"}
    """

    def __init__(self, browser, way: str) -> None:
        self._context = browser.new_context(**(PHONE if way == TOUCH else {}))
        self.way = way
        self.page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self._expects_loss = False
        self._here = ""
        self.page.on("console", lambda message: self._complain(message.text))
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("dialog", lambda dialog: self._complain(f"dialog {dialog.message}"))
        self.page.on("request", lambda request: self._check(request.url))

    def _complain(self, words: str) -> None:
        if not self._expects_loss:
            self.complaints.append(words)

    def _check(self, address: str) -> None:
        if not address.startswith((self._here, "data:", f"blob:{self._here}")):
            self._complain(address)

    def expect_loss(self) -> None:
        """The page may complain from now on: its server is about to be killed."""
        self._expects_loss = True

    def close(self) -> None:
        """Close the browser's window."""
        self._context.close()

    # --- hands -------------------------------------------------------------------------------

    def use(self, target) -> None:
        """Press what is there: a button, a link or a tick."""
        target.wait_for()
        if self.way == MOUSE:
            target.click()
        elif self.way == TOUCH:
            target.tap()
        else:
            self._step_to(target)
            is_tick = target.get_attribute("type") == "checkbox"
            self.page.keyboard.press("Space" if is_tick else "Enter")

    def _step_to(self, target) -> None:
        for _ in range(MOST_STEPS):
            if target.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by Tab")

    def button(self, words: str, within=None):
        """Return the button with these words."""
        return (within or self.page).get_by_role("button", name=words, exact=True)

    # --- the job -----------------------------------------------------------------------------

    def open(self, url: str) -> None:
        """Open the start page."""
        self.page.goto("about:blank")
        self._expects_loss = False
        self._here = url.split("?")[0]
        self.page.goto(url)
        self.page.locator("#main[aria-busy=false]").wait_for()

    def run(self, folder: str) -> None:
        """Choose a folder of the home folder, and run."""
        self.use(self.page.get_by_role("button", name="Add a folder"))
        self.use(self.button(folder))
        self.use(self.button("Choose this folder"))
        self.use(self.button("Start"))
        self.page.wait_for_url("**/results/**", timeout=_RUN_PATIENCE)
        self.shows("groups")

    def open_again(self, url: str) -> None:
        """Open the start page of another server, and the last result there."""
        self.open(url)
        self.use(self.page.get_by_role("button", name=re.compile("^Open: ")).first)
        self.page.wait_for_url("**/results/**")
        self.shows("groups")

    def shows(self, view: str) -> None:
        """Wait until a view is there, with what it asked for."""
        self.page.locator(f"nav [aria-current][data-view={view}]").wait_for()
        self.page.locator("#main[aria-busy=false]").wait_for()

    def go(self, view: str) -> None:
        """Go to a view."""
        if self.way == KEYBOARD:
            self.page.keyboard.press(VIEW_KEYS[view])
        else:
            self.use(self.page.locator(f"nav [data-view={view}]"))
        self.shows(view)

    def reload(self) -> None:
        """Load the page again."""
        view = self.page.locator("nav [aria-current]").get_attribute("data-view")
        self.page.reload()
        self.shows(view)

    def keep_first(self, n_groups: int) -> None:
        """Decide the first groups: of each its first image is kept."""
        for number in range(n_groups):
            card = self.page.locator("#main .card").nth(number)
            card.wait_for()
            if self.way == KEYBOARD:
                if number == 0:
                    self.page.keyboard.press("j")
                card.locator("button.stage:focus").wait_for()
                self.page.keyboard.press("y")
            else:
                self.use(card.locator("[data-decision=keep]").first)
            card.locator("[data-decision=keep][aria-pressed=true]").wait_for()
            # The decision leads on to the next group, in one of three or more to its next image.
            if self.way == KEYBOARD and card.locator(":focus").count():
                self.page.keyboard.press("s")

    def part(self, name: str) -> None:
        """Mark the two images of a group as no copies."""
        card = self.page.locator("#main .card", has_text=name)
        if self.way == KEYBOARD:
            while not card.locator(":focus").count():
                self.page.keyboard.press("j")
            self.page.keyboard.press("n")
        else:
            self._scroll_to(card)
            self.use(self.button("Not copies", card))
        self.page.locator(".remembered", has_text="not copies").wait_for()

    def _scroll_to(self, card) -> None:
        """Scroll down, which brings more cards, until a card is there."""
        cards = self.page.locator("#main .card")
        for _ in range(MOST_STEPS):
            if card.count():
                return
            shown = cards.count()
            cards.last.scroll_into_view_if_needed()
            cards.nth(shown).wait_for(state="attached")
        raise AssertionError(f"{card} is not there, however far one scrolls")

    def clean(self) -> None:
        """Write the plan, look at it, agree, and have it carried out."""
        self.use(self.button("Write the plan"))
        self.use(self.page.get_by_role("button", name="Do it now"))
        confirm = self.page.locator("#confirm")
        self.use(confirm.get_by_label("Yes, I have looked through the plan."))
        self.use(confirm.get_by_role("button", name=re.compile("^Remove ")))
        confirm.get_by_text("moved to the trash").wait_for()
        self.use(self.button("Close", confirm))

    def undo_clean_up(self) -> None:
        """Put back what the last clean-up removed."""
        self.use(self.button("Undo the last clean-up"))
        self.page.locator("#confirm").get_by_text("put back").wait_for()
        self.use(self.button("Close", self.page.locator("#confirm")))

    def progress(self) -> str:
        """Return the line that says how far one is."""
        line = self.page.locator("#decided-line")
        line.get_by_text("Decided").wait_for()
        return line.inner_text()


def contents(folder: Path) -> Mapping[str, str]:
    """Return the path of each file → a digest of its bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): file_hash(str(path)).hex() for path in files}
