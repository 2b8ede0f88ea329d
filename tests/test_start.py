"""What is loaded for which work: each module costs time that every start of the program pays."""

import shutil
import subprocess
import sys

import pytest

from pictures import jpeg, scene

#: Packages that take 20 ms or more each.
HEAVY = {"PIL", "faiss", "jinja2", "numpy", "onnxruntime", "pandas", "tqdm"}
#: Of the standard library, what neither the help nor a bare import needs.
LIBRARY = {"asyncio", "email", "importlib.metadata", "inspect", "json", "logging", "socket"}
#: What a run loads only for other work: other indices, pages, plans, pairs, clusters, archives.
OTHER_WORK = {
    "asyncio",
    "email",
    "faiss",
    "fastdup.actions",
    "fastdup.executors.processes",
    "fastdup.executors.ray_cluster",
    "fastdup.explorer",
    "fastdup.extract.shard",
    "fastdup.index.faiss",
    "fastdup.index.ivf",
    "fastdup.index.lsh",
    "fastdup.judging.judging",
    "fastdup.judging.pair_judge",
    "fastdup.models.download",
    "fastdup.parts",
    "fastdup.report",
    "fastdup.verify.best_map",
    "fastdup.verify.picture",
    "fastdup.views",
    "fastdup.window",
    "http",
    "importlib.metadata",
    "jinja2",
    "multiprocessing",
    "numpy.ma",
    "numpy.random",
    "onnxruntime.quantization",
    "pandas",
    "secrets",
    "socket",
    "ssl",
    "tarfile",
    "tqdm",
    "unittest",
}


def loaded_by(code):
    """Return the names of the modules that a fresh interpreter has loaded after `code`."""
    report = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def loaded_by_run(pictures, work):
    words = ["run", str(pictures), "-w", str(work)]
    return loaded_by(f"import fastdup.cli; assert fastdup.cli.main({words!r}) == 0")


def test_importing_the_package_loads_nothing_but_it():
    before = loaded_by("pass")
    assert loaded_by("import fastdup") - before == {"fastdup"}


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_help_and_version_load_the_names_of_the_commands_only(word):
    loaded = loaded_by(f"import fastdup.cli; fastdup.cli.main([{word!r}])")
    assert not loaded & (HEAVY | LIBRARY)
    assert not {name for name in loaded if name.startswith("fastdup.config")}


def test_a_run_on_one_image_loads_nothing_for_other_work(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.jpg").write_bytes(jpeg(scene(1)))
    loaded = loaded_by_run(pictures, tmp_path / "out")
    assert {"PIL.JpegImagePlugin", "fastdup.pipeline", "onnxruntime"} <= loaded  # it did run
    assert not loaded & OTHER_WORK


def test_a_run_without_new_images_opens_no_model_and_looks_at_no_pictures(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "a.jpg").write_bytes(jpeg(scene(1)))
    shutil.copy(pictures / "a.jpg", pictures / "b.jpg")
    (pictures / "c.jpg").write_bytes(jpeg(scene(2)))
    first = loaded_by_run(pictures, tmp_path / "out")
    assert {"PIL.JpegImagePlugin", "fastdup.verify.best_map"} <= first
    second = loaded_by_run(pictures, tmp_path / "out")
    assert not second & {"PIL.JpegImagePlugin", "fastdup.verify.best_map", "numpy.random"}
