"""The reference of a distribution, from its docstrings. mkdocstrings reads the sources; nothing is imported.

A package with `__all__` shows what it exports, a plugin its components, and any other package its modules.
"""

import ast

from pages_from_code.workspace import Distribution, Workspace

BY_COMMAND = {"affekt-cli", "affekt-template"}
"""Used from the command line alone: their pages are their READMEs."""
CORE = [
    "tracks", "data", "evidence", "answers", "roles", "component", "hooks", "registry", "spec", "swapping", "pipeline",
    "errors",
]  # fmt: skip
"""The modules of core in the order that data flows."""


def pages(workspace: Workspace) -> dict[str, str]:
    """Name and text of every page."""
    return {
        f"reference/{member.name}.md": f"# {member.name}\n\n{_shown(workspace, member)}"
        for member in workspace.members
        if has_page(workspace, member)
    }


def has_page(workspace: Workspace, member: Distribution) -> bool:
    """Whether anything of a distribution is imported by its users."""
    return member.package is not None and member.name not in BY_COMMAND


def _shown(workspace: Workspace, member: Distribution) -> str:
    package = str(member.package)
    if member.name == "affekt-core":
        return _directives([f"affekt.{module}" for module in CORE])
    exported = [f"{package}.{name}" for name in _exports(member)]
    components = _components(workspace, member)
    if exported or components:
        # The options of a component are described by their fields, and its method by its role.
        return _directives(exported) + _directives(components, "show_if_no_docstring: true")
    modules = sorted(path.stem for path in (member.source / package).glob("[!_]*.py") if path.stem != "plugin")
    return _directives([f"{package}.{module}" for module in modules])


def _components(workspace: Workspace, member: Distribution) -> list[str]:
    announced = [entry for entry in workspace.registry.components.values() if entry.distribution == member.name]
    return list(dict.fromkeys(entry.info.target.replace(":", ".") for entry in announced))


def _exports(member: Distribution) -> list[str]:
    """What the package's `__init__` exports, read without importing it."""
    tree = ast.parse((member.source / str(member.package) / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return [str(name) for name in ast.literal_eval(node.value)]
    return []


def _directives(names: list[str], option: str = "") -> str:
    """mkdocstrings' directives: each name is a module, class or function whose members follow it."""
    options = f"    options:\n      {option}\n" if option else ""
    return "".join(f"::: {name}\n{options}\n" for name in names)
