"""How fast are the nearest neighbours of all rows found, and how many of them, by whom?

usage: neighbours.py FEATURES [--rows N] [--real] [-k K] [--queries N] [--methods NAME …]
                     [--work FOLDER] [--out FILE]

Makes N vectors from the features of a photo collection: FEATURES is a finished work folder, see
vectors.py. With --real, takes its first N rows as they are; see photo_vectors.py. Each method then
finds the K nearest other rows of every row, in a process of its own, one after the other. For
10,000 sampled rows, the answers are compared with the exact ones. Of our providers,
`nn_provider="auto"` takes brute_force for few rows and ivf_join for many; from a million rows on,
ivf_join works in a folder beside the vectors, as in a run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from machine import describe_machine, store_result
from numpy.typing import NDArray
from process import run_measured
from vectors import write_vectors

import fastdup

SEED = 7
THRESHOLDS = (0.5, 0.65, 0.75, 0.85, 0.95)

Vectors = np.memmap[tuple[int, int], np.dtype[np.float32]]
Indices = NDArray[np.int64]
Search = Callable[[Vectors, int, int], Indices]


def ours(provider: str) -> Search:
    """Return the search by one of our providers."""

    def search(vectors: Vectors, k: int, n_threads: int) -> Indices:
        from fastdup.index import Resources, SearchOptions, self_join

        scratch = Path(str(vectors.filename)).with_suffix(".partial")
        resources = Resources(n_threads=n_threads, scratch=scratch)
        return self_join(vectors, k, SearchOptions(provider=provider), resources).neighbours.indices

    return search


def faiss_factory(mode: str, **parameters: int) -> Search:
    """Return the search by a faiss index, built and searched with all threads and its defaults."""

    def search(vectors: Vectors, k: int, n_threads: int) -> Indices:
        import faiss

        faiss.omp_set_num_threads(n_threads)
        rows = np.ascontiguousarray(vectors)
        index = faiss.index_factory(rows.shape[1], mode, faiss.METRIC_INNER_PRODUCT)
        index.train(rows[:: max(1, len(rows) // 200_000)])
        index.add(rows)
        for name, value in parameters.items():
            faiss.ParameterSpace().set_index_parameter(index, name, value)
        return without_self(index.search(rows, k + 1)[1])

    return search


def usearch(vectors: Vectors, k: int, n_threads: int) -> Indices:
    """Search by usearch with the parameters of faiss's HNSW32."""
    from usearch.index import Index

    index = Index(
        ndim=vectors.shape[1],
        metric="ip",
        dtype="f32",
        connectivity=32,
        expansion_add=40,
        expansion_search=16,
    )
    index.add(np.arange(len(vectors)), vectors, threads=n_threads)
    found = index.search(vectors, k + 1, threads=n_threads)
    return without_self(np.asarray(found.keys).astype(np.int64))


def without_self(found: Indices) -> Indices:
    """Drop each row from its own neighbours, or the last one where it is not among them."""
    return found[others(found, np.arange(len(found)))].reshape(len(found), -1)


def others(found: Indices, rows: Indices) -> NDArray[np.bool_]:
    """Return which neighbours of `rows` to keep: all but the row itself, or else the last."""
    itself = found == rows[:, None]
    itself[~itself.any(axis=1), -1] = True
    return ~itself


def methods(n_rows: int) -> dict[str, Search]:
    """Return the searches, by name."""
    n_lists = int(4 * n_rows**0.5)
    return {
        "fastdup ivf_join": ours("ivf_join"),
        "fastdup brute_force": ours("brute_force"),
        "faiss HNSW32": faiss_factory("HNSW32"),
        "faiss IVF": faiss_factory(f"IVF{n_lists},Flat", nprobe=8),
        "usearch": usearch,
    }


def run_method(name: str, vectors: Path, dim: int, k: int, n_threads: int, found: Path) -> None:
    """Search, in this process, and store what was found, and the peak of its memory."""
    rows = np.memmap(vectors, np.float32, "r", shape=(vectors.stat().st_size // (4 * dim), dim))
    np.save(found, methods(len(rows))[name](rows, k, n_threads))
    # Of this program alone: what the kernel reports to the parent includes the parent's own.
    status = Path("/proc/self/status").read_text().splitlines()
    peak_kib = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    found.with_suffix(".peak").write_text(peak_kib)


def exact(vectors: Vectors, queries: Indices, k: int) -> tuple[NDArray[np.float32], Indices]:
    """Return the cosines and numbers of the k nearest others of some rows."""
    import faiss

    cosines, found = faiss.knn(
        np.ascontiguousarray(vectors[queries]), vectors, k + 1, metric=faiss.METRIC_INNER_PRODUCT
    )
    kept = others(found, queries)
    return cosines[kept].reshape(-1, k), found[kept].reshape(-1, k)


def recalls(truth: tuple[NDArray[np.float32], Indices], found: Indices) -> dict[str, float]:
    """Return the share of the true neighbours found: of all, and of those at or above a cosine."""
    cosines, true = truth
    hits = (true[:, :, None] == found[:, None, :]).any(axis=2)
    above = {f"pairs >= {t}": float(hits[cosines >= t].mean()) for t in THRESHOLDS}
    return {f"recall@{hits.shape[1]}": float(hits.mean()), **above}


def product_cpu_s(n_rows: int, dim: int) -> float:
    """Return the CPU seconds of the bare matrix product of all rows with all, from a sample."""
    code = (
        "import numpy as np, time; from threadpoolctl import threadpool_limits\n"
        f"a = np.ones((1024, {dim}), np.float32); b = np.ones((4096, {dim}), np.float32)\n"
        "threadpool_limits(1); a @ b.T; start = time.process_time()\n"
        "for _ in range(32): a @ b.T\n"
        "print((time.process_time() - start) / 32)"
    )
    timing = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return float(timing.stdout) * n_rows**2 / (1024 * 4096)


def main() -> None:
    """Read the command line, measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("features", type=Path, help="finished work folder")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--real", action="store_true", help="take the rows of FEATURES as they are")
    parser.add_argument("-k", type=int, default=2, help="neighbours of each row")
    parser.add_argument("--queries", type=int, default=10_000, help="checked for recall")
    parser.add_argument("--methods", nargs="+", default=["fastdup ivf_join", "faiss HNSW32"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, help="keep the vectors there")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--worker", nargs=3, metavar=("NAME", "VECTORS", "FOUND"))
    given = parser.parse_args()
    _, real = fastdup.load_binary_feature(given.features)
    dim = real.shape[1]
    if given.worker:
        name, vectors, found = given.worker
        run_method(name, Path(vectors), dim, given.k, given.threads, Path(found))
        return
    with tempfile.TemporaryDirectory(dir=given.work) as scratch:
        path = (given.work or Path(scratch)) / f"vectors-{given.rows}.dat"
        if given.real:
            path = Path(scratch) / "vectors.dat"
            np.ascontiguousarray(real[: given.rows], "<f4").tofile(path)
        elif not path.exists():
            write_vectors(real, given.rows, path, SEED)
        result = measure(given, path, dim, Path(scratch) / "found.npy")
    if given.out:
        store_result(result, given.out)
    else:
        print(json.dumps(result, indent=1))


def measure(given: argparse.Namespace, path: Path, dim: int, found: Path) -> dict[str, object]:
    """Run the methods one after the other."""
    vectors = np.memmap(path, np.float32, "r").reshape(-1, dim)
    queries = np.random.default_rng(SEED).permutation(len(vectors))[: given.queries]
    queries = np.sort(queries)
    machine = describe_machine()
    truth = exact(vectors, queries, given.k)
    results = {}
    options = ["--threads", str(given.threads), "-k", str(given.k)]
    for name in given.methods:
        command = [sys.executable, __file__, str(given.features), *options]
        cost = run_measured([*command, "--worker", name, str(path), str(found)])
        scores = recalls(truth, np.load(found)[queries])
        peak_mib = int(found.with_suffix(".peak").read_text()) / 1024
        results[name] = {**cost._asdict(), "peak_rss_mib": peak_mib, "recall": scores}
        print(name, results[name], file=sys.stderr, flush=True)
    all_pairs_s = product_cpu_s(len(vectors), dim)
    return {
        "machine": machine,
        "rows": len(vectors),
        "vectors": "of photos" if given.real else "made",
        "width": dim,
        "k": given.k,
        "threads": given.threads,
        "queries": len(queries),
        "bare_product_of_all_pairs_cpu_s": all_pairs_s,
        "methods": results,
    }


if __name__ == "__main__":
    main()
