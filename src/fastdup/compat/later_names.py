"""The table of all names of later releases: what each is here, or what does its work instead.

docs/moving.md shows this table, and a test goes through it row by row. It is cheap to import.
"""

from collections.abc import Mapping
from typing import NamedTuple, NoReturn


class Later(NamedTuple):
    """A name of later releases.

    Attributes
    ----------
    target : str
        ``module:attribute`` that it is here; "" if there is none.
    words : str
        What it does; or, in one sentence, what it did and what does it here.
    """

    target: str
    words: str


_TOP = "fastdup.compat.top_components:"
_REMOVAL = "fastdup.compat.later_removal:"
_GALLERIES = "fastdup.compat.later_galleries:"
_CLUSTERS = "fastdup.compat.clusters:"
_CLASSIFIERS = "fastdup.compat.classifiers:"
_SEARCH = "fastdup.compat.later_search:"
_SPRITE = "fastdup.compat.sprite:"
_RUNS = "fastdup.compat.later_runs:"
_TOOLS = "fastdup.compat.label_tools:"
_FILES = "fastdup.compat.definitions:"

_NO_CAPTIONS = (
    "it wrote captions by a language model, which fastdup does not have: put your own captions "
    "in the annotations, fd.run(annotations=table)"
)
_NO_ENRICHMENT = (
    "it tagged, detected or segmented by models of others, which fastdup does not have: put their "
    "results in the annotations, boxes too, fd.run(annotations=table)"
)

#: Functions of the module.
FUNCTIONS: Mapping[str, Later] = {
    "create_aspect_ratio_gallery": Later(
        _GALLERIES + "create_aspect_ratio_gallery", "images by width / height"
    ),
    "create_component_videos_gallery": Later(
        _GALLERIES + "create_component_videos_gallery", "`create_components_gallery` of frames"
    ),
    "create_duplicate_videos_gallery": Later(
        _GALLERIES + "create_duplicate_videos_gallery", "`create_duplicates_gallery` of frames"
    ),
    "create_kmeans_classifier": Later(
        _CLASSIFIERS + "create_kmeans_classifier", "the most frequent label of each cluster"
    ),
    "create_kmeans_clusters_gallery": Later(
        _CLUSTERS + "create_kmeans_clusters_gallery", "the clusters of `run_kmeans`"
    ),
    "create_knn_classifier": Later(
        _CLASSIFIERS + "create_knn_classifier", "the label that the k nearest images suggest"
    ),
    "delete_components": Later(
        _TOP + "delete_components",
        "one file of each component stays, what was found to be copies goes to the trash; "
        '`how="all"`: whole components',
    ),
    "delete_components_by_label": Later(
        "fastdup.compat.mixed_components:delete_components_by_label",
        "one file with the usual label of each component stays, and those with other labels",
    ),
    "delete_or_retag_stats_outliers": Later(
        _REMOVAL + "delete_or_retag_stats_outliers",
        "files whose statistic is out of bounds go to the trash, are moved, or listed for labelImg "
        "or CVAT",
    ),
    "export_to_cvat": Later(
        _TOOLS + "export_to_cvat", "`annotations.xml`, which CVAT imports: images with tags"
    ),
    "export_to_labelImg": Later(
        _TOOLS + "export_to_labelImg", "an XML file for each image, as labelImg opens it"
    ),
    "export_to_tensorboard_projector": Later(
        _SPRITE + "export_to_tensorboard_projector", "vectors, names and pictures for TensorBoard"
    ),
    "extract_video_frames": Later(
        _RUNS + "extract_video_frames", "writes the frames that a run compares as JPEG files"
    ),
    "find_top_components": Later(
        _TOP + "find_top_components", "`component_id, files, distance, len`, the largest first"
    ),
    "generate_sprite_image": Later(
        _SPRITE + "generate_sprite_image", "thumbnails in one picture, and the labels"
    ),
    "init_search": Later(_SEARCH + "init_search", "chooses what `search` searches"),
    "iterate_on_webdatasets": Later("", _NO_CAPTIONS),
    "load_config": Later(_RUNS + "load_config", "`fd.config`, by the work folder"),
    "package_webdataset": Later(
        "fastdup.compat.webdataset_tars:package_webdataset",
        "the images of a folder in tars, without those of two tables",
    ),
    "read_coco_labels": Later(
        "fastdup.compat.coco_labels:read_coco_labels",
        "file → label, of YOLO or COCO files, for `get_label_func=`",
    ),
    "remove_duplicates": Later(
        _REMOVAL + "remove_duplicates", "runs, and moves the copies to the trash"
    ),
    "run_kmeans": Later(_CLUSTERS + "run_kmeans", "`kmeans_assignments.csv`"),
    "run_kmeans_on_extracted": Later(
        _CLUSTERS + "run_kmeans_on_extracted", "the same, with the features that are there"
    ),
    "run_on_webdataset": Later(_RUNS + "run_on_webdataset", "`run`, which reads tars"),
    "search": Later(_SEARCH + "search", "the stored images most similar to new ones"),
    "vector_search": Later(_SEARCH + "vector_search", "the stored images nearest to a vector"),
    "top_k_label": Later(
        _CLASSIFIERS + "top_k_label", "the most frequent label among the first k neighbours"
    ),
}

#: Methods of the object that later releases have beside those of docs/python-api.md.
METHODS: Mapping[str, Later] = {
    "caption": Later("", _NO_CAPTIONS),
    "enrich": Later("", _NO_ENRICHMENT),
    "feature_vector": Later("feature_vector", "the features of one image, and its path"),
    "feature_vectors": Later("feature_vectors", "the features of images, and their paths"),
    "get_annotations_dataframe": Later(
        "get_annotations_dataframe", "`annotations(valid_only=False)`"
    ),
    "img_grouped_annot": Later("img_grouped_annot", "the annotations with a row per image"),
    "num_instances": Later("num_instances", "the number of good images"),
    "vector_search": Later("vector_search", "the stored images nearest to a vector"),
    "vl_datasets_ref_printout": Later("", "it named data sets of a service: there is none here"),
    "init_search": Later("init_search", "how many images `search` returns"),
    "vis.aspect_ratio_gallery": Later("vis.aspect_ratio_gallery", "images by width / height"),
    "vis.components_gallery": Later("vis.components_gallery", "`vis.component_gallery`"),
}

#: Name of a file in ``definitions`` without ``FILENAME_`` → the file.
NAMED_FILES = {
    "COMPONENTS_HTML": "components.html",
    "COMPONENT_INFO": "component_info.csv",
    "CONNECTED_COMPONENTS": "connected_components.csv",
    "DUPLICATES_HTML": "duplicates.html",
    "FEATURES": "features.dat",
    "IMAGE_LIST": "features.dat.csv",
    "IMAGE_STATS": "stats.csv",
    "KMEANS_ASSIGNMENTS": "kmeans_assignments.csv",
    "KMEANS_CENTROIDS": "kmeans_centroids.csv",
    "LABELS": "labels.csv",
    "NNF_INDEX": "nnf.index",
    "OUTLIERS": "outliers.csv",
    "OUTLIERS_HTML": "outliers.html",
    "SIMILARITY": "similarity.csv",
}

_TIMM = Later(
    "fastdup.compat.timm_encoder:TimmEncoder", "features by a model of timm, where it is installed"
)

#: Submodules: name → its names, or why there are none.
MODULES: Mapping[str, Mapping[str, Later] | Later] = {
    "captions": Later("", _NO_CAPTIONS),
    "datasets": {
        "FastdupHFDataset": Later(
            "fastdup.compat.hub_datasets:FastdupHFDataset",
            "the pictures of a data set as files, and their labels",
        )
    },
    "definitions": {
        f"FILENAME_{name}": Later(f"{_FILES}FILENAME_{name}", f"`{file}`")
        for name, file in NAMED_FILES.items()
    },
    "embeddings": {},
    "embeddings.timm": {"TimmEncoder": _TIMM},
    "embeddings_timm": {"TimmEncoder": _TIMM},
    "engine": {
        "Fastdup": Later("fastdup.compat.later_object:Fastdup", "`fastdup.Fastdup`"),
        "create": Later("fastdup.compat.later_object:create", "`fastdup.create`"),
    },
    "fastdup_controller": {
        "FastdupController": Later("fastdup.compat.later_object:Fastdup", "`fastdup.Fastdup`"),
    },
    "fastdup_galleries": {
        "FastdupVisualizer": Later("fastdup.compat.later_visuals:Visuals", "`fastdup.Visuals`"),
    },
    "fastdup_runner": Later(
        "", "it ran the explorer of later releases: fd.explore(), or fastdup explore WORK_DIR"
    ),
    "models_grounding_dino": Later("", _NO_ENRICHMENT),
    "models_ram": Later("", _NO_ENRICHMENT),
    "models_recognize_anything": Later("", _NO_ENRICHMENT),
    "models_sam": Later("", _NO_ENRICHMENT),
    "models_segment_anything": Later("", _NO_ENRICHMENT),
    "models_tag2text": Later("", _NO_ENRICHMENT),
    "sentry": Later("", "it sent reports of errors to its makers: nothing is sent anywhere here"),
    "synthetic_image_data": Later(
        "", "it made pictures for tests: demo/ of the source distribution makes examples"
    ),
}

#: Columns of data frames, which stand after those of docs/python-api.md.
COLUMNS: Mapping[str, str] = {
    "filename_from, filename_to": "`similarity()`: `from`, `to`",
    "filename_outlier, filename_nearest": "`outliers()`: `outlier`, `nearest`",
    "split_from, split_to, …": "each column of the annotations, with the suffix of its file",
    "index_x, index_y, fd_index_from, …": "of pairs: rows of the features",
    "error_code_from, is_valid_from, …": "of pairs: `VALID`, True",
    "index, fd_index": "of images: row of the features, -1 without one",
    "error_code, is_valid": "`connected_components()[0]`, `img_stats()`: `VALID`, True",
    "img_w, img_h": "`img_stats()`: `width`, `height`",
    "comp_size, len": "`count` of components, a number of images",
    "distance": "`connected_components_grouped()`: `mean_distance`",
    "bbox_x, bbox_y, bbox_w, bbox_h": "of annotations: `col_x, row_y, width, height`",
    "x, y, w, h": "of annotations: the same",
}

#: Files that ``compat_files=True`` writes into the work folder.
FILES: Mapping[str, str] = {
    "atrain_features.dat": "`features.dat`",
    "atrain_features.dat.csv": "`features.dat.csv`",
    "atrain_features.bad.csv": "`features.bad.csv`",
    "atrain_stats.csv": "`stats.csv`",
    "components_per_image.csv": "one row per good image, in the order of the features",
    "nnf.index": "`faiss.index`, if faiss was used",
}

#: Pages, beside those of docs/galleries.md; `vis` puts its pages into ``galleries/`` too.
PAGES: Mapping[str, str] = {
    "blur.html, mean.html, max.html, …": "`stats-blur.html`, `stats-dark.html`, `stats-max.html`",
    "aspect_ratio.html": "`create_aspect_ratio_gallery`",
    "kmeans_clusters.html": "`create_kmeans_clusters_gallery`",
    "galleries/NAME.html": "the pages that `vis` makes in the work folder",
}


def refuse(name: str) -> NoReturn:
    """Raise NotImplementedError with the sentence of a function or method that is not here."""
    row = FUNCTIONS.get(name) or METHODS[name]
    raise NotImplementedError(f"fastdup.{name} is not here: {row.words}")
