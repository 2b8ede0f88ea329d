"""How long does decoding take, compared with the bare decoder of JPEG and with Pillow alone?

usage: decoders.py PHOTOS [--images N] [--rounds R] [--out FILE]

Makes N pictures of each kind from PHOTOS (see throughput.py; a tenth as many of the large ones).
Decodes them in each way in a process of its own, as in a run, in R rounds. The time of a way is its
least CPU time for a picture, without that of a process that decodes each picture once.

decode       `decode`, at the scale for the built-in model
pillow       the same without the faster decoders
bare         simplejpeg, at the same scale
…_grey       grey levels alone, which judging reads first
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from machine import describe_machine, store_result
from picture_sets import make_set
from process import run_measured

MIN_SIDE = 128
#: Name → kind of set, ending, share of the pictures that is enough, passes over them.
SETS = {
    "JPEG 500 x 375": ("web", ".jpg", 1.0, 40),
    "JPEG 12 megapixels": ("phone", ".jpg", 0.1, 8),
    "PNG 500 x 375": ("mix", ".png", 1.0, 10),
    "WebP 500 x 375": ("mix", ".webp", 1.0, 20),
}
WAYS = ("pillow", "decode", "pillow_grey", "decode_grey")
OF_JPEG = ("bare", "bare_grey")
RATIOS = ("decode/pillow", "decode_grey/pillow_grey", "decode/bare", "decode_grey/bare_grey")


def decoder(way: str, data: bytes) -> Callable[[], object]:
    """Return what decodes a file in a way."""
    from fastdup.images import decode

    is_grey = way.endswith("_grey")
    ours = partial(decode, data, min_side=MIN_SIDE, grey=is_grey)
    if not way.startswith("bare"):
        return ours
    import simplejpeg

    width, height = ours().image.size
    colours = "GRAY" if is_grey else "RGB"
    return partial(simplejpeg.decode_jpeg, data, colours, min_height=height, min_width=width)


def decode_all(way: str, files: Sequence[Path], passes: int) -> None:
    """Decode all files in one way, so many times and once more."""
    if way.startswith("pillow"):
        sys.modules |= dict.fromkeys(("simplejpeg", "deflate"))
    decoders = [decoder(way, path.read_bytes()) for path in files]
    for _ in range(passes + 1):
        for act in decoders:
            act()


def cpu_ms(way: str, folder: Path, n_files: int, passes: int) -> float:
    """Return the CPU milliseconds a picture."""
    command = [sys.executable, __file__, str(folder), "--way", way, "--passes"]
    one, many = (run_measured([*command, str(n)]).cpu_s for n in (0, passes))
    return 1000 * (many - one) / (n_files * passes)


def measure(folder: Path, ways: Sequence[str], passes: int, n_rounds: int) -> dict[str, object]:
    """Return the times of each way, and their ratios."""
    n_files = len(list(folder.iterdir()))
    rounds = [{way: cpu_ms(way, folder, n_files, passes) for way in ways} for _ in range(n_rounds)]
    ms = {way: min(times[way] for times in rounds) for way in ways}
    pairs = [tuple(ratio.split("/")) for ratio in RATIOS]
    ratios = {f"{one}/{other}": ms[one] / ms[other] for one, other in pairs if other in ms}
    return {"n_files": n_files, "ms": ms, "ratios": ratios}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--way", help="only decode the files in this way")
    parser.add_argument("--passes", type=int, default=1)
    out = Path(__file__).parent / "results" / "decoders.json"
    parser.add_argument("--out", type=Path, default=out)
    options = parser.parse_args()
    if options.way:
        return decode_all(options.way, sorted(options.photos.iterdir()), options.passes)
    result: dict[str, object] = {"machine": describe_machine()}
    with tempfile.TemporaryDirectory() as temporary:
        for name, (kind, ending, share, passes) in SETS.items():
            made, folder = Path(temporary, f"{name} made"), Path(temporary, name)
            make_set(kind, options.photos, made, max(1, int(options.images * share)))
            folder.mkdir()
            for path in made.rglob(f"*{ending}"):
                path.rename(folder / path.name)
            ways = WAYS + (OF_JPEG if ending == ".jpg" else ())
            result[name] = measure(folder, ways, passes, options.rounds)
    store_result(result, options.out)


if __name__ == "__main__":
    main()
