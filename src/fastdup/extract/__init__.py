"""Source × images × embedder → rows of features and records of bad images.

`extract` does it on the threads of this machine, `extract_shards` by an executor that others serve.
"""

from fastdup.extract.batch import BATCH_SIZE, BatchExtractor
from fastdup.extract.identical import content_digest
from fastdup.extract.local import extract
from fastdup.extract.shard import ShardWorker
from fastdup.extract.shards import extract_shards
from fastdup.extract.unchanged import count_unchanged

__all__ = [
    "BATCH_SIZE",
    "BatchExtractor",
    "ShardWorker",
    "content_digest",
    "count_unchanged",
    "extract",
    "extract_shards",
]
