"""The name of every file in a work folder."""

import os
from dataclasses import dataclass

from fastdup.errors import WorkDirError


@dataclass(frozen=True)
class WorkDir:
    """The paths of the files in a work folder.

    Attributes
    ----------
    root : str
        The folder.
    features_file : str or None
        Path of the features; None: ``root/features.dat``.
    """

    root: str
    features_file: str | None = None

    def __post_init__(self) -> None:
        """Replace a leading ``~`` by the home folder."""
        object.__setattr__(self, "root", os.path.expanduser(self.root))

    def create(self) -> None:
        """Make the folders that a run writes to.

        Raises
        ------
        WorkDirError
            When a folder cannot be made or is not writable.
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
        """Feature rows of the good images, raw float32."""
        return self.features_file or self._in_root("features.dat")

    @property
    def features_csv(self) -> str:
        """The file name of each feature row."""
        return self.features + ".csv"

    @property
    def bad_csv(self) -> str:
        """The bad list: files that could not be used, with reasons."""
        return os.path.splitext(self.features)[0] + ".bad.csv"

    @property
    def bad_csv_alias(self) -> str:
        """The bad list under the other name that the manual gives it."""
        return self.features + ".bad"

    @property
    def listing(self) -> str:
        """Size, time of change and row of each listed file, in listing order."""
        return self.features + ".listing"

    @property
    def journal(self) -> str:
        """The commits of the extraction: the length of each file after each batch."""
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
        """The component of each image that has similar ones."""
        return self._in_root("connected_components.csv")

    @property
    def component_info(self) -> str:
        """Size and similarities of each component."""
        return self._in_root("component_info.csv")

    @property
    def videos(self) -> str:
        """Pairs of videos whose frames match, if there are videos."""
        return self._in_root("videos.csv")

    @property
    def faiss_index(self) -> str:
        """The faiss index, if the faiss provider was used."""
        return self._in_root("faiss.index")

    @property
    def faiss_index_distinct(self) -> str:
        """The faiss index over distinct rows, written if some rows are identical."""
        return self._in_root(".faiss.index.distinct")

    @property
    def unfinished_search(self) -> str:
        """Folder with the intermediate results of a large search; exists while it runs."""
        return self._in_root(".neighbours.partial")

    @property
    def known_neighbours(self) -> str:
        """Cache of the last search, so that the next one compares only new rows."""
        return self._in_root(".neighbours.known")

    @property
    def known_videos(self) -> str:
        """Cache of the videos' frame lists, so that no unchanged video is demuxed again."""
        return self._in_root(".videos.known")

    @property
    def unfinished_extraction(self) -> str:
        """Folder with the shards that a cluster has finished; exists while it extracts."""
        return self._in_root(".shards.partial")

    @property
    def shared_mark(self) -> str:
        """Marker by which other machines know that they see this folder; exists while they work."""
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
        """The user's annotations, a row per file."""
        return self._in_root("annotations.csv")

    @property
    def clean_plan(self) -> str:
        """The plan which copies to keep and which to remove, for a person to read and edit."""
        return self._in_root("clean-plan.csv")

    @property
    def clean_plan_digest(self) -> str:
        """Digest of the plan as written, to detect that a person edited it."""
        return self._in_root("clean-plan.csv.digest")

    @property
    def clean_journal(self) -> str:
        """Journal of the cleaning, for undo."""
        return self._in_root("clean.journal")

    @property
    def leaks(self) -> str:
        """Pairs of similar images from different splits."""
        return self._in_root("leaks.csv")

    @property
    def leaks_page(self) -> str:
        """The gallery of those pairs."""
        return self._in_root("leaks.html")

    @property
    def clean_trash(self) -> str:
        """Folder for removed files, on systems whose trash does not report where a file went."""
        return self._in_root(".clean-trash")

    @property
    def labels(self) -> str:
        """The labels that data sets hold of their images."""
        return self._in_root("labels.csv")

    @property
    def known_labels(self) -> str:
        """The file with the labels: the user's annotations, else the labels of the data sets."""
        return self.annotations if os.path.exists(self.annotations) else self.labels

    def results(self) -> list[str]:
        """Return the paths of what a run found in its features, ``config.json`` first.

        None of it holds of other features.
        """
        return [
            self.config,
            self.similarity,
            self.outliers,
            self.components,
            self.component_info,
            self.videos,
            self.faiss_index,
            self.faiss_index_distinct,
        ]

    def all_about_images(self) -> list[str]:
        """Return the paths of all that is about the stored images, but for their features.

        None of it holds of other images. In the order in which it is to be removed: what says that
        the rest is whole comes first.

        What else there may be in the folder stays right: what the user gave (the annotations, a
        plan), what undoes a cleaning (its journal, its trash), and caches, which are checked
        before use.
        """
        extraction = [self.journal, self.features_csv, self.bad_csv, self.listing, self.stats]
        earlier = [path + PREVIOUS_SUFFIX for path in [*extraction, self.features]]
        pages = map(self._in_root, GALLERIES)
        others = [self.bad_csv_alias, self.labels, self.leaks, self.leaks_page, *pages]
        return [*self.results(), *extraction, *earlier, *others]

    def outputs(self) -> list[str]:
        """Return the paths of all files and folders that a run may write."""
        files = [
            self.features,
            *self.all_about_images(),
            self.known_neighbours,
            self.known_videos,
            self.annotations,
            self.clean_plan,
            self.clean_plan_digest,
            self.clean_journal,
        ]
        unfinished = [path + TEMPORARY_SUFFIX for path in files]
        passing = [self.unfinished_extraction, self.unfinished_search, self.shared_mark, self.lock]
        return [*files, *unfinished, *passing, self.clean_trash]

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
#: Suffix of an earlier run's files, while a new run reuses its unchanged rows.
PREVIOUS_SUFFIX = ".prev"
#: Suffix of a file that is being written, and is renamed when it is complete.
TEMPORARY_SUFFIX = ".tmp"
