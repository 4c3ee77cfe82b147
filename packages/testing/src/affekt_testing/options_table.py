"""Tables of options in Markdown, made from the code, and READMEs that hold them between two comments.

<!-- options: encoder hubert -->
<!-- /options -->
"""

import re
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from affekt import AffektError, plugins
from pydantic import BaseModel
from pydantic.fields import FieldInfo

MARKED = re.compile(r"(<!-- options: (\w+) ([\w.-]+) -->\n)(.*?)(<!-- /options -->)", re.DOTALL)

WORDS = {str: "text", int: "integer", float: "number", bool: "true or false", Path: "path", NoneType: "null"}
SIGNS = {"gt": "> ", "ge": "≥ ", "lt": "< ", "le": "≤ ", "min_length": "at least ", "max_length": "at most "}


class StaleReadme(AffektError):
    """A README holds a table of options that is not the code's, or none."""


def table(role: str, name: str) -> str:
    """The options of an installed component, one a row.

    Raises:
        ComponentNotFound: there is none of this role and name.
    """
    kind: Any = plugins().load(role, name)  # type: ignore[arg-type]
    if not kind.model_fields:
        return "It has no options.\n"
    rows = [
        (f"`{option}`", _values(field), _default(field), field.description or "")
        for option, field in kind.model_fields.items()
    ]
    lines = [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ").strip() for cell in row) + " |" for row in rows
    ]
    return "\n".join(["| Option | Value | Default | What it does |", "|---|---|---|---|", *lines]) + "\n"


def filled(text: str) -> str:
    """The text of a README with every marked table brought up to date."""
    return MARKED.sub(lambda mark: f"{mark[1]}{table(mark[2], mark[3])}{mark[5]}", text)


def announced_by(distribution: str) -> set[tuple[str, str]]:
    """(role, name) of the components of one distribution."""
    return {key for key, announcement in plugins().components.items() if announcement.distribution == distribution}


def check(readme: Path, distribution: str | None = None) -> None:
    """Compares the tables of a README with the code.

    Raises:
        StaleReadme: a table is out of date, or one of the distribution's components has none.
    """
    text = readme.read_text(encoding="utf-8")
    again = f"affekt kit options --write {readme.name}"
    if filled(text) != text:
        stale = [f"{mark[2]} {mark[3]}" for mark in MARKED.finditer(text) if table(mark[2], mark[3]) != mark[4]]
        raise StaleReadme(f"{readme} has tables of options that are out of date: {', '.join(stale)}", hint=again)
    shown = {(mark[2], mark[3]) for mark in MARKED.finditer(text)}
    if distribution and (absent := sorted(announced_by(distribution) - shown)):
        role, name = absent[0]
        marks = f"<!-- options: {role} {name} --> and <!-- /options -->, each on a line, then {again}"
        raise StaleReadme(f"{readme} has no table of options for the {role} {name}", hint=marks)


def _values(field: FieldInfo) -> str:
    bounds = [
        f"{sign}{getattr(rule, key):g}" for rule in field.metadata for key, sign in SIGNS.items() if hasattr(rule, key)
    ]
    return ", ".join([_type(field.annotation), *bounds])


def _type(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inner[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in (Union, UnionType):
        return " or ".join(_type(part) for part in inner)
    if origin in (tuple, list, frozenset, set):
        kinds = dict.fromkeys(_type(part) for part in inner if part is not Ellipsis)
        return f"list of {' and '.join(kinds)}"
    if origin is dict:
        return f"mapping of {_type(inner[0])} to {_type(inner[1])}"
    return WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    plain = str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else plain
    text = yaml.safe_dump(plain, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return f"`{text.removesuffix('...' + chr(10)).strip()}`"


def marked(role: str, name: str) -> Iterator[str]:
    """The table between its comments, ready to be pasted."""
    yield f"<!-- options: {role} {name} -->\n"
    yield table(role, name)
    yield "<!-- /options -->\n"
