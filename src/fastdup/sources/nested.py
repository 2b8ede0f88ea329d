"""Files of many images inside archives: they are not entered, and the reason says what to do."""

from fastdup.errors import ImageError, Reason
from fastdup.sources.archives.formats import kind_of_head, may_be_archive
from fastdup.sources.datasets.table import begins_like_dataset, may_be_dataset
from fastdup.sources.videos.formats import demuxer_of_head
from fastdup.sources.videos.names import may_be_video


def refuse_nested(name: str, data: bytes) -> None:
    """Check that a member of an archive does not hold many images itself.

    Parameters
    ----------
    name : str
        What the member is called.
    data : bytes
        Its first bytes or more; they decide, for a name may say anything.

    Raises
    ------
    ImageError
        When it does.
    """
    if may_be_video(name) and demuxer_of_head(data):
        what = "a video"
    elif may_be_dataset(name) and begins_like_dataset(data):
        what = "a data set"
    elif may_be_archive(name) and kind_of_head(data):
        what = "an archive"
    else:
        return
    detail = f"{what} inside an archive is not entered: unpack the outer archive"
    raise ImageError(detail, reason=Reason.UNSUPPORTED)
