"""``fastdup kmeans``: the images of a run in clusters."""

import argparse

from fastdup.cli.parser import CommandParser
from fastdup.cli.rows_compared import add_rows_option
from fastdup.cli.terminal import print_line


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments to its parser."""
    parser.description = (
        "Put the images in WORK_DIR into N clusters by k-means over their rows. Writes "
        "kmeans_assignments.csv, the cluster of each image; kmeans_nearest.csv, the images nearest "
        "to each centre; and kmeans_centroids.csv, the centres. The result is the same each time."
    )
    parser.set_defaults(act=_kmeans)
    parser.add_argument("work_dir", metavar="WORK_DIR", help="the work folder of a run")
    parser.add_argument(
        "-n", type=int, default=100, metavar="N", help="number of clusters (default: 100)"
    )
    parser.add_argument(
        "--iterations",
        type=int,
        default=20,
        metavar="N",
        help="how often the centres are moved (default: 20)",
    )
    parser.add_argument(
        "--nearest",
        type=int,
        default=5,
        metavar="N",
        help="number of images to list for each centre, the nearest ones (default: 5)",
    )
    add_rows_option(parser)
    parser.add_argument(
        "--gallery",
        action="store_true",
        help="make the page WORK_DIR/kmeans_clusters.html too, of all clusters",
    )


def _kmeans(options: argparse.Namespace) -> None:
    from fastdup.clustering import kmeans
    from fastdup.workdir import WorkDir

    found = kmeans(
        options.work_dir,
        options.n,
        n_iterations=options.iterations,
        n_nearest=options.nearest,
        by=options.by,
    )
    for line in found.lines():
        print_line(line)
    print_line(f"clusters: {WorkDir(options.work_dir).kmeans_assignments}")
    if options.gallery:
        from fastdup.clustering.image_clusters import create_clusters_gallery
        from fastdup.runs.finished import stored_labels

        labels = stored_labels(options.work_dir)
        print_line(create_clusters_gallery(options.work_dir, None, 0, get_label_func=labels))
