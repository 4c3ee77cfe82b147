"""What one plugin's module announces, asked through pluggy in a plugin manager of its own.

What is meant as a hook and is none is an error: a misspelt name, a forgotten `@hookimpl`, a module without any.
"""

from collections.abc import Iterator
from inspect import isroutine
from itertools import islice
from typing import Any

import pluggy

from affekt.errors import PluginFailed
from affekt.hooks import ComponentInfo, FunctionInfo, Hooks, PipelineInfo
from affekt.suggestions import did_you_mean

PROJECT = "affekt"
PREFIX = "affekt_"
MOST = 1000
"""What one hook of a plugin may announce; an endless generator must not hold up the list."""
KINDS: dict[str, type | None] = {
    "affekt_components": ComponentInfo,
    "affekt_pipelines": PipelineInfo,
    "affekt_weights": None,  # affekt-weights has the type, and says itself what is none
    "affekt_analyze": FunctionInfo,
    "affekt_stream": FunctionInfo,
    "affekt_respond": FunctionInfo,
    "affekt_reader": FunctionInfo,
    "affekt_notebook": FunctionInfo,
    "affekt_isolation": FunctionInfo,
}
KIND_OF = {"affekt_pipelines": "pipeline", "affekt_weights": "weights"}


def announcements(plugin: str, module: Any) -> list[tuple[str, str, Any]]:
    """(role, "pipeline", "weights" or "function"; name; what is announced) of one plugin.

    Raises:
        PluginFailed: its hooks are misspelt, unmarked or missing, or they yield something else.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    _refuse_unmarked(plugin, module, manager)
    manager.register(module, name=plugin)
    _refuse_unknown(plugin, module, manager)
    return [entry for hook in KINDS for entry in _yielded(plugin, hook, manager)]


def _refuse_unmarked(plugin: str, module: Any, manager: pluggy.PluginManager) -> None:
    for name in dir(module):
        meant = name.startswith(PREFIX) and isroutine(getattr(module, name, None))
        if meant and manager.parse_hookimpl_opts(module, name) is None:
            raise PluginFailed(
                f'plugin "{plugin}": the function {name} has the name of a hook and lacks the mark `@hookimpl`',
                hint=f"`from affekt import hookimpl`, and `@hookimpl` above `def {name}`",
            )


def _refuse_unknown(plugin: str, module: Any, manager: pluggy.PluginManager) -> None:
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        callers = manager.get_hookcallers(module) or ()
        unknown = next(caller.name for caller in callers if not caller.has_spec())
        raise PluginFailed(
            f'plugin "{plugin}": there is no hook "{unknown}"{did_you_mean(unknown, KINDS)}',
            hint=f"one of {', '.join(KINDS)}",
        ) from error
    if not manager.get_hookcallers(module):
        raise PluginFailed(
            f'plugin "{plugin}": {getattr(module, "__name__", module)!s} has no hook, so it announces nothing',
            hint=f"an entry point that names the module with {', '.join(KINDS)}",
        )


def _yielded(plugin: str, hook: str, manager: pluggy.PluginManager) -> Iterator[tuple[str, str, Any]]:
    infos = [info for infos in getattr(manager.hook, hook)() for info in islice(infos, MOST + 1)]
    if len(infos) > MOST:
        raise PluginFailed(f"{plugin}: {hook} yields more than {MOST} entries")
    kind = KINDS[hook]
    for info in infos:
        if kind is not None and not isinstance(info, kind):
            raise PluginFailed(f"{plugin}: {hook} yields {info!r}, not {kind.__name__}")
        if isinstance(info, FunctionInfo):
            yield "function", hook.removeprefix(PREFIX), info
        else:
            yield info.role if isinstance(info, ComponentInfo) else KIND_OF[hook], info.name, info
