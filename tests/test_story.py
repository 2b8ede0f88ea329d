"""The notebook of the docs runs from top to bottom."""

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

ROOT = Path(__file__).parents[1]


# Jupyter's own packages leave sockets and loops to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_story_runs_and_finds_the_planted_copies(tmp_path, monkeypatch):
    monkeypatch.delenv("FASTDUP_PHOTOS", raising=False)
    monkeypatch.setenv("FASTDUP_DEMO", str(ROOT / "demo"))
    notebook = nbformat.read(ROOT / "docs" / "story.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)  # no pictures in the repository
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
    said = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )
    assert "goes," in said
    assert "files are back" in said
    tables = [
        output.data["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    assert any("query.jpg" in table and "similarity" not in table for table in tables)
    assert any("truncated" in table.lower() for table in tables)
