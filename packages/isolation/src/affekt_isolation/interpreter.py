"""`python:` in a pipeline file: which interpreter a component runs in, and what it may use there.

    speech: {use: hubert, layer: 3, python: old/bin/python}
    speech: {use: hubert, python: {path: old/bin/python, timeout: 60, memory: 4GB}}

The component itself is only looked for when it runs.
"""

import shutil
from collections.abc import Mapping
from typing import Any

from affekt import SpecError
from affekt.suggestions import did_you_mean

from affekt_isolation.components import Isolated, isolate

LIMITS = ("timeout", "memory")
"""What a pipeline file may limit: the seconds of a call, and the bytes that the process and those it starts hold."""


def stand_in(role: str, name: str, options: Mapping[str, Any], python: Any) -> Isolated:
    """What core calls for a component whose place in a pipeline file says `python:`.

    Args:
        python: the path of an interpreter, or a mapping with the path and limits.

    Raises:
        SpecError: `python` is neither, names no interpreter that is here, or has other keys.
        OptionsError: a limit makes no sense.
    """
    limits = {"path": python} if isinstance(python, str) else dict(python) if isinstance(python, Mapping) else {}
    path = limits.pop("path", None)
    if not isinstance(path, str):
        raise SpecError(f"the path of an interpreter is needed; found {python!r}", hint="python: old/bin/python")
    if unknown := limits.keys() - set(LIMITS):
        wrong = min(unknown)
        raise SpecError(f'there is no limit "{wrong}"{did_you_mean(wrong, LIMITS)}', hint=f"one of {', '.join(LIMITS)}")
    component = isolate(role, name, options, python=path, **limits)
    if shutil.which(path) is None:
        raise SpecError(f'there is no interpreter "{path}"', hint="the path of a Python executable")
    return component
