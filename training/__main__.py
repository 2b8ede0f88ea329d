"""From a folder of photos to the model file and its card, in one command."""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

from training.calibrate import calibrate
from training.card import new_card, write_card
from training.config import RECIPES, Config
from training.data import split
from training.evaluate import compare, evaluate
from training.export import export
from training.job import add_options, read_job
from training.metrics import Truth, rank
from training.quantise import quantise
from training.train import RECORD, train

VALIDATION_SEEDS = (1, 2, 3)
COPIES_EACH = 2
PLANTER = Path(__file__).parents[1] / "benchmarks" / "plant.py"


def plant_copies(tool: Path, held_out: list[Path], work: Path) -> list[Path]:
    """Make folders of planted copies of the held-out pictures, one for each seed.

    Parameters
    ----------
    tool : Path
        The script that plants copies: ``TOOL OUT --seed S --per N FOLDER``.
    held_out : list of Path
        The validation pictures.
    work : Path
        Where the folders go; those that are complete stay as they are.
    """
    originals = work / "held-out"
    originals.mkdir(parents=True, exist_ok=True)
    for path in held_out:
        shutil.copy(path, originals)
    folders = [work / f"copies-{seed}" for seed in VALIDATION_SEEDS]
    for seed, folder in zip(VALIDATION_SEEDS, folders, strict=True):
        if not (folder / "truth.csv").exists():  # written last
            options = ["--seed", str(seed), "--per", str(COPIES_EACH)]
            subprocess.run([sys.executable, tool, folder, *options, originals], check=True)
    return folders


def publish(photos: Path, work: Path, model: Path, folders: list[Path], config: Config) -> None:
    """Export and quantise the network trained in `work`, calibrate and measure it on copies."""
    export(work, model, config)
    trained_on, held_out = split(photos, config)
    quantise(model, trained_on, config)
    ranking = rank(
        (compare(model, folder, config), Truth.load(folder / "truth.csv")) for folder in folders
    )
    calibration = calibrate(model, held_out, ranking, config)
    record = json.loads((work / RECORD).read_text())
    write_card(model, new_card(model, config, record, calibration))
    how = (
        f"{len(held_out)} held-out training photos, {COPIES_EACH} planted copies each, "
        f"seed {VALIDATION_SEEDS[0]}; also used for the calibration"
    )
    evaluate(model, folders[0], "validation", how, config)


def main() -> None:
    """Read the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    add_options(parser)
    parser.add_argument("model", type=Path, help="ONNX file to write, its card beside it")
    parser.add_argument("--copies-tool", type=Path, default=PLANTER, help="script: plants copies")
    parser.add_argument(
        "--side", type=int, help="input of the shipped model in pixels (default: the recipe's)"
    )
    given = parser.parse_args()
    _, held_out = split(given.photos, RECIPES[given.recipe])
    folders = plant_copies(given.copies_tool, held_out, given.work)
    job = read_job(given, folders[0])
    if not (job.work / RECORD).exists():  # written at the end of the training
        train(job)
    shipped = dataclasses.replace(job.config, input_side=given.side or job.config.input_side)
    publish(job.photos, job.work, given.model, folders, shipped)


if __name__ == "__main__":
    main()
