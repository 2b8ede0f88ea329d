"""The report in a browser: readable on a phone, in the dark, by a screen reader."""

import pytest

from browser_faults import axe_faults
from explored import finished_run
from fastdup.run_report.report_page import create_report

pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report on a finished run."""
    folder = tmp_path_factory.mktemp("report")
    return create_report(finished_run(folder), folder / "report.html")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_no_fault_and_nothing_scrolls_sideways(scheme, width, report, open_page):
    viewport = {"width": width, "height": 844}
    page = open_page(report, color_scheme=scheme, bypass_csp=True, viewport=viewport)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe_faults(page, "report") == []


def test_pictures_are_there_and_a_hostile_name_is_a_name(report, open_page):
    page = open_page(report)  # which fails if anything complains
    page.locator("img").last.scroll_into_view_if_needed()
    assert page.evaluate("[...document.images].every((i) => i.complete && i.naturalWidth > 0)")
    assert page.locator('img[src="x"]').count() == 0
    assert page.get_by_text('"><img src=x onerror=alert(1)>.jpg').count() > 0
    page.get_by_role("link", name="Charts").click()
    assert page.locator("#charts svg[role=img]").count() >= 4
