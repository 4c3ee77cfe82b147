"""The help line of a command that another distribution adds, read from its source so that nothing is imported.

It is what typer itself shows first in `affekt NAME --help`: `typer.Typer(help="…")`, or the docstring of the app's
callback, or that of its only command. Where a source says nothing, the distribution's Summary stands in.
"""

import ast
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path


def help_line(entry_point: EntryPoint) -> str:
    """One line on the command that an entry point names; empty where there is none."""
    try:
        source = ast.parse(_file(entry_point.module).read_bytes())
        text = next(_help_texts(source.body, entry_point.attr), None)
    except (OSError, SyntaxError, ValueError, ImportError):
        text = None  # the command says what is wrong with it when it is called
    if not text and entry_point.dist:
        text = entry_point.dist.metadata["Summary"]
    return next(iter((text or "").strip().splitlines()), "")


def _file(module: str) -> Path:
    """Where a module's source lies. Only its top-level package is looked for, which imports nothing."""
    top, *submodules = module.split(".")
    spec = find_spec(top)
    if spec is None:
        raise ImportError(module)
    if not submodules:
        return Path(spec.origin or "")
    path = Path(next(iter(spec.submodule_search_locations or ())), *submodules)
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _help_texts(body: list[ast.stmt], app: str) -> Iterator[str]:
    """The texts that may describe an app of this name, the nearest first."""
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(keywords=keywords)) if name == app:
                yield from (str(text) for keyword in keywords if (text := _constant(keyword, "help")))
    for kind in ("callback", "command"):
        functions = [node for node in body if isinstance(node, ast.FunctionDef) and _is_registered(node, app, kind)]
        if kind == "callback" or len(functions) == 1:
            yield from filter(None, map(ast.get_docstring, functions))


def _constant(keyword: ast.keyword, name: str) -> object:
    return keyword.value.value if keyword.arg == name and isinstance(keyword.value, ast.Constant) else None


def _is_registered(function: ast.FunctionDef, app: str, kind: str) -> bool:
    """Whether a function carries `@app.kind` or `@app.kind(…)`."""
    decorators = [node.func if isinstance(node, ast.Call) else node for node in function.decorator_list]
    return f"{app}.{kind}" in map(ast.unparse, decorators)
