"""Files of many images inside archives: they are not entered, and the reason says what to do."""

from typing import cast

from fastdup.errors import ImageError, Reason
from fastdup.sources.containers.container_reader import Container, ContainerReader
from fastdup.sources.kinds import BUILT_IN
from fastdup.sources.registry import load_reader


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
    for kind in BUILT_IN:
        if kind.endings and kind.has_ending(name):
            reader = cast(type[ContainerReader[Container]], load_reader(kind))
            if reader.format_of(data):
                detail = f"{kind.noun} inside an archive is not entered: unpack the outer archive"
                raise ImageError(detail, reason=Reason.UNSUPPORTED)
