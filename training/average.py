"""Averages the networks of several consecutive runs.

usage: python -m training.average OUT WORK [WORK …]

Along such a chain the weights stay in one valley of the loss, and their average is closer to its
middle than any of them (Izmailov et al. 2018). OUT then looks like the folder of a finished run.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from torch import Tensor

from training.state import NETWORK, network_digest, write_atomically
from training.train import RECORD


def average(out: Path, works: list[Path]) -> None:
    """Write the average network of some runs, and the record of the last one of them.

    Parameters
    ----------
    out : Path
        Folder to write to.
    works : list of Path
        Folders of finished runs.
    """
    networks = [torch.load(work / NETWORK, weights_only=True) for work in works]
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(
        {name: _mean([n[name] for n in networks]) for name in networks[0]}, out / NETWORK
    )
    record = json.loads((works[-1] / RECORD).read_text())
    record["averaged_networks_sha256"] = list(map(network_digest, works))
    (out / RECORD).write_text(json.dumps(record, indent=1))


def _mean(values: list[Tensor]) -> Tensor:
    """Return the mean; counters, which are whole, as in the last network."""
    if not values[0].is_floating_point():
        return values[-1]
    return torch.stack(values).mean(dim=0)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.average", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("works", type=Path, nargs="+", metavar="work")
    given = parser.parse_args()
    average(given.out, given.works)


if __name__ == "__main__":
    main()
