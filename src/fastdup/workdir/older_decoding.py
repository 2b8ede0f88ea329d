"""Which rows of an earlier version are still those of its pictures.

A version that decodes some pictures otherwise has a higher number in the signature. What it leaves
as it was keeps its row: nearly all photos.
"""

from collections.abc import Sequence

from fastdup.errors import Reason
from fastdup.workdir.append_only import METADATA_HEADER, STATS_HEADER, AppendOnlyFiles
from fastdup.workdir.commits import Commit, Signature, read_signature, recover

#: The key of the number in a signature; earlier versions have none.
DECODING = "decoding"

#: The last columns of the metadata, of an ordinary picture; the next one, the thumbnail, is free.
_PLAIN = {"frames": "1", "has_alpha": "0", "has_profile": "0"}
_PLAIN_BITS = frozenset({"1", "2", "4", "8"})
#: Column of the highest grey level, below which a picture may hold labels.
_HIGHEST, _HIGHEST_OF_LABELS = STATS_HEADER[2:].index("max"), 32.0
#: Columns of the lowest level and of how many there are; with a few dark ones and one other, as of
#: labels, a picture was not scaled.
_LOWEST, _UNIQUE = STATS_HEADER[2:].index("min"), STATS_HEADER[2:].index("unique")
_LABELS = range(3, 34)
#: Failures of which the cause may have been the decoding.
_MENDED = frozenset({Reason.TRUNCATED, Reason.UNSUPPORTED, Reason.DECODE_ERROR})


def recover_older(files: AppendOnlyFiles, signature: Signature) -> Commit | None:
    """Return the last commit of files that only an older decoding made, None if there are none.

    See `recover`.
    """
    found = read_signature(files.journal)
    if found is None or found.get(DECODING, 1) >= signature.get(DECODING, 1):
        return None
    if {**found, DECODING: None} != {**signature, DECODING: None}:
        return None
    return recover(files.journal, files.data_files(), found)


def is_decoded_alike(stats: Sequence[str], metadata: str) -> bool:
    """Return whether a good picture of the older decoding is what it is now.

    So are pictures without transparency, profile, other frames and deep colours, unless they are
    nearly black; where it is not known, they are not.

    Parameters
    ----------
    stats : sequence of str
        The columns of ``stats.csv`` after the filename.
    metadata : str
        Those of ``metadata.csv``, as a part of a line.
    """
    first = METADATA_HEADER.index("bits")  # no field from here on has a comma
    names = METADATA_HEADER[first:]
    found = dict(zip(names, metadata.rsplit(",", len(names))[1:], strict=True))
    is_plain = found["bits"] in _PLAIN_BITS and found.items() >= _PLAIN.items()
    has_labels = float(stats[_LOWEST]) < _HIGHEST_OF_LABELS and int(stats[_UNIQUE]) in _LABELS
    return is_plain and float(stats[_HIGHEST]) >= _HIGHEST_OF_LABELS and not has_labels


def may_be_mended(reason: Reason) -> bool:
    """Return whether a file that the older decoding refused for this reason may be good now."""
    return reason in _MENDED
