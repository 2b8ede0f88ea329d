"""What becomes of each file of a work folder when the images in it are replaced."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fastdup
from fastdup.errors import WorkDirError
from fastdup.runs import FinishedRun
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import GoodRow
from fastdup.workdir.store import FeatureStore

#: About the images themselves: no longer true when features of other images are stored.
OF_THE_IMAGES = [
    ".compat-files",
    "component_info.csv",
    "components.html",
    "components_per_image.csv",
    "config.json",
    "connected_components.csv",
    "content.dat",
    "content.dat.prev",
    ".faiss.index.distinct",
    "duplicates.html",
    "faiss.index",
    "features.bad.csv",
    "features.dat.bad",
    "features.dat.journal",
    "features.dat.listing",
    "features.dat.prev",
    "features.dat.csv.prev",
    "features.dat.journal.prev",
    "features.bad.csv.prev",
    "features.dat.listing.prev",
    "kmeans_assignments.csv",
    "kmeans_centroids.csv",
    "kmeans_clusters.html",
    "kmeans_nearest.csv",
    "labels.csv",
    "leaks.csv",
    "leaks.html",
    "metadata.csv",
    "metadata.csv.prev",
    "mislabels.html",
    "outlier_scores.csv",
    "outliers.csv",
    "outliers.html",
    "report.html",
    "sample.csv",
    "similarity.csv",
    "similarity.html",
    "stats-blur.html",
    "stats.csv",
    "stats.csv.prev",
    "verdicts.csv",
    "videos.csv",
]
#: Found in the features: no longer true when the features change.
OF_THE_FEATURES = [
    ".faiss.index.distinct",
    "component_info.csv",
    "components_per_image.csv",
    "config.json",
    "connected_components.csv",
    "faiss.index",
    "outlier_scores.csv",
    "outliers.csv",
    "similarity.csv",
    "verdicts.csv",
    "videos.csv",
]
#: What the user gave or needs to undo a cleaning; and caches, which are checked before use.
ALWAYS_RIGHT = [
    ".clean-trash",
    ".decisions.lock",
    ".digests.known",
    ".gains.known",
    ".insets.known",
    ".map.known",
    ".near-content.known",
    ".negatives.known",
    ".neighbours.known",
    ".neighbours.partial",
    ".parts.known",
    ".places.known",
    ".restored.known",
    ".shards.partial",
    ".shared",
    ".verdicts.known",
    ".videos.known",
    "annotations.csv",
    "clean-plan.csv",
    "clean-plan.csv.digest",
    "decisions.csv",
    "clean.journal",
    "mine.txt",
]
FOLDERS = {".clean-trash", ".neighbours.partial", ".shards.partial"}


def fill(folder: Path) -> Path:
    """Make a work folder with every file that there may be, and one that is not ours."""
    folder.mkdir(parents=True)
    fastdup.save_binary_feature(folder, ["/old/a", "/old/b"], np.eye(2))
    for name in {*OF_THE_IMAGES, *OF_THE_FEATURES, *ALWAYS_RIGHT}:
        if name in FOLDERS:
            (folder / name).mkdir()
        else:
            (folder / name).write_text("old")
    return folder


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_file_of_a_work_folder_is_decided_on():
    work = WorkDir("")
    pages = {name for name in work.outputs() if name.endswith(".html")}
    decided = {*OF_THE_IMAGES, *ALWAYS_RIGHT, *pages, "features.dat", "features.dat.csv"}
    known = {name for name in work.outputs() if not name.endswith(".tmp")}
    assert known - {os.path.basename(work.lock)} == decided - {"mine.txt"}
    assert pages <= set(work.all_about_images())


def test_features_of_ones_own_leave_nothing_of_other_images(tmp_path):
    folder = fill(tmp_path / "out")
    fastdup.save_binary_feature(folder, ["/new/a", "/new/b"], [[1, 2], [3, 4]])
    assert names_in(folder) == {*ALWAYS_RIGHT, "features.dat", "features.dat.csv"}
    paths, features = fastdup.load_binary_feature(folder)
    assert (paths, features.tolist()) == (["/new/a", "/new/b"], [[1, 2], [3, 4]])


def test_features_that_change_leave_no_results_of_the_old_ones(tmp_path):
    folder = fill(tmp_path / "out")
    signature = {"dim": 2, "model": "m", "name": "m"}
    content = {"content.dat", "content.dat.prev"}  # this signature has none
    kept = {*OF_THE_IMAGES, *ALWAYS_RIGHT} - {*OF_THE_FEATURES, *content}
    with FeatureStore(WorkDir(str(folder)), signature):  # the journal there is of another model
        assert {*OF_THE_IMAGES, *ALWAYS_RIGHT} & names_in(folder) == kept


def test_features_that_stay_as_they_are_keep_their_results(tmp_path):
    signature = {"dim": 2, "model": "m", "name": "m"}
    work = WorkDir(str(tmp_path))
    row = GoodRow("/a", (1, 1), np.ones(2, np.float32), ["1"] * 10)
    for change in (False, True):
        with FeatureStore(work, signature) as store:
            for name in OF_THE_FEATURES:
                (tmp_path / name).write_text("old")
            assert set(OF_THE_FEATURES) <= names_in(tmp_path)
            if change:
                store.append([row])
        assert bool(set(OF_THE_FEATURES) & names_in(tmp_path)) == (not change)
    for name in OF_THE_FEATURES:
        (tmp_path / name).write_text("old")
    with FeatureStore(work, signature) as store:
        store.set_aside()
        assert not set(OF_THE_FEATURES) & names_in(tmp_path)


def test_refused_features_and_a_full_disk_lose_nothing(tmp_path):
    folder = fill(tmp_path / "out")
    before = names_in(folder)
    with pytest.raises(ValueError, match="not finite"):
        fastdup.save_binary_feature(folder, ["/new/a"], [[np.nan]])
    (folder / "features.dat.tmp").mkdir()  # as if there were no room for the new rows
    with pytest.raises(WorkDirError, match=r"cannot write .*features\.dat"):
        fastdup.save_binary_feature(folder, ["/new/a", "/new/b"], np.ones((2, 2)))
    (folder / "features.dat.tmp").rmdir()
    assert names_in(folder) == before
    names = (folder / "features.dat.csv").read_text()
    assert names == "index,filename\n0,/old/a\n1,/old/b\n"


KILLED = """
import os, shutil, sys
import numpy as np
from fastdup import save_binary_feature

whole, out = sys.argv[1:]
for n in range(1, 200):
    folder = f"{out}/{n}"
    shutil.copytree(whole, folder)
    pid = os.fork()
    if pid == 0:
        left = n
        def hook(event, args):
            global left
            if event in ("os.remove", "os.rename") or (event == "open" and "w" in str(args[1])):
                left -= 1
                if not left:
                    os._exit(9)
        sys.addaudithook(hook)
        save_binary_feature(folder, ["/new/a", "/new/b"], [[5, 6], [7, 8]])
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
        print(n)
        break
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing forks there")
def test_a_kill_at_any_moment_leaves_no_mixture(tmp_path):
    whole = tmp_path / "whole"
    fastdup.save_binary_feature(whole, ["/old/a", "/old/b"], [[1, 2], [3, 4]])
    assert fastdup.run("", whole, run_mode=2, threshold=0.5) == 0
    for name in ("stats.csv", "labels.csv", "features.bad.csv"):
        (whole / name).write_text("old")
    (tmp_path / "killed").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(whole), str(tmp_path / "killed")],
        capture_output=True,
        text=True,
        check=True,
    )
    n_moments = int(done.stdout)
    assert n_moments > 10
    seen = set()
    for n in range(1, n_moments + 1):
        folder = tmp_path / "killed" / str(n)
        try:
            paths, features = fastdup.load_binary_feature(folder)
            held = "old" if paths[0] == "/old/a" else "new"
            assert features.tolist() == ([[1, 2], [3, 4]] if held == "old" else [[5, 6], [7, 8]])
        except WorkDirError:
            held = "nothing"
        seen.add(held)
        left = names_in(folder) & {*OF_THE_IMAGES}
        if held == "new":
            assert not left
        try:
            run = FinishedRun(folder)
        except WorkDirError:
            continue
        assert held == "old"
        assert len(run.pairs().sources) == 2
    assert seen == {"old", "nothing", "new"}


def test_the_features_of_the_last_run_are_loaded_wherever_they_are(photos, tmp_path):
    out, rows = tmp_path / "out", tmp_path / "rows"
    assert fastdup.run(photos, out, run_mode=1, features_out_file=rows / "f.dat") == 0
    paths, features = fastdup.load_binary_feature(out)
    assert len(paths) == 14
    assert np.array_equal(features, fastdup.load_binary_feature(rows / "f.dat")[1])
    fastdup.save_binary_feature(out, ["/a"], [[1.0]])
    assert fastdup.load_binary_feature(out)[0] == ["/a"]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_features_of_ones_own_speak_of_no_image_of_an_earlier_run(elsewhere, photos, tmp_path):
    others = tmp_path / "others"
    others.mkdir()
    for number, path in enumerate(sorted(photos.iterdir())):
        shutil.copy(photos / "00.jpg" if number < 2 else path, others / f"new-{path.name}")
    (photos / "broken.jpg").write_bytes(b"none")
    fd = fastdup.create(tmp_path / "out", photos)
    fd.run()
    assert len(fd.invalid_instances()) == 1
    features = np.random.default_rng(0).normal(size=(14, 8))
    options = {"features_out_file": tmp_path / "rows" / "f.dat"} if elsewhere else {}
    fd = fastdup.create(tmp_path / "out", others)
    fd.run(subset=sorted(os.listdir(others)), embeddings=features, **options)
    paths, stored = fd.embeddings()
    assert {Path(path).parent for path in paths} == {others}
    assert np.array_equal(stored, features.astype(np.float32))
    why = (
        r"no statistics of these images in" if elsewhere else r"there is no .*stats\.csv, so these"
    )
    with pytest.raises(WorkDirError, match=why):
        fd.img_stats()
    with pytest.raises(fastdup.errors.ReportError, match=r"stats\.csv"):
        fd.vis.stats_gallery()
    assert fd.invalid_instances().empty
    assert len(fd.annotations()) == 14
    assert not any("blurry" in line or "dark" in line for line in fd.summary(verbose=False))
    report = fd.clean(exact=True)
    assert [os.path.basename(step.path) for step in report.plan.removals()] == ["new-01.jpg"]
    assert not report.plan.left_alone


def test_other_features_searched_in_a_folder_speak_of_their_own_images(photos, tmp_path, caplog):
    out, others = tmp_path / "out", tmp_path / "others"
    assert fastdup.run(photos, out, nn_provider="faiss") == 0
    assert (out / "faiss.index").exists()
    fastdup.save_binary_feature(others, [f"/b/{row}.jpg" for row in range(14)], np.eye(14, 20))
    assert fastdup.run(others / "features.dat", out, run_mode=2, nn_provider="turi") == 0
    fd = fastdup.create(out)
    assert not (out / "faiss.index").exists()
    assert fd.embeddings()[0][0] == "/b/0.jpg"
    for method in (fd.img_stats, fd.vis.stats_gallery):
        with pytest.raises(fastdup.errors.FastdupError, match="no statistics of these images"):
            method()
    # The extraction itself is whole: nothing is extracted again, and its statistics are back.
    assert fastdup.run(photos, out) == 0
    assert "extracted again" not in caplog.text
    assert len(fd.img_stats()) == 14


def test_a_gallery_shows_no_pairs_of_before_the_last_extraction(photos, tmp_path):
    out = tmp_path / "out"
    assert fastdup.run(photos, out) == 0
    (photos / "00.jpg").unlink()
    assert fastdup.run(photos, out, run_mode=1) == 0
    fd = fastdup.create(out)
    creators = (
        lambda: fastdup.create_duplicates_gallery(out, tmp_path),
        lambda: fastdup.create_outliers_gallery(out, tmp_path),
        lambda: fastdup.create_components_gallery(out, tmp_path),
        lambda: fastdup.create_similarity_gallery(out, tmp_path),
        fd.vis.duplicates_gallery,
        fd.vis.outliers_gallery,
        fd.vis.component_gallery,
        fd.vis.similarity_gallery,
    )
    refusal = r"only extracted features|there is no file '.*\.csv'"
    for create in creators:
        with pytest.raises(fastdup.errors.ReportError, match=refusal) as caught:
            create()
        assert "\n" not in str(caught.value)
    assert fd.vis.stats_gallery().endswith("stats-dark.html")
    assert fastdup.run("", out, run_mode=2) == 0
    assert fd.vis.duplicates_gallery().endswith("duplicates.html")


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_extraction_that_changes_nothing_leaves_the_results_usable(elsewhere, photos, tmp_path):
    out = tmp_path / "out"
    options = {"features_out_file": tmp_path / "rows" / "f.dat"} if elsewhere else {}
    found_by = {"threshold": 0.5, "ccthreshold": 0.6, "distance": "euclidean"}
    assert fastdup.run(photos, out, **options, **found_by) == 0
    before = FinishedRun(out)
    pairs = before.pairs().similarities.tolist()
    assert fastdup.run(photos, out, run_mode=1, **options) == 0
    after = FinishedRun(out)
    assert after.has_searched
    assert {name: after.options[name] for name in found_by} == found_by
    assert after.pairs().similarities.tolist() == pairs
    assert fastdup.create(out).vis.duplicates_gallery().endswith("duplicates.html")
    assert fastdup.clean(out, exact=True).plan.removals() == []
    (photos / "00.jpg").unlink()
    assert fastdup.run(photos, out, run_mode=1, **options) == 0
    for _ in range(2):
        assert not FinishedRun(out).has_searched
        with pytest.raises(WorkDirError, match="only extracted features: run with run_mode=2"):
            FinishedRun(out).pairs()
        assert fastdup.run(photos, out, run_mode=1, **options) == 0  # nothing changed
    assert fastdup.run("", out, run_mode=2, **options) == 0
    assert fastdup.run(photos, out, run_mode=1, **options) == 0
    assert FinishedRun(out).options["threshold"] == 0.85


def test_results_of_other_features_are_not_those_of_an_unchanged_extraction(photos, tmp_path):
    out, others = tmp_path / "out", tmp_path / "others"
    assert fastdup.run(photos, out, run_mode=1) == 0
    fastdup.save_binary_feature(others, [f"/b/{row}.jpg" for row in range(14)], np.eye(14, 20))
    assert fastdup.run(others / "features.dat", out, run_mode=2) == 0
    assert FinishedRun(out).has_searched
    assert fastdup.run(photos, out, run_mode=1) == 0
    assert not FinishedRun(out).has_searched


def test_features_stored_elsewhere_leave_the_extraction_in_the_folder_whole(
    photos, tmp_path, caplog
):
    out = tmp_path / "out"
    assert fastdup.run(photos, out) == 0
    kept = [(out / name) for name in ("features.dat", "features.dat.journal", "stats.csv")]
    before = [path.read_bytes() for path in kept]
    fd = fastdup.create(out, photos)
    some = ["00.jpg", "01.jpg"]
    fd.run(subset=some, embeddings=np.eye(2, 8), features_out_file=tmp_path / "own.dat")
    assert [os.path.basename(path) for path in fd.embeddings()[0]] == some
    assert [path.read_bytes() for path in kept] == before
    with pytest.raises(WorkDirError, match="no statistics of these images"):
        fd.img_stats()
    assert fastdup.run(photos, out) == 0
    assert "extracted again" not in caplog.text
    assert [path.read_bytes() for path in kept] == before
