"""Results in a notebook, run by a real kernel and looked at in a browser."""

import html
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from explored import finished_run

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

CELLS = [
    """
import fastdup
fd = fastdup.create(input_dir="photos", work_dir="out")
fd.run(nearest_neighbors_k=1, threshold=0.8)
""",
    "fd.vis.duplicates_gallery(num_images=5)",
    "fd",
    "fd.summary()",
    "fd.clean()",
    "with fd.explore(inline=True) as explorer: display(explorer)",
]


# Jupyter's own packages leave sockets and loops to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_results_display_themselves(photos, tmp_path, open_page):
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert not [one for some in outputs for one in some if one.output_type == "error"]
    texts = ["".join(one.get("text", "") for one in some) for some in outputs]
    pages = [
        [o.data["text/html"] for o in some if "text/html" in o.get("data", {})] for some in outputs
    ]
    assert "\rreading images:   0%" in texts[0]  # a bar
    [gallery], [collection], [plan], [explorer] = pages[1], pages[2], pages[4], pages[5]
    assert "copy-of-00.jpg" in html.unescape(re.search('srcdoc="([^"]*)"', gallery)[1])
    assert "<b>14</b> images" in collection
    assert collection.count('<img src="data:image/jpeg') == 4
    assert texts[3].count("Dataset Analysis Summary") == 1
    assert {one.output_type for one in outputs[3]} == {"stream"}
    assert "would remove" in plan
    assert re.search(r'<iframe src="http://127.0.0.1:\d+/~[\w-]+/"', explorer)
    (tmp_path / "seen.html").write_text(f"<!DOCTYPE html><title>notebook</title>{gallery}")
    frame = open_page(tmp_path / "seen.html").frame_locator("iframe")
    frame.locator(".card").first.wait_for()
    frame.locator("button.stage").first.click()
    assert frame.locator("dialog").is_visible()


class Notebook(BaseHTTPRequestHandler):
    """Answers with the page of a notebook, on a site of its own."""

    page = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_):
        """Stay silent."""


def test_the_explorer_works_in_a_frame_of_another_site(tmp_path, browser):
    pytest.importorskip("starlette")
    from fastdup.explorer import Explorer

    work = finished_run(tmp_path)
    with Explorer(str(work), inline=True) as explorer:
        Notebook.page = explorer._repr_html_().encode()
        with ThreadingHTTPServer(("127.0.0.1", 0), Notebook) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            page = browser.new_page()
            page.goto(f"http://localhost:{server.server_port}/")
            frame = page.frame_locator("iframe")
            frame.get_by_role("button", name="Remove").first.click()
            frame.locator("#decided-line", has_text="ecided 1").wait_for()
            page.close()
            server.shutdown()
    assert "remove" in (work / "decisions.csv").read_text()
