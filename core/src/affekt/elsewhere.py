"""Names that `affekt` offers and distributions above core hold: what every user needs, and what moved out of core.

What moved warns, and works under its old name for one minor version.
"""

import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import Any

from affekt.errors import MissingDependency

NAMES = dict.fromkeys(("DISCLAIMER", "Analysis", "FailedAnalysis", "Interrupted"), "affekt_recordings")
"""A name in `affekt` → the package that holds it."""
MOVED_NAMES = dict.fromkeys(("Attempt", "Reply", "closed_loop"), "affekt_reply")
"""A name that was in `affekt` → the package that holds it now."""
MOVED_MODULES = {
    "analysis": ("affekt_recordings", "DISCLAIMER Analysis FailedAnalysis"),
    "asking": ("affekt_recordings.asking", "TASKS Task TextAnswer ask require_answers"),
    "beside": ("affekt_reply", "beside"),
    "packing": ("affekt_isolation.packing", "KINDS pack unpack"),
    "reply": ("affekt_reply", "Attempt Reply answer closed_loop require_writer respond written"),
    "sources": ("affekt_recordings.sources", "Recording Sound Waveform name_of"),
    "windows": ("affekt_recordings.windows", "Part UNKEPT read_windows"),
    "wording": ("affekt_reply.wording", "word_error_rate words_of"),
}
"""A module that was in `affekt` → the module that holds its names now, and these names."""
RENAMED = {"beside": "relative_to_neutral"}


class MovedModule(ModuleType):
    """Stands for a module that is elsewhere: what was in it comes from there, with a warning."""

    def __getattr__(self, name: str) -> Any:
        home, names = MOVED_MODULES[self.__name__.partition(".")[2]]
        if name not in names.split():  # pickle asks every module for names that it never had
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return _moved(self.__name__, name, home)


for _name in MOVED_MODULES:
    sys.modules[f"affekt.{_name}"] = MovedModule(f"affekt.{_name}")


def get(name: str) -> Any:
    """The `__getattr__` of `affekt`.

    Raises:
        MissingDependency: the distribution that holds the name is not installed.
    """
    if name in NAMES:
        return _imported("affekt", name, NAMES[name])
    if name in MOVED_NAMES:
        return _moved("affekt", name, MOVED_NAMES[name])
    if name in MOVED_MODULES:
        return sys.modules[f"affekt.{name}"]
    raise AttributeError(f"module 'affekt' has no attribute {name!r}")


def _moved(module: str, name: str, home: str) -> Any:
    current = RENAMED.get(name, name)
    warnings.warn(
        f"{module}.{name} is {home}.{current} now; the old path goes with the next minor version",
        DeprecationWarning,
        stacklevel=3,
    )
    return _imported(module, current, home)


def _imported(module: str, name: str, home: str) -> Any:
    try:
        return getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        distribution = home.partition(".")[0].replace("_", "-")
        raise MissingDependency(
            f"{module}.{name} is in {distribution}, which is not installed", hint=f"pip install {distribution}"
        ) from error
