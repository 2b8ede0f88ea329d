"""What a run found and what it took: the counts, and the lines that a person reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fastdup.analysis.outliers import FEWEST_PICTURES
from fastdup.quantities import counted, size_text
from fastdup.runs.bad_counts import BadCounts
from fastdup.workdir import WorkDir

#: What the outliers of a small collection are, and what is of more use.
TOO_FEW = (
    f"with fewer than {FEWEST_PICTURES} different pictures, only those unlike all others are "
    "listed; all of them, in order"
)

#: Verdict → what the pairs are, from the surest copies to none.
_VERDICTS = {
    "same_bytes": "identical",
    "same_pixels": "with the same pixels",
    "same_picture": "saved again",
    "edited": "edited",
    "part_of": "part of the other",
    "altered": "altered",
    "look_alike": "look-alikes",
    "unverified": "not looked at",
}


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run found, and what it took.

    Attributes
    ----------
    work_dir : str
        Where the files are.
    features_file : str or None
        Where the features are when not in the work folder, the bad list beside them.
    n_listed, n_good, n_bad : int
        Numbers of files; good + bad = listed.
    bad : BadCounts
        Which of the bad files are unsupported or no images; the others are broken.
    n_pairs, n_groups, n_grouped, n_outliers : int or None
        Numbers of rows of similarity.csv, of groups, of images in groups, and of outliers; None
        when only extracted.
    n_distinct_pairs : int
        Number of pairs, each counted once: a pair may be in two rows of similarity.csv.
    spare_bytes : int
        Size of all images of groups but the largest of each, as far as it is known.
    n_only_ordered : int
        Number of images that are too few to show which stand apart; else 0.
    n_left_out : int
        Number of pairs that reach the threshold, and that a person decided to be no copies.
    n_video_pairs : int or None
        Number of pairs of videos that match; None when no image is a frame of a video.
    verdicts : mapping of str to int, or None
        Number of judged pairs of each verdict; None when no pairs were judged.
    n_unread : int
        Number of pictures that could not be read again to be judged.
    provider : str
        Who searched, and why.
    seconds : mapping of str to float
        Wall time of each stage.
    thread_seconds : mapping of str to float
        Time of each step of the extraction, added up over the threads.
    """

    work_dir: str
    features_file: str | None = None
    n_listed: int
    n_good: int
    n_bad: int
    bad: BadCounts = field(default_factory=BadCounts)
    n_pairs: int | None = None
    n_groups: int | None = None
    n_grouped: int | None = None
    n_outliers: int | None = None
    n_distinct_pairs: int = 0
    spare_bytes: int = 0
    n_only_ordered: int = 0
    n_left_out: int = 0
    n_video_pairs: int | None = None
    verdicts: Mapping[str, int] | None = None
    n_unread: int = 0
    provider: str = ""
    seconds: Mapping[str, float]
    thread_seconds: Mapping[str, float]

    def counts(self) -> dict[str, int]:
        """Return all counts that were taken."""
        counts = {
            "listed": self.n_listed,
            "good": self.n_good,
            "bad": self.n_bad,
            "side_files": self.bad.n_side_files or None,
            "pairs": self.n_pairs,
            "groups": self.n_groups,
            "grouped_images": self.n_grouped,
            "outliers": self.n_outliers,
            "video_pairs": self.n_video_pairs,
            "left_out": self.n_left_out or None,
        }
        judged = {f"pairs_{verdict}": count for verdict, count in (self.verdicts or {}).items()}
        return {name: count for name, count in counts.items() if count is not None} | judged

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads at the end of a run."""
        work = WorkDir(self.work_dir, self.features_file)
        bad = self.bad.words(self.n_bad)
        yield f"{counted(self.n_listed, 'file')} listed: {self.n_good:,} good, {bad}"
        if self.n_bad:
            yield f"  bad files and why: {work.bad_csv}"
        if self.n_pairs is not None:
            yield from self._found_lines(work)
        yield f"took {_duration(sum(self.seconds.values()))}"
        for what, count in self.bad.missing_extras.items():
            yield f"{counted(count, 'file')} not read: {what}"
        if self.n_listed and not self.n_good:
            yield f"NOTHING WAS COMPARED: none of the {self.n_listed:,} files is a usable image"

    def details(self) -> Iterator[str]:
        """Yield what only someone who measures wants: who searched, and seconds by stage."""
        if self.provider:
            yield f"neighbours by {self.provider}"
        stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in self.seconds.items())
        yield f"seconds: {stages}, in all {sum(self.seconds.values()):.2f}"

    def _found_lines(self, work: WorkDir) -> Iterator[str]:
        n_groups, n_grouped = self.n_groups or 0, self.n_grouped or 0
        if n_groups:
            n_copies = n_grouped - n_groups
            size = f" ({size_text(self.spare_bytes)})" if self.spare_bytes else ""
            yield f"{counted(n_groups, 'group')} of copies, {n_grouped:,} images: {work.components}"
            copies = f"{counted(n_copies, 'image')}{size}"
            yield f"  {copies} could go if the largest file of each group is kept"
        else:
            yield "no copies found"
        yield f"{counted(self.n_distinct_pairs, 'pair')} of similar images: {work.similarity}"
        if self.n_left_out:
            pairs = counted(self.n_left_out, "pair")
            yield f"  {pairs} left out by your decisions: {work.decisions}"
        if self.verdicts is not None:
            yield from self._verdict_lines(work)
        yield f"{counted(self.n_outliers or 0, 'outlier')}: {work.outliers}"
        if self.n_only_ordered:
            yield f"  {TOO_FEW}: {work.outlier_scores}"
        if self.n_video_pairs:
            yield f"{counted(self.n_video_pairs, 'pair')} of similar videos: {work.videos}"

    def _verdict_lines(self, work: WorkDir) -> Iterator[str]:
        verdicts = self.verdicts or {}
        counts = ", ".join(
            f"{verdicts[name]:,} {words}" for name, words in _VERDICTS.items() if name in verdicts
        )
        n_pairs = counted(sum(verdicts.values()), "pair")
        yield f"{n_pairs} judged{counts and f' ({counts})'}: {work.verdicts}"
        if self.n_unread:
            pictures = counted(self.n_unread, "picture")
            yield f"  {pictures} could not be read again"


def _duration(seconds: float) -> str:
    """Return a time in the units that a clock has: 0.8 s, 2 min 5 s, 3 h 20 min."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
