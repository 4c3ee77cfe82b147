"""One call of a component: what it returns is checked against its role's contract, and an error names its slot."""

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from affekt.errors import AffektError, ComponentError, described
from affekt.shapes import fingerprint

OnProgress = Callable[[str], None]
"""A callback for progress displays: it is called with the slot that begins."""


def silent(slot: str) -> None:
    """Shows no progress."""


def renamed(former: dict[str, Any], name: str, value: OnProgress) -> OnProgress:
    """A callback that may still come under its former name, which warns for one minor version.

    Raises:
        TypeError: `former` holds any other name.
    """
    if others := [given for given in former if given != name]:
        raise TypeError(f"unexpected keyword arguments: {', '.join(others)}")
    if name in former:
        warnings.warn(f"`{name}` is called `on_progress` now", DeprecationWarning, stacklevel=3)
    on_progress: OnProgress = former.get(name, value)
    return on_progress


def call(slot: str, component: Any, method: str, batch: Sequence[Any], kinds: tuple[type, ...]) -> list[Any]:
    """Calls a role's method and checks what comes back, and that what went in is as it was."""
    where = f'"{slot}" ({type(component).__name__}.{method})'
    before = [fingerprint(value) for value in batch]
    try:
        results = getattr(component, method)(batch)
    except AffektError as error:
        error.add_note(f"in {where}")
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, too: a component must not end its caller
        raise ComponentError(f"{where} raised {described(error)}", hint="affekt doctor") from error
    if [fingerprint(value) for value in batch] != before:
        raise ComponentError(
            f"{where} changed its inputs, which every other component shares",
            hint=f"report it to the author, or run {slot} in a process of its own: python: {sys.executable}",
        )
    if not isinstance(results, list) or len(results) != len(batch):
        size = len(results) if isinstance(results, Sequence) else type(results).__name__
        raise ComponentError(f"{where} should return a list of {len(batch)}, one an input; found {size}")
    for result in results:
        if not isinstance(result, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise ComponentError(f"{where} should return {wanted}; found {type(result).__name__}")
    return results
