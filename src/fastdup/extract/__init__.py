"""Source × images × embedder → rows of features and records of bad images.

`threads.extract` runs on the threads of this machine, `shards.extract_shards` on an executor such
as Ray.
"""
