"""Names that are in another distribution now. Their old paths warn, and work for one minor version."""

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

from affekt.errors import MissingDependency


def moved(module: str, names: dict[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a module that things moved out of.

    Args:
        names: the name in `module` → `package.module:name`, where it is now.
    """

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        home, _, renamed = names[name].partition(":")
        warnings.warn(
            f"{module}.{name} is {home}.{renamed} now; the old path goes with the next minor version",
            DeprecationWarning,
            stacklevel=2,
        )
        try:
            return getattr(import_module(home), renamed)
        except ModuleNotFoundError as error:
            distribution = home.partition(".")[0].replace("_", "-")
            raise MissingDependency(
                f"{module}.{name} is in {distribution} now, which is not installed", hint=f"pip install {distribution}"
            ) from error

    return get
