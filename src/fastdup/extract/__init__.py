"""Source × images × embedder → rows of features and records of bad images.

`extract` runs on the threads of this machine, `extract_shards` on an executor such as Ray.
"""

from fastdup.extract.batch import BATCH_SIZE, BatchExtractor
from fastdup.extract.content_hash import content_hash
from fastdup.extract.shard import ShardWorker
from fastdup.extract.shards import extract_shards
from fastdup.extract.threads import extract
from fastdup.extract.unchanged import count_unchanged

__all__ = [
    "BATCH_SIZE",
    "BatchExtractor",
    "ShardWorker",
    "content_hash",
    "count_unchanged",
    "extract",
    "extract_shards",
]
