"""The comparison with other tools measures whole process trees, and its chart shows its figures."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pictures import textured_scene

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SVG = "{http://www.w3.org/2000/svg}"
MIB = 2**20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the figures are from /proc")

#: A process that starts another, which reads a file whole; and may keep it till its input ends.
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]], check=True)"
CHILD = """
import sys
data = open(sys.argv[1], "rb").read()
if sys.argv[2] == "keep":
    print("read", flush=True)
    sys.stdin.read()
"""


def module(name, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module(name)


def result(load=0.0):
    def tool(label, times):
        return {
            "label": label,
            "does": f"what {label} does & how",
            "versions": {label: "1.2"},
            "cpu_ms_per_image": 2.0 * times,
            "times_our_cpu": times,
            "read_kib_per_image": 100.0,
            "peak_mib": 50.0 * times,
        }

    return {
        "machine": {"processor": "A CPU", "vnni": True, "cores": 2, "load_before": [load, 9, 9]},
        "kind": "web",
        "images": 1000,
        "kib_per_image": 31.4,
        "rounds": 5,
        "tools": {"fastdup": tool("ours", 1.0), "other": tool("theirs", 4.0)},
    }


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_what_children_read_is_counted(tmp_path, monkeypatch):
    process = module("process", monkeypatch)
    path = tmp_path / "large"
    path.write_bytes(b"")
    command = [sys.executable, "-c", PARENT, CHILD, str(path), "end"]
    bare = process.run_measured(command)
    path.write_bytes(b"1" * 40 * MIB)
    assert process.run_measured(command).read_mib - bare.read_mib == pytest.approx(40, abs=0.5)


def test_the_memory_of_children_is_counted(tmp_path, monkeypatch):
    watcher = module("process_tree", monkeypatch).TreeMemory
    path = tmp_path / "large"

    def peak_mib(n_mib):
        path.write_bytes(b"1" * n_mib * MIB)
        command = [sys.executable, "-c", PARENT, CHILD, str(path), "keep"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, **pipes) as running:
            assert running.stdout.readline() == b"read\n"
            memory = watcher(running.pid)
            memory.sample()
            running.stdin.close()
        return memory.peak_mib

    assert peak_mib(60) - peak_mib(10) == pytest.approx(50, abs=5)


def test_a_cost_is_compared_with_ours_within_its_round(monkeypatch):
    peers, process = module("peers", monkeypatch), module("process", monkeypatch)

    def costs(*cpu_s):
        return [process.Cost(s, s, 10.0, 20.0, 5.0) for s in cpu_s]

    # The second round ran on a machine at half the speed, the third at a third of it.
    found = peers.summarise({"fastdup": costs(1, 2, 3), "other": costs(4, 8, 9)}, n_images=100)
    assert found["other"]["times_our_cpu"] == 4
    assert found["other"]["cpu_ms_per_image"] == 80
    assert found["other"]["read_kib_per_image"] == pytest.approx(51.2)
    assert found["fastdup"]["times_our_cpu"] == 1


def test_tools_that_are_not_installed_are_left_out(monkeypatch):
    peers = module("peers", monkeypatch)
    pythons = {"ours": Path(sys.executable)}
    assert peers.available(pythons).keys() == {"fastdup"}
    assert peers.installed(pythons["ours"], ["pillow", "no-such-package"]).keys() == {"pillow"}


def test_bars_are_as_long_as_their_figures(monkeypatch):
    chart = module("peer_chart", monkeypatch)
    root = ElementTree.fromstring(chart.chart(result()))
    widths = [float(bar.get("width")) for bar in root.iter(f"{SVG}rect")]
    cpu, read, memory = widths[:2], widths[2:4], widths[4:]
    assert cpu[1] == pytest.approx(4 * cpu[0], rel=0.01)
    assert read[0] == read[1]
    assert memory[1] == pytest.approx(4 * memory[0], rel=0.01)
    shown = texts(chart.chart(result()))
    assert {"ours", "theirs", "what ours does & how", "8.0", "200"} <= set(shown)


def test_no_text_or_bar_leaves_the_chart(monkeypatch):
    chart = module("peer_chart", monkeypatch)
    root = ElementTree.fromstring(chart.chart(result()))
    _, _, width, height = map(float, root.get("viewBox").split())
    for bar in root.iter(f"{SVG}rect"):
        assert float(bar.get("x")) + float(bar.get("width")) + 50 <= width
    assert all(0 < float(text.get("y")) < height for text in root.iter(f"{SVG}text"))


@pytest.mark.parametrize(("load", "is_provisional"), [(0.0, False), (0.4, False), (1.5, True)])
def test_figures_of_a_busy_machine_are_called_provisional(load, is_provisional, monkeypatch):
    chart = module("peer_chart", monkeypatch)
    assert ("provisional" in chart.table(result(load))) == is_provisional
    assert ("provisional" in texts(chart.chart(result(load)))[-1]) == is_provisional


def test_the_table_has_a_row_for_each_tool_with_its_version(monkeypatch):
    rows = module("peer_chart", monkeypatch).table(result()).splitlines()
    assert rows[3] == "| theirs 1.2 | what theirs does & how | 8.0 | 4.0 | 100 | 200 |"
    assert len({row.count("|") for row in rows[:4]}) == 1
    assert rows[-1] == "1,000 JPEGs of 500 × 375, 31 KiB each; median of 5; A CPU with VNNI."


def test_a_stored_result_becomes_the_same_table_and_chart(tmp_path):
    photos, stored = tmp_path / "photos", tmp_path / "peers.json"
    photos.mkdir()
    for seed in range(3):
        textured_scene(seed).save(photos / f"{seed}.png")
    command = [sys.executable, BENCHMARKS / "peers.py", photos, "--images", "3", "--repeats", "1"]
    command += ["--out", stored, "--chart", tmp_path / "first.svg"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    tool = json.loads(stored.read_text())["tools"]["fastdup"]
    assert tool["cpu_ms_per_image"] > 0
    assert tool["read_kib_per_image"] > 1
    assert tool["peak_mib"] > 20
    command = [sys.executable, BENCHMARKS / "peer_chart.py", stored]
    command += ["--chart", tmp_path / "again.svg"]
    again = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed.endswith(again)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "again.svg").read_bytes()
    assert re.search(r"\| fastdup \(ours\) [\d.]+ \|", again)
