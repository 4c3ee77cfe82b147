"""Run by the interpreter of a fresh environment: imports what was installed, lists it, loads it; prints JSON.

    python -I probe.py [--light] [--load] DISTRIBUTION...

Only the standard library is imported before the distributions are. `--light` imports the packages and the plugins, and
leaves commands alone, which may stand on a framework that is not there.
"""

import contextlib
import importlib
import io
import json
import sys
import traceback
from collections.abc import Callable
from functools import partial
from importlib import metadata
from typing import Any

FRAMEWORKS = ("torch", "transformers", "tensorflow", "onnxruntime", "cv2")
"""What listing must not import."""
Listed = tuple[Any, list[tuple[str, str]]]
"""The registry, and role and name of each component of the distributions that were asked for."""


def main(arguments: list[str]) -> dict[str, object]:
    """What went wrong in each step, and how many components and commands there are."""
    names = [argument for argument in arguments if not argument.startswith("--")]
    problems: dict[str, list[str]] = {"imports": [], "commands": [], "lists": [], "loads": []}

    def attempt(step: str, what: str, action: Callable[[], object]) -> object:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return action()
        except BaseException as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            problems[step].append(f"{what}: {type(error).__name__}: {error} ({last.filename}:{last.lineno})")
            return None

    listed = _list(names, attempt, problems["lists"])
    commands = 0
    for name in names:
        for package in _packages(name):
            attempt("imports", package, partial(importlib.import_module, package))
        for entry in metadata.distribution(name).entry_points:
            commands += entry.group != "affekt"
            if entry.group == "affekt":
                attempt("imports", f"{entry.name} = {entry.value}", entry.load)
            elif "--light" not in arguments:
                attempt("commands", f"{entry.name} = {entry.value}", entry.load)
    if "--load" in arguments and listed is not None:
        registry, components = listed
        for role, component in components:
            attempt("loads", f"{role} {component}", partial(registry.load, role, component))
    return {"problems": problems, "components": len(listed[1]) if listed else 0, "commands": commands}


def _packages(name: str) -> list[str]:
    """The packages that a distribution brings, as they are imported."""
    paths = [file.parts for file in metadata.distribution(name).files or ()]
    return sorted({parts[0] for parts in paths if len(parts) == 2 and parts[1] == "__init__.py"})


def _list(names: list[str], attempt: Callable[..., Any], problems: list[str]) -> Listed | None:
    """What affekt lists of these distributions; None where the core is not installed, which is no fault."""
    try:
        metadata.distribution("affekt-core")
    except metadata.PackageNotFoundError:
        return None
    registry = attempt("lists", "affekt.plugins()", lambda: importlib.import_module("affekt").plugins())
    if registry is None:
        return None
    problems += [f"{failure.plugin} of {failure.distribution}: {failure.error}" for failure in registry.failures]
    problems += [f"listing imports {name}" for name in FRAMEWORKS if name in sys.modules]
    normal = [name.lower().replace("_", "-") for name in names]
    listed = sorted(
        key for key, entry in registry.components.items() if entry.distribution.lower().replace("_", "-") in normal
    )
    for name in names:
        for entry in metadata.distribution(name).entry_points:
            if entry.group != "affekt":
                continue
            hook = getattr(attempt("lists", entry.value, entry.load), "affekt_components", None)
            for info in hook() if hook else ():
                if (info.role, info.name) not in listed:
                    problems.append(f"{info.role} {info.name} is announced by {entry.value} and not listed")
    return registry, listed


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(main(sys.argv[1:])))
