"""Every error affekt raises on purpose.

    AffektError
    ├── DataError (ValueError)            an array or field has the wrong shape, type or range
    ├── MediaError                        a file cannot become a clip (subclasses in affekt-media)
    ├── WeightsError                      weights cannot be had (subclasses in affekt-weights)
    ├── PluginError
    │   ├── ComponentNotFound (LookupError)   no plugin offers this name
    │   │   └── ComponentNotInstalled         a distribution of the project does that is not installed
    │   ├── NameTaken (ValueError)            two distributions announce one name
    │   ├── IncompatiblePlugin                a plugin was built for another version of core
    │   └── PluginFailed                      a plugin raised when it was imported
    ├── OptionsError (ValueError)         a component refuses its options
    ├── SpecError (ValueError)            a pipeline file has problems, all listed
    │   └── PipelineNotInstalled          all that is wrong is what is not installed
    ├── MissingDependency (ImportError)   a distribution is not installed; also both …NotInstalled
    └── ComponentError                    a component raised, or broke its role's contract, while it ran

Each message says what is wrong, where and what was found, and ends in a line `Try: …`.
"""


class AffektError(Exception):
    """Root of the tree: `except AffektError` catches what affekt raises on purpose and nothing else."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = message
        self.hint = hint
        super().__init__(message if hint is None else f"{message}\nTry: {hint}")

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments do not survive BaseException's own pickling, and errors cross processes.
        return (_rebuild, (type(self), self.message, self.hint))


def _rebuild(kind: type[AffektError], message: str, hint: str | None) -> AffektError:
    error = kind.__new__(kind)
    AffektError.__init__(error, message, hint=hint)
    return error


class DataError(AffektError, ValueError):
    """An array or a field has the wrong shape, type or range."""


class MediaError(AffektError):
    """A file cannot become a clip."""


class WeightsError(AffektError):
    """The weights of a model cannot be had, or are not what was asked for."""


class PluginError(AffektError):
    """A plugin cannot be used."""


class ComponentNotFound(PluginError, LookupError):
    """No installed plugin offers a component, pipeline or weights of this name."""


class NameTaken(PluginError, ValueError):
    """Two distributions announce the same role and name."""


class IncompatiblePlugin(PluginError):
    """A plugin's own metadata asks for another version of core."""


class PluginFailed(PluginError):
    """A plugin raised while it was imported or asked for its components."""


class OptionsError(AffektError, ValueError):
    """A component refuses its options."""


class SpecError(AffektError, ValueError):
    """A pipeline file or specification has problems; the message lists all of them."""


class MissingDependency(AffektError, ImportError):
    """An optional package of affekt is not installed."""


class ComponentNotInstalled(ComponentNotFound, MissingDependency):
    """A component of this name exists, and the distribution that has it is not installed."""


class PipelineNotInstalled(SpecError, MissingDependency):
    """A pipeline is all right, and distributions that it needs are not installed."""


class ComponentError(AffektError):
    """A component raised while it ran, or returned something its role forbids."""


def described(error: BaseException) -> str:
    """An error in words, also where its own `__str__` raises, as that of a plugin may."""
    try:
        text = str(error)
    except Exception:
        text = "(it cannot be printed)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
