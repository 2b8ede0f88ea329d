"""Which provider searches for neighbours: the choice, its options, and providers from outside."""

import dataclasses
import difflib
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from fastdup.config import RunConfig
from fastdup.config.aliases import NN_PROVIDER_ALIASES
from fastdup.config.providers import AUTO, DEFAULT_FAISS_MODE, PROVIDERS
from fastdup.errors import ConfigError
from fastdup.index.base import NoOptions, Provider, Resources
from fastdup.index.faiss_options import FaissOptions
from fastdup.index.metrics import Metric
from fastdup.index.registered_provider import RegisteredProvider, called

#: ``auto`` compares all pairs of up to so many different rows by the cosine. A fixed number, though
#: machines differ: the same files give the same result everywhere.
EXACT_LIMIT = 20_000
#: The same of other metrics, and of queries that are not among the rows: more would be missed.
EXACT_LIMIT_OF_OTHERS = 100_000

#: ``auto`` takes the first of these that knows the metric, an exact one up to the limit.
AUTO_ORDER = ("brute_force", "ivf_join", "faiss")

_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """What decides the result of a search, besides the features and k.

    Attributes
    ----------
    provider : str
        ``auto``, or the name of a provider.
    distance : {"cosine", "euclidean", "manhattan", "squared_euclidean"}
        See `Metric` for the similarity that each makes.
    faiss_mode, faiss_param : str
        See `FaissOptions`.
    nn_options : str
        Options of the provider named, ``"name=value,name=value"``: the fields of its
        `options_class`.
    exact_limit : int, optional
        ``auto`` compares all pairs of up to so many different rows; by default `EXACT_LIMIT`, or
        for other metrics than the cosine `EXACT_LIMIT_OF_OTHERS`.

    Raises
    ------
    ConfigError
        The distance is unknown, or `faiss_param` makes no sense. `check` looks at the rest.
    """

    provider: str = AUTO
    distance: str = Metric.COSINE.value
    faiss_mode: str = DEFAULT_FAISS_MODE
    faiss_param: str = ""
    nn_options: str = ""
    exact_limit: int | None = None

    def __post_init__(self) -> None:
        """Check what depends on no provider."""
        Metric.of(self.distance)
        FaissOptions(self.faiss_mode, self.faiss_param)

    @classmethod
    def of(cls, config: RunConfig) -> "SearchOptions":
        """Return those of a run."""
        return cls(
            provider=config.provider,
            distance=config.distance,
            faiss_mode=config.faiss_mode,
            faiss_param=config.faiss_param,
            nn_options=config.nn_options,
        )

    @property
    def metric(self) -> Metric:
        """The metric that `distance` names."""
        return Metric.of(self.distance)

    @property
    def most_exact(self) -> int:
        """The number of different rows up to which ``auto`` compares all pairs."""
        if self.exact_limit is not None:
            return self.exact_limit
        return EXACT_LIMIT if self.metric is Metric.COSINE else EXACT_LIMIT_OF_OTHERS

    def check(self, dim: int | None = None) -> None:
        """Refuse what no search could follow; call it before the first image is read.

        Parameters
        ----------
        dim : int, optional
            Width of the features, when it is known already.

        Raises
        ------
        ConfigError
            Says what was given, what is allowed and what to type.
        """
        is_auto = self.provider == AUTO
        if self == SearchOptions(distance=self.distance, exact_limit=self.exact_limit):
            return  # all providers obey the defaults; to ask them is to load them
        for name in AUTO_ORDER if is_auto else (_own_name(self.provider),):
            provider_class = _class_of(name)
            if self.metric in provider_class.metrics:
                self._check_by(provider_class, name, dim)
            elif not is_auto:
                known = ", ".join(sorted(provider_class.metrics))
                raise ConfigError(
                    f"distance={self.distance!r} is not known to nn_provider={name!r}: choose "
                    f"from {known}, or type nn_provider='auto'"
                )

    def _check_by(self, provider_class: type[Provider], name: str, dim: int | None) -> None:
        options = self.of_provider(name)
        if name in PROVIDERS.table:
            provider_class.check(options, self.metric, dim)
        else:
            called(name, "check", lambda: provider_class.check(options, self.metric, dim))

    def of_provider(self, name: str) -> Any:
        """Return the options of one provider: an instance of its `options_class`."""
        options_class = _class_of(name).options_class
        fields = {field.name: field for field in dataclasses.fields(options_class)}
        own = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name in fields}
        free = {field: f for field, f in fields.items() if field not in own}
        given = {
            option: self._value(name, option, text, free)
            for option, text in _named_values(self.nn_options).items()
        }
        try:
            return options_class(**own, **given)
        except ConfigError:
            raise
        except Exception as exc:  # a class of someone else checks values in its own way
            raise ConfigError(
                f"nn_options={self.nn_options!r} of nn_provider={name!r}: {exc}"
            ) from exc

    def _value(self, name: str, option: str, text: str, fields: dict[str, Any]) -> Any:
        """Return the value of an option, of the type of its field."""
        where = f"nn_options={self.nn_options!r} of nn_provider={name!r}"
        if option not in fields:
            near = difflib.get_close_matches(option, fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(fields) or 'none'}"
            raise ConfigError(f"{where}: there is no option {option!r}; {hint}")
        kind = _kind_of(fields[option], name)
        if kind is bool:
            if text.lower() not in _TRUE + _FALSE:
                raise ConfigError(f"{where}: {option} must be yes or no, not {text!r}")
            return text.lower() in _TRUE
        try:
            return kind(text) if kind in (int, float) else text
        except ValueError as exc:
            raise ConfigError(f"{where}: {option} must be a number, not {text!r}") from exc


@dataclass(frozen=True)
class Choice:
    """A provider and why it was taken.

    Attributes
    ----------
    name : str
    reason : str
        Empty when the user asked for it by this name.
    """

    name: str
    reason: str = ""


def choose_provider(options: SearchOptions, n_rows: int) -> Choice:
    """Return the provider for `n_rows` different rows."""
    if options.provider != AUTO:
        name = _own_name(options.provider)
        is_alias = name != options.provider
        given = f"asked for as {options.provider}, which finds the same" if is_alias else ""
        return Choice(name, given)
    reason = ""
    for name in AUTO_ORDER:
        provider_class = _class_of(name)
        if provider_class.exact and n_rows > options.most_exact:
            reason = f"more than {options.most_exact:,} different images"
        elif options.metric in provider_class.metrics:
            return Choice(name, reason)
    raise AssertionError("the last provider of AUTO_ORDER knows every metric")


def make_provider(
    name: str, options: SearchOptions | None = None, resources: Resources | None = None
) -> Provider:
    """Return a new provider of that name."""
    options = options or SearchOptions()
    provider_class, own_options = _class_of(name), options.of_provider(name)
    if name not in PROVIDERS.table:
        return RegisteredProvider(name, provider_class, own_options, resources)
    provider = provider_class(own_options, resources)
    provider.name = name
    return provider


def register_provider(name: str, provider_class: type[Provider]) -> None:
    """Register a neighbour provider of your own under a name, for the life of this process.

    From then on ``nn_provider`` and ``nnmodel`` may name it. A package declares its provider as an
    entry point of the group ``fastdup.providers`` instead, which the command line knows too.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and underscores.
    provider_class : type
        A subclass of `fastdup.index.Provider`.

    Raises
    ------
    ConfigError
        The name exists already, or the class is no such subclass, or its `options_class` is no
        dataclass.
    """
    _check_options_class(name, provider_class)
    PROVIDERS.register(name, provider_class, Provider)


def _class_of(name: str) -> type[Provider]:
    provider_class = PROVIDERS.load(name, Provider)
    _check_options_class(name, provider_class)
    return provider_class


def _check_options_class(name: object, provider_class: type[Provider]) -> None:
    options_class: Any = getattr(provider_class, "options_class", NoOptions)
    if not (isinstance(options_class, type) and dataclasses.is_dataclass(options_class)):
        raise ConfigError(
            f"neighbour provider {name!r}: options_class is {options_class!r}, not a dataclass"
        )


def _kind_of(field: Any, name: str) -> type[Any]:
    """Return bool, int or float where a field's default or type is one, also ``int | None``."""
    if type(field.default) in (bool, int, float):
        return type(field.default)
    try:
        hint = get_type_hints(_class_of(name).options_class).get(field.name)
    except (NameError, TypeError, AttributeError):  # a name that only a type checker imports
        return str
    kinds = set(get_args(hint) or (hint,)) - {type(None)}
    return kinds.pop() if len(kinds) == 1 else str


def _own_name(given: str) -> str:
    return NN_PROVIDER_ALIASES.get(given, given)


def _named_values(text: str) -> dict[str, str]:
    """Return the pairs in ``"name=value,name=value"``."""
    pairs: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not equals:
            raise ConfigError(f"nn_options={text!r}: {item!r} has no value; type '{name}=1'")
        if name in pairs:
            raise ConfigError(f"nn_options={text!r}: {name!r} is given twice; give it once")
        pairs[name] = value
    return pairs
