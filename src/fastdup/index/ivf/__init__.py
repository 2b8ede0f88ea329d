"""The scalable self-join: an inverted file (IVF) in which each list meets all that probe it.

PCA shortens the rows (`pca`), k-means finds the centroids of a coarse quantiser (`kmeans`,
`quantiser`), and each row goes to the inverted list of its nearest centroid (`lists`). Each row
probes the few lists nearest to it (`probes`); each list is compared with all rows that probe it, in
blocks of matrix products (`blocks`). The best of each row's probes, and of those that found it
(`reverse`), are the candidates, which `fastdup.index.rerank` compares exactly.
"""
