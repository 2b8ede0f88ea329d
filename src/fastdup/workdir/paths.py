"""The name of every file in a work folder."""

import filecmp
import os
from collections.abc import Iterator
from dataclasses import dataclass

from fastdup.errors import WorkDirError


class _InRoot:
    """An attribute of `WorkDir`: the path of the file or folder of that name in its root."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, work: "WorkDir", owner: object = None) -> str:
        return os.path.join(work.root, self._name)


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
        return self.features_file or os.path.join(self.root, FEATURES)

    @property
    def content(self) -> str:
        """Rows for content of the good images, raw float32; see `fastdup.content_rows`."""
        folder, name = os.path.split(self.features)
        return (
            os.path.join(folder, "content.dat") if name == FEATURES else f"{self.features}.content"
        )

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

    #: Statistics of each good image.
    stats = _InRoot("stats.csv")
    #: What each good image's file says of it: when, by which camera, where it was taken.
    metadata = _InRoot("metadata.csv")
    #: Pairs at or above the threshold.
    similarity = _InRoot("similarity.csv")
    #: Images that stand apart from the others.
    outliers = _InRoot("outliers.csv")
    #: How close each image is to the others, the one that stands apart most first.
    outlier_scores = _InRoot("outlier_scores.csv")
    #: The component of each image that has similar ones.
    components = _InRoot("connected_components.csv")
    #: Size and similarities of each component.
    component_info = _InRoot("component_info.csv")
    #: Pairs of videos whose frames match, if there are videos.
    videos = _InRoot("videos.csv")
    #: What the judged pairs are, if pairs were judged.
    verdicts = _InRoot("verdicts.csv")
    #: Cache of what was found of pairs of files, so that no pair is judged twice.
    known_verdicts = _InRoot(".verdicts.known")
    #: Cache of what pictures show of others, so that no picture is looked at twice.
    known_insets = _InRoot(".insets.known")
    #: Cache of what worn pictures may have been, so that no picture is looked at twice.
    known_restored = _InRoot(".restored.known")
    #: Cache of what is near to the negatives of pictures, so that only new ones are compared.
    known_negatives = _InRoot(".negatives.known")
    #: Cache of the points by which parts of pictures are found, so that none is described twice.
    known_parts = _InRoot(".parts.known")
    #: Cache of what these places show, so that none is looked at twice.
    known_places = _InRoot(".places.known")
    #: The faiss index, if the faiss provider was used.
    faiss_index = _InRoot("faiss.index")
    #: The faiss index over distinct rows, written if some rows are identical.
    faiss_index_distinct = _InRoot(".faiss.index.distinct")
    #: Folder with the intermediate results of a large search; exists while it runs.
    unfinished_search = _InRoot(".neighbours.partial")
    #: Cache of the last search, so that the next one compares only new rows.
    known_neighbours = _InRoot(".neighbours.known")
    #: Cache of the last search by content, for the same purpose.
    known_near_content = _InRoot(".near-content.known")
    #: Cache of the videos' frame lists, so that no unchanged video is demuxed again.
    known_videos = _InRoot(".videos.known")
    #: Folder with the shards that a cluster has finished; exists while it extracts.
    unfinished_extraction = _InRoot(".shards.partial")
    #: Marker by which other machines know that they see this folder; exists while they work.
    shared_mark = _InRoot(".shared")
    #: Locked while a run is at work, on systems that cannot lock a folder.
    lock = _InRoot(".lock")
    #: Options, versions, counts and seconds of the last run.
    config = _InRoot("config.json")
    #: The user's annotations, a row per file.
    annotations = _InRoot("annotations.csv")
    #: The plan which copies to keep and which to remove, for a person to read and edit.
    clean_plan = _InRoot("clean-plan.csv")
    #: Digest of the plan as written, to detect that a person edited it.
    clean_plan_digest = _InRoot("clean-plan.csv.digest")
    #: Journal of the cleaning, for undo.
    clean_journal = _InRoot("clean.journal")
    #: What a person decided: which files are no copies, and which are always kept.
    decisions = _InRoot("decisions.csv")
    #: Locked while the decisions are changed.
    decisions_lock = _InRoot(".decisions.lock")
    #: Cache of the digests of files that may have been decided on.
    known_digests = _InRoot(".digests.known")
    #: Cache of what larger copies have over smaller ones.
    known_gains = _InRoot(".gains.known")
    #: Cache of the explorer's map, which takes minutes to make of many images.
    known_map = _InRoot(".map.known")
    #: Pairs of similar images from different splits.
    leaks = _InRoot("leaks.csv")
    #: The gallery of those pairs.
    leaks_page = _InRoot("leaks.html")
    #: The cluster of each image, the centres, and the images nearest to each, by k-means.
    kmeans_assignments = _InRoot("kmeans_assignments.csv")
    kmeans_centroids = _InRoot("kmeans_centroids.csv")
    kmeans_nearest = _InRoot("kmeans_nearest.csv")
    #: The gallery of the clusters.
    kmeans_page = _InRoot("kmeans_clusters.html")
    #: The most different images.
    sample = _InRoot("sample.csv")
    #: The report: all that was found, on one page.
    report_page = _InRoot("report.html")
    #: Folder for removed files, on systems whose trash does not report where a file went.
    clean_trash = _InRoot(".clean-trash")
    #: The labels that data sets hold of their images.
    labels = _InRoot("labels.csv")

    #: The component of every image, with those that have no similar ones, if asked for.
    per_image_components = _InRoot("components_per_image.csv")
    #: Marker that a run wrote the files of later releases, which may then be replaced.
    later_mark = _InRoot(".compat-files")

    def later_files(self) -> dict[str, str]:
        """Return the path of a file as later releases name it → that of the same file here."""
        own = {
            LATER_FEATURES: self.features,
            f"{LATER_FEATURES}.csv": self.features_csv,
            "atrain_features.bad.csv": self.bad_csv,
            "atrain_stats.csv": self.stats,
            "nnf.index": self.faiss_index,
        }
        return {os.path.join(self.root, later): path for later, path in own.items()}

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
            self.outlier_scores,
            self.components,
            self.component_info,
            self.videos,
            self.verdicts,
            self.faiss_index,
            self.faiss_index_distinct,
            self.per_image_components,
        ]

    def all_about_images(self) -> list[str]:
        """Return the paths of all that is about the stored images, but for their features.

        None of it holds of other images. In the order in which it is to be removed: what says that
        the rest is whole comes first.

        What else there may be in the folder stays right: what the user gave (the annotations, a
        plan, decisions), what undoes a cleaning (its journal, its trash), and caches, which are
        checked before use.
        """
        tables = [self.features_csv, self.bad_csv, self.listing, self.stats, self.metadata]
        extraction = [self.journal, *tables]
        extraction.append(self.content)
        earlier = [path + PREVIOUS_SUFFIX for path in [*extraction, self.features]]
        pages = [os.path.join(self.root, name) for name in GALLERIES]
        pages = [*self._pages_again(), *pages]
        if os.path.exists(self.later_mark):
            pages += self.later_files()
        others = [self.bad_csv_alias, self.labels, self.leaks, self.leaks_page, *pages]
        others += [self.kmeans_assignments, self.kmeans_centroids, self.kmeans_nearest]
        others += [self.kmeans_page, self.sample, self.report_page]
        others.append(self.later_mark)
        return [*self.results(), *extraction, *earlier, *others]

    def _pages_again(self) -> Iterator[str]:
        """Yield the paths of pages under their later names, as far as they are ours."""
        for name in GALLERIES:
            page = os.path.join(self.root, name)
            again = OTHER_PAGES.get(name, name)
            for place in (again, os.path.join(GALLERIES_FOLDER, again)):
                path = os.path.join(self.root, place)
                if path != page and os.path.isfile(path) and _are_same(page, path):
                    yield path

    def outputs(self) -> list[str]:
        """Return the paths of all files and folders that a run may write."""
        files = [
            self.features,
            *self.all_about_images(),
            self.known_neighbours,
            self.known_near_content,
            self.known_videos,
            self.known_verdicts,
            self.known_insets,
            self.known_restored,
            self.known_negatives,
            self.known_parts,
            self.known_digests,
            self.known_gains,
            self.known_map,
            self.known_places,
            self.annotations,
            self.decisions,
            self.clean_plan,
            self.clean_plan_digest,
            self.clean_journal,
        ]
        unfinished = [path + TEMPORARY_SUFFIX for path in files]
        locks = [self.lock, self.decisions_lock]
        passing = [self.unfinished_extraction, self.unfinished_search, self.shared_mark]
        return [*files, *unfinished, *passing, *locks, self.clean_trash]


def _are_same(page: str, other: str) -> bool:
    try:
        return os.path.samefile(page, other) or filecmp.cmp(page, other, shallow=False)
    except OSError:
        return False


#: The features in a work folder.
FEATURES = "features.dat"
#: The features in a work folder of a later release.
LATER_FEATURES = "atrain_features.dat"

_KINDS = ("components", "duplicates", "mislabels", "outliers", "similarity")
_METRICS = "blur bright contrast dark file_size height max mean min sharp size stdv unique width"
#: The pages that a work folder may hold.
GALLERIES = (
    *(f"{kind}.html" for kind in _KINDS),
    *(f"stats-{metric}.html" for metric in _METRICS.split()),
)
#: Page of a statistic → its name in later releases, under which it is beside it. These names are
#: plain words, so a file of such a name is only taken for ours if its content is the page's.
OTHER_PAGES = {
    **{f"stats-{metric}.html": f"{metric}.html" for metric in _METRICS.split()},
    "stats-bright.html": "mean.html",
    "stats-dark.html": "mean.html",
    "stats-sharp.html": "blur.html",
}
#: Folder of a work folder in which later releases put the pages of the object.
GALLERIES_FOLDER = "galleries"
#: Suffix of an earlier run's files, while a new run reuses its unchanged rows.
PREVIOUS_SUFFIX = ".prev"
#: Suffix of a file that is being written, and is renamed when it is complete.
TEMPORARY_SUFFIX = ".tmp"
