"""The options of reading, as one value that travels with the reader."""

from dataclasses import dataclass

from fastdup.config import RunConfig


@dataclass(frozen=True, kw_only=True)
class ReaderOptions:
    """How images are listed and read.

    Attributes
    ----------
    include_hidden : bool
        Whether members of archives and objects are listed whose name begins with a dot.
    include_system : bool
        Whether those are listed in bins and other folders of systems; see `is_system_folder`.
    video_interval_s : float
        Seconds between the frames of a video that are listed; -1: its key frames.
    image_column, label_column : str or None
        The columns of data sets that hold images and labels; None: found automatically.
    frame_cache : str or None
        The file that keeps the frames listed of videos; None: nothing is kept.
    """

    include_hidden: bool = False
    include_system: bool = False
    video_interval_s: float = -1.0
    image_column: str | None = None
    label_column: str | None = None
    frame_cache: str | None = None

    @classmethod
    def of(cls, config: RunConfig, frame_cache: str | None = None) -> "ReaderOptions":
        """Return the options of a run."""
        return cls(
            include_hidden=config.include_hidden,
            include_system=config.include_system,
            video_interval_s=config.video_interval,
            image_column=config.image_column,
            label_column=config.label_column,
            frame_cache=frame_cache,
        )
