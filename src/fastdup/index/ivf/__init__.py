"""The scalable self-join: an inverted file (IVF) in which each list meets all that probe it.

PCA shortens the rows (`pca`), k-means finds the centroids of a coarse quantiser (`kmeans`,
`quantiser`), and each row goes to the inverted list of its nearest centroid (`lists`).

For the cosine, rows are stored as `codes`. Each list is compared with the lists around it
(`homes`), and then with all rows for which it stands out (`nearby`); of the products, only those
count that are closer than what a row has (`self_join`, `nearest_pairs`).

For other distances, and for queries that are not among the rows, each row probes the few lists
nearest to it (`probes`); each list is compared with all rows that probe it, in blocks (`blocks`).
The best of each row's probes, and of those that found it (`reverse`), are the candidates.

Either way, `fastdup.index.rerank` compares the candidates exactly.
"""
