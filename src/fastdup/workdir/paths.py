"""The name of every file in a work folder."""

import os
from dataclasses import dataclass

from fastdup.errors import WorkDirError


@dataclass(frozen=True)
class WorkDir:
    """A work folder's file names.

    Attributes
    ----------
    root : str
        The folder.
    features_file : str or None
        Where the features are when not in ``root/features.dat``.
    """

    root: str
    features_file: str | None = None

    def __post_init__(self) -> None:
        """Put the home folder in the place of a leading ``~``."""
        object.__setattr__(self, "root", os.path.expanduser(self.root))

    def create(self) -> None:
        """Make the folders that are to be written to.

        Raises
        ------
        WorkDirError
            When a folder cannot be made or written to.
        """
        for folder in {self.root, os.path.dirname(self.features) or "."}:
            try:
                os.makedirs(folder, exist_ok=True)
            except OSError as exc:
                raise WorkDirError(f"cannot make the folder {folder}: {exc.strerror}") from exc
            if not os.access(folder, os.W_OK | os.X_OK):
                raise WorkDirError(f"cannot write to the folder {folder}: no permission")

    @property
    def features(self) -> str:
        """Raw float32 rows of the good images."""
        return self.features_file or self._in_root("features.dat")

    @property
    def features_csv(self) -> str:
        """Which row of the features belongs to which file."""
        return self.features + ".csv"

    @property
    def bad_csv(self) -> str:
        """The files that could not be used, with reasons."""
        return os.path.splitext(self.features)[0] + ".bad.csv"

    @property
    def bad_csv_alias(self) -> str:
        """The manual's other name of the bad list."""
        return self.features + ".bad"

    @property
    def listing(self) -> str:
        """Size, time of change and row of each listed file, in listing order."""
        return self.features + ".listing"

    @property
    def journal(self) -> str:
        """The commits of the extraction: how long each file is after each batch."""
        return self.features + ".journal"

    @property
    def stats(self) -> str:
        """Statistics of each good image."""
        return self._in_root("stats.csv")

    @property
    def similarity(self) -> str:
        """Pairs at or above the threshold."""
        return self._in_root("similarity.csv")

    @property
    def outliers(self) -> str:
        """Images that resemble no other."""
        return self._in_root("outliers.csv")

    @property
    def components(self) -> str:
        """The group of each grouped image."""
        return self._in_root("connected_components.csv")

    @property
    def component_info(self) -> str:
        """Size and similarities of each group."""
        return self._in_root("component_info.csv")

    @property
    def videos(self) -> str:
        """Pairs of videos whose frames match, when there are videos."""
        return self._in_root("videos.csv")

    @property
    def faiss_index(self) -> str:
        """The faiss index, when faiss searched."""
        return self._in_root("faiss.index")

    @property
    def faiss_index_distinct(self) -> str:
        """The index that is searched beside it, where some rows are copies of others."""
        return self._in_root(".faiss.index.distinct")

    @property
    def unfinished_search(self) -> str:
        """Folder of what a large search has found so far, there while it runs."""
        return self._in_root(".neighbours.partial")

    @property
    def known_neighbours(self) -> str:
        """What the last search found, so that the next compares only what is new."""
        return self._in_root(".neighbours.known")

    @property
    def known_videos(self) -> str:
        """Which frames the videos of the last runs have, so that no video is demuxed again."""
        return self._in_root(".videos.known")

    @property
    def unfinished_extraction(self) -> str:
        """Folder of the shards that a cluster has extracted so far, there while it works."""
        return self._in_root(".shards.partial")

    @property
    def shared_mark(self) -> str:
        """Marks the folder for machines that may see it, there while a cluster works."""
        return self._in_root(".shared")

    @property
    def lock(self) -> str:
        """Locked while a run is at work, on systems that cannot lock a folder."""
        return self._in_root(".lock")

    @property
    def config(self) -> str:
        """Options, versions, counts and seconds of the last run."""
        return self._in_root("config.json")

    @property
    def annotations(self) -> str:
        """What the user knows about the images, a row per file."""
        return self._in_root("annotations.csv")

    @property
    def clean_plan(self) -> str:
        """Which copies stay and which go, for a person to read and change."""
        return self._in_root("clean-plan.csv")

    @property
    def clean_plan_digest(self) -> str:
        """What the plan's bytes were when it was written, to know when a person changed it."""
        return self._in_root("clean-plan.csv.digest")

    @property
    def clean_journal(self) -> str:
        """What was done with copies, so that it can be undone."""
        return self._in_root("clean.journal")

    @property
    def leaks(self) -> str:
        """Pairs of similar images in different splits."""
        return self._in_root("leaks.csv")

    @property
    def leaks_page(self) -> str:
        """The gallery of those pairs."""
        return self._in_root("leaks.html")

    @property
    def clean_trash(self) -> str:
        """Folder for what was cleaned, on systems whose trash does not tell where a file went."""
        return self._in_root(".clean-trash")

    @property
    def labels(self) -> str:
        """What data sets say of their images themselves."""
        return self._in_root("labels.csv")

    @property
    def known_labels(self) -> str:
        """Where labels are: what the user gave, else what the data sets say."""
        return self.annotations if os.path.exists(self.annotations) else self.labels

    def outputs(self) -> list[str]:
        """Return the paths of all files and folders that a run may write."""
        extraction = [
            self.features,
            self.features_csv,
            self.bad_csv,
            self.listing,
            self.journal,
            self.stats,
        ]
        previous = [path + PREVIOUS_SUFFIX for path in extraction]
        results = [
            self.bad_csv_alias,
            self.similarity,
            self.outliers,
            self.components,
            self.component_info,
            self.videos,
            self.faiss_index,
            self.faiss_index_distinct,
            self.known_neighbours,
            self.config,
            self.annotations,
            self.clean_plan,
            self.clean_plan_digest,
            self.clean_journal,
            self.leaks,
            self.labels,
            self.leaks_page,
            *map(self._in_root, GALLERIES),
        ]
        passing = [self.unfinished_extraction, self.unfinished_search, self.shared_mark, self.lock]
        unfinished = [path + TEMPORARY_SUFFIX for path in results]
        return [*extraction, *previous, *results, *unfinished, *passing, self.clean_trash]

    def _in_root(self, name: str) -> str:
        return os.path.join(self.root, name)


#: The pages that a work folder may hold.
GALLERIES = (
    "components.html",
    "duplicates.html",
    "mislabels.html",
    "outliers.html",
    "similarity.html",
    "stats-blur.html",
    "stats-bright.html",
    "stats-contrast.html",
    "stats-dark.html",
    "stats-file_size.html",
    "stats-height.html",
    "stats-max.html",
    "stats-mean.html",
    "stats-min.html",
    "stats-sharp.html",
    "stats-size.html",
    "stats-stdv.html",
    "stats-unique.html",
    "stats-width.html",
)
#: Marks the rows of an earlier run while a new run takes over what is unchanged.
PREVIOUS_SUFFIX = ".prev"
#: Marks a file that is being written and will be renamed when it is whole.
TEMPORARY_SUFFIX = ".tmp"
