"""Runs of later releases under names of their own."""

import io
import logging
import os
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any

from fastdup.api import FAILURE, SUCCESS, make_log_visible, run
from fastdup.compat.later_options import warn_of
from fastdup.config import InputDir, RunConfig
from fastdup.errors import FastdupError, ImageError
from fastdup.sources.containers.videos.frame_names import parse_frame
from fastdup.sources.inputs import open_listing, open_reader
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import write_atomically

logger = logging.getLogger("fastdup")

Path = str | os.PathLike[str]

#: Folder of the frames in the work folder.
FRAMES = "frames"
#: As photos are saved by most programs.
_JPEG_QUALITY = 95
_MEANINGLESS = {
    "compute": "frames are decoded on the processor",
    "d": "no features are computed",
    "license": "no licence key is needed",
    "model_path": "no features are computed",
    "no_sort": "frames are in the order of time",
    "resize_video": "frames keep their size",
    "save_timestamp": "frames are named for their time",
    "num_threads": "a video is decoded by one thread",
    "resume": "frames that are there are written again",
    "turi_param": "it has no part in the frames",
}


def run_on_webdataset(input_dir: InputDir, work_dir: Path = ".", **options: Any) -> int:
    """Do what `fastdup.run` does: it reads the images in tars, and their labels, where they are.

    Parameters
    ----------
    input_dir, work_dir, **options
        As for `fastdup.run`.
    """
    return run(input_dir, work_dir, **options)


def load_config(work_dir: Path) -> dict[str, Any]:
    """Return what ``config.json`` holds, and each option of the last run by its name."""
    from fastdup.compat.later_object import Fastdup

    return Fastdup(work_dir).config


def extract_video_frames(
    input_dir: InputDir,
    work_dir: Path = ".",
    verbose: bool = False,
    num_images: int = -1,
    min_offset: int = -1,
    max_offset: int = -1,
    keyframes_only: bool = True,
    **options: Any,
) -> int:
    """Write the frames of videos as JPEG files, and return 0, or 1 on an error, which is logged.

    They are those that a run compares, ``frames/VIDEO/000012.500.jpg`` in the work folder, named
    for their time in seconds. A run does not need them: it reads videos where they are.

    Parameters
    ----------
    input_dir, work_dir, verbose, num_images, min_offset, max_offset
        As for `fastdup.run`; numbers are those of frames.
    keyframes_only : bool
        Only key frames; False: one frame a second.
    **options
        Those of later releases that mean nothing here are named in a warning.
    """
    warn_of("extract_video_frames", options, _MEANINGLESS)
    make_log_visible(verbose=bool(verbose))
    try:
        config = RunConfig(
            input_dir=input_dir,
            work_dir=os.fspath(work_dir),
            num_images=num_images,
            min_offset=min_offset,
            max_offset=max_offset,
            video_interval=-1.0 if keyframes_only else 1.0,
        )
        n_frames = _write_frames(config)
    except (FastdupError, OSError) as exc:
        logger.error("%s", exc)
        return FAILURE
    logger.info("%d frames: %s", n_frames, os.path.join(config.work_dir, FRAMES))
    return SUCCESS


def _write_frames(config: RunConfig) -> int:
    from PIL import Image

    work = WorkDir(config.work_dir)
    work.create()
    n_frames = 0
    start, stop = config.listing_range
    with closing(open_reader(config, work.known_videos)) as reader:
        listed = open_listing(config, reader, exclude=work.outputs()).uris()
        frames = ((uri, found) for uri in listed if (found := parse_frame(uri)))
        for uri, found in islice(frames, start, stop):
            name = os.path.basename(found.video).replace("#", "_")
            place = os.path.join(config.work_dir, FRAMES, name, f"{found.time_s:010.3f}.jpg")
            os.makedirs(os.path.dirname(place), exist_ok=True)
            try:
                with Image.open(io.BytesIO(reader.read(uri))) as frame:
                    picture = frame.convert("RGB")
            except ImageError as exc:
                logger.warning("cannot read %s: %s", uri, exc)
                continue
            save = partial(picture.save, format="JPEG", quality=_JPEG_QUALITY)
            write_atomically(place, save)
            n_frames += 1
    return n_frames
