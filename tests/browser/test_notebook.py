"""A gallery in a notebook, run by a real kernel and looked at in a browser."""

import html
import re

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

CODE = """
import fastdup
fd = fastdup.create(input_dir="photos", work_dir="out")
fd.run(nearest_neighbors_k=1, threshold=0.8)
fd.vis.duplicates_gallery(num_images=5)
"""


# Jupyter's own packages leave sockets and loops to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_gallery_displays_itself(photos, tmp_path, open_page):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
    outputs = notebook.cells[0].outputs
    assert not [output for output in outputs if output.output_type == "error"]
    [shown] = [o.data["text/html"] for o in outputs if "text/html" in o.get("data", {})]
    assert "copy-of-00.jpg" in html.unescape(re.search('srcdoc="([^"]*)"', shown)[1])
    (tmp_path / "seen.html").write_text(f"<!DOCTYPE html><title>notebook</title>{shown}")
    frame = open_page(tmp_path / "seen.html").frame_locator("iframe")
    frame.locator(".card").first.wait_for()
    frame.locator("button.stage").first.click()
    assert frame.locator("dialog").is_visible()
