"""Clusters of a finished run's images, and choices of images that differ most."""

from fastdup.clustering.diverse_sample import Sample, sample
from fastdup.clustering.image_clusters import ImageClusters, kmeans

__all__ = ["ImageClusters", "Sample", "kmeans", "sample"]
