"""The options of a run, checked whole before the first image is read."""

from fastdup.config.checks import DETECTORS, EXTRACT_AND_SEARCH, EXTRACT_ONLY, SEARCH_ONLY
from fastdup.config.machine import available_cores, available_memory
from fastdup.config.options import (
    DEFAULT_MAX_PIXELS,
    FAISS_MODE_ALIASES,
    FAISS_PARAM_ALIASES,
    NN_PROVIDER_ALIASES,
    OPTION_ALIASES,
    InputDir,
    RunConfig,
)

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "DETECTORS",
    "EXTRACT_AND_SEARCH",
    "EXTRACT_ONLY",
    "FAISS_MODE_ALIASES",
    "FAISS_PARAM_ALIASES",
    "NN_PROVIDER_ALIASES",
    "OPTION_ALIASES",
    "SEARCH_ONLY",
    "InputDir",
    "RunConfig",
    "available_cores",
    "available_memory",
]
