"""The options of the provider faiss, read and checked: ``faiss_mode`` and ``faiss_param``."""

import difflib
import re
from dataclasses import dataclass
from typing import Any

from fastdup.config.aliases import FAISS_MODE_ALIASES, FAISS_PARAM_ALIASES
from fastdup.config.providers import DEFAULT_FAISS_MODE
from fastdup.errors import ConfigError
from fastdup.index.metrics import Metric

# Width to try a mode with when the features' is unknown: most numbers of parts divide it.
_TRIAL_DIM = 5040

# The names that ParameterSpace of faiss knows, with the smallest value that makes sense.
_PARAMS = {
    "efConstruction": 1,
    "efSearch": 1,
    "ht": 0,
    "k_factor": 1,
    "k_factor_rf": 1,
    "max_codes": 0,
    "nprobe": 1,
}
_QUANTIZER = "quantizer_"

# Other modes measure something else with manhattan, fail at search time, or abort the process.
_MANHATTAN_MODES = re.compile(r"(IDMap2?,)?(Flat|HNSW\d*(,Flat)?|IVF\d+,Flat)")


@dataclass(frozen=True)
class FaissOptions:
    """Which index faiss makes, and how it is searched.

    Attributes
    ----------
    faiss_mode : str
        An index-factory string.
    faiss_param : str
        ``"efSearch=175,nprobe=200"``. What is not given is efSearch=64 and nprobe=16. A parameter
        that means nothing to this index is ignored, and the log says so.

    Raises
    ------
    ConfigError
        A name in `faiss_param` is unknown, or a value is not a number or too small. The mode is
        checked by `FaissIndex.check`, for the metric and width at hand.
    """

    faiss_mode: str = DEFAULT_FAISS_MODE
    faiss_param: str = ""

    def __post_init__(self) -> None:
        """Read the parameters, which checks them."""
        parse_params(self.faiss_param)

    @property
    def mode(self) -> str:
        """The index-factory string without blanks and misprints."""
        return normalise_mode(self.faiss_mode)

    @property
    def params(self) -> dict[str, float]:
        """The parameters by name."""
        return parse_params(self.faiss_param)


def normalise_mode(faiss_mode: str) -> str:
    """Return the index-factory string meant: the manual's ``HSNW32`` is ``HNSW32``."""
    mode = "".join(str(faiss_mode).split())
    for misspelt, meant in FAISS_MODE_ALIASES.items():
        mode = mode.replace(misspelt, meant)
    return mode


def parse_params(faiss_param: str) -> dict[str, float]:
    """Return the names and values in `faiss_param`, such as ``"efSearch=175,nprobe=200"``.

    The names are those of ``faiss.ParameterSpace``; the manual's ``nprobes`` means ``nprobe``.

    Raises
    ------
    ConfigError
        A name is unknown, or a value is not a number or too small.
    """
    params = {}
    for item in filter(None, (part.strip() for part in str(faiss_param).split(","))):
        name, equals, value = (part.strip() for part in item.partition("="))
        name = FAISS_PARAM_ALIASES.get(name, name)
        _check_name(name, item, faiss_param, bool(equals))
        params[name] = _read_value(name, value, faiss_param)
    return params


def make_index(faiss_mode: str, metric: Metric, dim: int | None = None) -> Any:
    """Return a new faiss index for rows of width `dim`, measuring in `metric`.

    Cosine is the inner product of rows of length 1; modes that do not know it get the squared
    euclidean distance, which orders such rows alike.

    Parameters
    ----------
    faiss_mode : str
        Any string that ``faiss.index_factory`` reads.
    metric : Metric
    dim : int, optional
        When it is not known yet, a width that most modes accept.

    Raises
    ------
    ConfigError
        faiss cannot read the string, or not for this width or metric.
    """
    import faiss

    mode = normalise_mode(faiss_mode)
    if metric is Metric.MANHATTAN and not _MANHATTAN_MODES.fullmatch(mode):
        raise ConfigError(
            f"faiss_mode={faiss_mode!r} does not work with distance='manhattan': the modes that do "
            f"are {DEFAULT_FAISS_MODE!r} (or another number), 'Flat' and 'IVF1024,Flat' (or "
            "another number)"
        )
    kinds = {
        Metric.COSINE: (faiss.METRIC_INNER_PRODUCT, faiss.METRIC_L2),
        Metric.MANHATTAN: (faiss.METRIC_L1,),
    }.get(metric, (faiss.METRIC_L2,))
    reason: Exception | None = None
    for kind in kinds:
        try:
            return faiss.index_factory(dim or _TRIAL_DIM, mode, kind)
        except (RuntimeError, TypeError, ValueError) as exc:
            reason = reason or exc
    width = "" if dim is None else f" for features of width {dim}"
    raise ConfigError(
        f"faiss_mode={faiss_mode!r} is not an index that faiss can make{width}: {brief(reason)}; "
        f"type faiss_mode={DEFAULT_FAISS_MODE!r}, 'Flat', 'IVF1024,Flat' or another "
        "index-factory string"
    ) from reason


def _check_name(name: str, item: str, faiss_param: str, has_value: bool) -> None:
    if name.removeprefix(_QUANTIZER) in _PARAMS and has_value:
        return
    near = difflib.get_close_matches(name, _PARAMS, n=1) or ["efSearch"]
    raise ConfigError(
        f"faiss_param={faiss_param!r}: {item!r} is not one of {', '.join(_PARAMS)} with a value; "
        f"type for example '{near[0]}=64'"
    )


def _read_value(name: str, value: str, faiss_param: str) -> float:
    least = _PARAMS[name.removeprefix(_QUANTIZER)]
    fractions = "k_factor" in name
    try:
        number = float(value) if fractions else int(value)
    except ValueError:
        number = float("nan")
    if not least <= number < 2**31:
        kind = "a number" if fractions else "a whole number"
        raise ConfigError(
            f"faiss_param={faiss_param!r}: {name} must be {kind} of at least {least}, "
            f"not {value!r}; type for example '{name}=64'"
        )
    return number


def brief(reason: Exception | None) -> str:
    """Return what faiss says, without the place in its source code."""
    text = " ".join(str(reason).split())
    return re.sub(r"^Error in .*?\.(cpp|h):\d+: (Error: )?", "", text)[:200]
