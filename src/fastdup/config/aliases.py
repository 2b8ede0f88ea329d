"""Other spellings: of options, of their values, and of options that no longer mean anything.

`resolve` applies the tables to keyword arguments; the command line has every alias as an option.
"""

from collections.abc import Mapping

#: Another spelling of an option → its own name: the manual's, later releases', British ones.
OPTION_ALIASES: Mapping[str, str] = {
    "cc_threshold": "ccthreshold",
    "feature_out_file": "features_out_file",
    "min_file_size": "min_size",
    "min_input_image_height": "min_height",
    "min_input_image_width": "min_width",
    "nearest_neighbours_k": "nearest_neighbors_k",
    "nnf_mode": "faiss_mode",
    "nnf_param": "faiss_param",
}

#: Other names of neighbour providers: of the later releases, and of earlier versions. A ball tree
#: finds what brute force finds, byte for byte.
NN_PROVIDER_ALIASES: Mapping[str, str] = {
    "ball_tree": "brute_force",
    "clusters": "ivf_join",
    "nnf": "faiss",
}

#: Spellings inside ``faiss_mode`` and names in ``faiss_param``: the manual's misprints.
FAISS_MODE_ALIASES: Mapping[str, str] = {"HSNW": "HNSW"}
FAISS_PARAM_ALIASES: Mapping[str, str] = {"nprobes": "nprobe"}

#: What ``turi_param`` may name besides `MEANINGLESS`; its ``nnmodel`` is a number or a name.
TURI_OPTIONS = (
    "ccthreshold",
    "min_file_size",
    "min_input_image_height",
    "min_input_image_width",
    "nnmodel",
)
TURI_MODELS: Mapping[str, str] = {"0": "brute_force", "1": "ball_tree", "2": "lsh"}

_WHOLE_IMAGES = "whole images are compared"
_NOTHING_SENT = "nothing is ever sent anywhere"
_KEPT = "images are only read, and nothing is downloaded for good"

#: Options of the original's later releases that no longer mean anything → what holds instead.
MEANINGLESS: Mapping[str, str] = {
    "augmentation_additive_margin": _WHOLE_IMAGES,
    "augmentation_horiz": _WHOLE_IMAGES,
    "augmentation_vert": _WHOLE_IMAGES,
    "batch_size": "batches are chosen by the tool",
    "delete_img": _KEPT,
    "delete_tar": _KEPT,
    "find_regex": "every file is looked at, whatever its name",
    "high_accuracy": "there is one built-in model; model_path takes another",
    "is_ordered": "the listing is always sorted",
    "license": "no licence key is needed",
    "logger": "the log is Python's: logging.getLogger('fastdup')",
    "no_sort": "the listing is always sorted",
    "print_summary": "summary() returns the lines",
    "print_vl_datasets_ref": "there is no such service",
    "quiet": "the log is Python's: logging.getLogger('fastdup')",
    "resume": "every run goes on where the last one stopped",
    "run_advanced_stats": "the statistics are always whole",
    "run_cc": "groups are always found",
    "run_degree": "there is no such count",
    "run_explain": "there is no such model",
    "run_pagerank": "there is no such ranking",
    "run_sentry": _NOTHING_SENT,
    "run_labels": "labels are those of the annotations",
    "run_stats": "statistics are always taken",
    "save_crops": _KEPT,
    "save_thumbnails": _KEPT,
    "store_int": "files hold names",
    "sync_s3_to_local": _KEPT,
    "tar_only": "every file is looked at",
    "use_bounding_box": "boxes are compared where the annotations have them",
}

#: Options that only later releases have: a script with one of them expects their files, too.
LATER_OPTIONS = frozenset({"cc_threshold", "nnf_mode", "nnf_param", "turi_param", *MEANINGLESS})
