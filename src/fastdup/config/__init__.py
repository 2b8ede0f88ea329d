"""The options of a run, checked whole before the first image is read."""

from fastdup.config.aliases import (
    FAISS_MODE_ALIASES,
    FAISS_PARAM_ALIASES,
    MEANINGLESS,
    NN_PROVIDER_ALIASES,
    OPTION_ALIASES,
)
from fastdup.config.checks import DETECTORS, EXTRACT_AND_SEARCH, EXTRACT_ONLY, SEARCH_ONLY
from fastdup.config.machine import available_cores, available_memory
from fastdup.config.options import DEFAULT_MAX_PIXELS, InputDir, RunConfig
from fastdup.config.providers import (
    AUTO,
    DEFAULT_FAISS_MODE,
    PROVIDERS,
)
from fastdup.config.resolve import resolve_options, unknown_option, warn_meaningless

__all__ = [
    "AUTO",
    "DEFAULT_FAISS_MODE",
    "DEFAULT_MAX_PIXELS",
    "DETECTORS",
    "EXTRACT_AND_SEARCH",
    "EXTRACT_ONLY",
    "FAISS_MODE_ALIASES",
    "FAISS_PARAM_ALIASES",
    "MEANINGLESS",
    "NN_PROVIDER_ALIASES",
    "OPTION_ALIASES",
    "PROVIDERS",
    "SEARCH_ONLY",
    "InputDir",
    "RunConfig",
    "available_cores",
    "available_memory",
    "resolve_options",
    "unknown_option",
    "warn_meaningless",
]
