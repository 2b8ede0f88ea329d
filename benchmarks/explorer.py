"""How fast does the explorer respond with 100,000 images and 200,000 pairs?

usage: explorer.py [--images N] [--pairs N] [--decisions N] [--repeats N]
                   [--out results/explorer.json]

Makes a work folder of that size: names, statistics, features around 40,000 centres, pairs with
random similarities within groups of ten images and along one chain of 5,000. 200 of the images are
real files of 1600 × 1200 pixels. 20,000 others are decided on already. Serves it with `fastdup
explore` in a process of its own, and sends one request at a time, as the page does. Each kind of
request is sent many times with different parameters, so that caches do not help more than they
would help a person. Reports the time from the request to the last byte of the response, and the
CPU time of the server, which is more reliable on a busy machine; that of marks after a decision is
that of the decision, too. Where Chromium and Playwright are installed, reports how long each view
takes to open in it.
"""

import argparse
import http.client
import math
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np
from explorer_views import time_views
from machine import describe_machine, store_result
from PIL import Image

import fastdup
from fastdup.runs.decided_rows import StampedFile, keep_digests
from fastdup.runs.tables import OUTLIERS, SIMILARITY
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import BAD_HEADER, LISTING_DTYPE, STATS_HEADER
from fastdup.workdir.csv_files import write_table
from fastdup.workdir.decision_file import (
    KEEP,
    REMOVE,
    DecidedFile,
    DecisionColumns,
    decisions_bytes,
)

SEED = 5
N_REAL, REAL_SIZE = 200, (1600, 1200)
N_BAD, N_OUTLIERS = 2_000, 5_000
#: Images that are one group at the lowest threshold.
CHAINED = 5_000

#: Kinds that take long enough for fewer repeats.
FEWER = {"what differs": 50, "search with a dropped image": 20}
#: Kinds that wait for what is made in the background, and what they get until it is there.
MADE: dict[str, Callable[[bytes], bool]] = {
    "labels in doubt": lambda content: b'"making": true' not in content,
    "map of neighbours": bool,
}
#: The kind before each request of which a decision is made, which is not timed.
AFTER_DECISION = "mark what goes of a group, after a decision"

Request = tuple[str, str, bytes | None]


def make_real(folder: Path, rng: np.random.Generator) -> list[str]:
    """Write pictures of coloured blots and return their paths."""
    folder.mkdir()
    paths = []
    for number in range(N_REAL):
        coarse = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
        path = folder / f"{number:04}.jpg"
        Image.fromarray(coarse).resize(REAL_SIZE, Image.Resampling.BICUBIC).save(path, quality=90)
        paths.append(str(path))
    return paths


def make_work(folder: Path, n_images: int, n_pairs: int, n_decided: int) -> WorkDir:
    """Fill a work folder as a run over many images would, and return it."""
    rng = np.random.default_rng(SEED)
    real = make_real(folder / "real", rng)
    # A small real run, for the journal that says by which model the features are.
    fastdup.run(str(folder / "real"), str(folder / "work"), threshold=0.8)
    work = WorkDir(str(folder / "work"))
    made = (f"/collection/{number // 1000:04}/image-{number:07}.jpg" for number in range(n_images))
    paths = [*real, *list(made)[N_REAL:]]
    write_table(work.features_csv, ("index", "filename"), enumerate(paths))
    write_features(work, n_images, rng)
    write_table(work.stats, STATS_HEADER, stats_rows(paths, rng))
    write_table(work.similarity, tuple(SIMILARITY.columns), pair_rows(paths, n_pairs, rng))
    alone = rng.choice(n_images, (min(N_OUTLIERS, n_images // 4), 2), replace=False)
    outliers = ((paths[one], paths[other], "0.200000") for one, other in alone)
    write_table(work.outliers, tuple(OUTLIERS.columns), outliers)
    bad = ((f"/collection/bad/{n:05}.jpg", "truncated", "cut short") for n in range(N_BAD))
    write_table(work.bad_csv, BAD_HEADER, bad)
    store_decisions(work, paths, n_decided)
    return work


def store_decisions(work: WorkDir, paths: list[str], n_decided: int) -> None:
    """Write the listing, and decisions on images of which the explorer knows the digests."""
    listing = np.zeros(len(paths), LISTING_DTYPE)
    listing["row"] = np.arange(len(paths))
    listing["size_bytes"] = 100_000 + np.arange(len(paths))
    for row in range(N_REAL):
        found = os.stat(paths[row])
        listing["size_bytes"][row], listing["mtime_ns"][row] = found.st_size, found.st_mtime_ns
    listing.tofile(work.listing)
    rows = range(CHAINED, min(CHAINED + n_decided, len(paths)))
    files = {row: StampedFile(paths[row], int(listing["size_bytes"][row]), 0) for row in rows}
    keep_digests(work, {file: f"{row:032x}" for row, file in files.items()})
    decided = (
        DecidedFile(n, (KEEP, REMOVE)[n % 2], file.path, file.size_bytes, f"{row:032x}")
        for n, (row, file) in enumerate(files.items(), 1)
    )
    Path(work.decisions).write_bytes(decisions_bytes(DecisionColumns.of(decided)))


def write_features(work: WorkDir, n_images: int, rng: np.random.Generator) -> None:
    """Write rows around 40,000 centres, a block at a time."""
    stored = np.fromfile(work.features, np.float32).reshape(N_REAL, -1)
    centres = rng.normal(0, 1, (40_000, stored.shape[1])).astype(np.float32)
    with open(work.features, "ab") as file:
        for start in range(N_REAL, n_images, 10_000):
            n = min(10_000, n_images - start)
            rows = centres[rng.integers(0, len(centres), n)]
            rows = rows + rng.normal(0, 0.1, rows.shape).astype(np.float32)
            file.write((rows / np.linalg.norm(rows, axis=1, keepdims=True)).tobytes())


def stats_rows(paths: list[str], rng: np.random.Generator) -> Iterator[tuple[object, ...]]:
    """Yield a plausible row of statistics for each image."""
    n = len(paths)
    sides, levels = rng.integers(200, 4000, (n, 2)), rng.integers(0, 256, (n, 4))
    values, sizes = np.round(rng.random((n, 3)) * 1000, 2), rng.integers(10_000, 5_000_000, n)
    for index, path in enumerate(paths):
        width, height = sides[index] if index >= N_REAL else REAL_SIZE
        unique, mean, low, high = levels[index]
        blur, stdv, contrast = values[index]
        measured = (unique, blur, mean, low, high, stdv, sizes[index], contrast / 1000)
        yield (index, path, width, height, *measured)


def pair_rows(
    paths: list[str], n_pairs: int, rng: np.random.Generator
) -> Iterator[tuple[str, str, str]]:
    """Yield distinct pairs, the most similar first: one chain of 5,000, the rest within tens."""
    chain = np.arange(min(CHAINED, len(paths)) - 1)
    tens = rng.permutation((len(paths) - CHAINED) // 10 * 45)[: n_pairs - len(chain)]
    one, other = np.triu_indices(10, 1)
    start = CHAINED + tens // 45 * 10
    low = np.concatenate([chain, start + one[tens % 45]])
    high = np.concatenate([chain + 1, start + other[tens % 45]])
    order = rng.permutation(len(low))
    similarities = np.sort(np.round(0.8 + 0.2 * rng.random(len(low)), 6))[::-1]
    for a, b, similarity in zip(low[order], high[order], similarities, strict=True):
        yield paths[a], paths[b], f"{similarity:.6f}"


class Client:
    """Asks an explorer over one connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=600)
        self._headers = {
            "cookie": f"fastdup-{parts.port}={parts.query.removeprefix('token=')}",
            "origin": f"http://{parts.netloc}",
        }

    def ask(self, request: Request) -> float:
        """Return the milliseconds that an answer took; end this program when it is none."""
        return self.answer(request)[0]

    def answer(self, request: Request) -> tuple[float, bytes]:
        """Return the milliseconds that an answer took, and its content."""
        method, path, body = request
        start_s = time.perf_counter()
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        took_ms = 1000 * (time.perf_counter() - start_s)
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status} {content[:200]!r}")
        return took_ms, content


def call(name: str, **params: object) -> Request:
    """Return the request of a call."""
    return "GET", f"/api/{name}?{urlencode(params)}", None


def decision(row: int, what: str) -> Request:
    """Return the request that decides on an image."""
    return "POST", "/api/decide", f'{{"rows": [{row}], "decision": "{what}"}}'.encode()


def kinds(n_images: int, n_pairs: int, dropped: bytes) -> dict[str, Callable[[int], Request]]:
    """Return what to ask for: name of the kind → the n-th request of that kind."""
    rng = random.Random(SEED)

    def threshold() -> float:
        return round(rng.uniform(0.8, 1), 6)

    def word() -> str:
        return f"{rng.randrange(n_images):05}"

    metrics = ("blur", "dark", "bright", "contrast", "size", "file_size")
    issues = ("blurry", "dark", "bright", "plain", "odd_size", "screenshot")
    return {
        "page": lambda _: ("GET", "/", None),
        "summary": lambda _: call("summary"),
        "groups at a new threshold": lambda _: call("groups", threshold=threshold()),
        "groups, most bytes to spare": lambda _: call(
            "groups", threshold=threshold(), order="spare"
        ),
        "groups, next page": lambda n: call("groups", threshold=0.95, start=24 * n),
        "groups that hold a name": lambda _: call("groups", threshold=0.95, find=word()),
        "images of the largest group": lambda n: call("group", threshold=0.8, row=0, start=100 * n),
        "pairs": lambda _: call("pairs", threshold=0.8, start=rng.randrange(n_pairs - 30)),
        "pairs that hold a name": lambda _: call("pairs", threshold=0.8, find=word()),
        "outliers": lambda n: call("outliers", start=24 * (n % 50)),
        "quality": lambda n: call("quality", metric=metrics[n % 6], start=24 * n),
        "bad files": lambda n: call("bad", start=24 * (n % 50)),
        "issues with their counts": lambda _: call("issues"),
        "images with an issue": lambda n: call("issue", issue=issues[n % 6], start=24 * n),
        "leaks": lambda n: call("leaks", threshold=0.8, start=24 * (n % 50)),
        "label conflicts": lambda n: call("conflicts", threshold=0.8, start=24 * (n % 50)),
        "images of a label": lambda n: call("images", label=f"{n % 100:04}", start=24 * (n % 30)),
        "legend by label": lambda _: call("legend", colour="label"),
        "picture, first time": lambda n: ("GET", f"/image/{n % N_REAL}?side=320", None),
        "picture, again": lambda n: ("GET", f"/image/{n % N_REAL}?side=320", None),
        "what differs": lambda n: call("difference", first=n % N_REAL, second=(n + 1) % N_REAL),
        "decide on an image": lambda n: decision(n % N_REAL, "keep"),
        "decide otherwise": lambda n: decision(n % N_REAL, "remove"),
        "undo a decision": lambda _: ("POST", "/api/undo", b"{}"),
        "mark what goes of a group": lambda n: call("marks", row=n % N_REAL),
        AFTER_DECISION: lambda n: call("marks", row=n % N_REAL),
        "what is decided": lambda n: call("decided", start=24 * n),
        "search with a dropped image": lambda _: ("POST", "/api/search", dropped),
        "data sets, overview": lambda _: call("sets", threshold=threshold()),
        "labels in doubt": lambda n: call("mislabels", start=24 * (n % 50)),
        "map at a new threshold": lambda _: call("map", threshold=threshold()),
        "map of neighbours": lambda _: call("map", by="neighbours", colour="label"),
    }


def measured(
    client: Client, kind: str, request: Callable[[int], Request], repeats: int, pid: int
) -> dict[str, float]:
    """Return the figures of one kind of request, in milliseconds."""
    start_s, first_s = cpu_s(pid), 0.0
    times = []
    for number in range(repeats):
        if kind == AFTER_DECISION:
            client.ask(decision(number % N_REAL, ("keep", "remove")[number // N_REAL % 2]))
        times.append(client.ask(request(number)))
        if not number:
            first_s = cpu_s(pid) - start_s
    took_s = cpu_s(pid) - start_s
    ordered = sorted(times)
    return {
        "first_ms": round(times[0], 2),
        "first_cpu_ms": round(1000 * first_s),
        "median_ms": round(statistics.median(times), 2),
        "p99_ms": round(ordered[math.ceil(0.99 * repeats) - 1], 2),
        "most_ms": round(ordered[-1], 2),
        "cpu_ms": round(1000 * took_s / repeats, 2),
        "n": repeats,
    }


def made(
    client: Client, request: Request, is_there: Callable[[bytes], bool], pid: int
) -> dict[str, float]:
    """Ask until what is made in the background is there; return how long that took."""
    start_s, start_cpu_s = time.perf_counter(), cpu_s(pid)
    while not is_there(client.answer(request)[1]):
        time.sleep(0.5)
    return {
        "wall_s": round(time.perf_counter() - start_s, 1),
        "cpu_s": round(cpu_s(pid) - start_cpu_s, 1),
    }


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has taken, all threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid: int, which: str = "VmRSS") -> float:
    """Return the memory that a process holds, or with "VmHWM" the most that it held."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{which}:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def served(work: WorkDir) -> Iterator[tuple[str, int]]:
    """Serve a work folder in a process of its own; give its address and its process id."""
    command = [sys.executable, "-m", "fastdup", "explore", work.root, "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().strip() if server.stdout else "", server.pid
        server.terminate()


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=200_000)
    parser.add_argument("--decisions", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=200)
    default_out = Path(__file__).parent / "results/explorer.json"
    parser.add_argument("--out", type=Path, default=default_out)
    options = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        work = make_work(Path(folder), options.images, options.pairs, options.decisions)
        dropped = Path(folder, "real", "0007.jpg").read_bytes()
        start_s = time.perf_counter()
        with served(work) as (url, pid):
            opened_s, opened_cpu_s = time.perf_counter() - start_s, cpu_s(pid)
            client = Client(url)
            held = {"opened": rss_mib(pid)}
            figures, background = {}, {}
            for kind, request in kinds(options.images, options.pairs, dropped).items():
                if kind in MADE:
                    background[kind] = made(client, request(0), MADE[kind], pid)
                repeats = min(options.repeats, FEWER.get(kind, 10**9))
                figures[kind] = measured(client, kind, request, repeats, pid)
                if kind in ("what differs", AFTER_DECISION):
                    held[kind] = rss_mib(pid)
            held["most"] = rss_mib(pid, "VmHWM")
        with served(work) as (url, pid):
            views = time_views(url, lambda: cpu_s(pid))
    store_result(
        {
            "machine": machine,
            "images": options.images,
            "pairs": options.pairs,
            "decisions": options.decisions,
            "opened_s": round(opened_s, 2),
            "opened_cpu_s": round(opened_cpu_s, 2),
            "rss_mib": {when: round(mib, 1) for when, mib in held.items()},
            "views_ms": views,
            "made_in_background": background,
            "requests": figures,
        },
        options.out,
    )


if __name__ == "__main__":
    main()
