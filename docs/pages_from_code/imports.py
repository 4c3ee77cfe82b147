"""Which file and which distribution of the workspace imports which, read from the sources without running them.

An import counts wherever it stands, also inside a function, except under `if TYPE_CHECKING`.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Graph = Mapping[str, set[str]]
"""Name → the names that it imports."""


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below that are not for type checkers alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from (other, *executed(other))
        else:
            yield from (child, *executed(child))


@dataclass(frozen=True)
class Imports:
    """The imports of all distributions in a repository."""

    root: Path

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Module → its file."""
        found: dict[str, Path] = {}
        for source in (self.root / "core/src", *self.root.glob("packages/*/src"), *self.root.glob("plugins/*/src")):
            for path in sorted(source.rglob("*.py")):
                parts = path.relative_to(source).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    @cached_property
    def files(self) -> dict[str, set[str]]:
        """Module → the modules of the repository that it imports."""
        return {module: set(self._imported(module)) - {module} for module in self.modules}

    @cached_property
    def packages(self) -> dict[str, set[str]]:
        """Import package → the other packages of the repository that it imports."""
        found: dict[str, set[str]] = {_package(module): set() for module in self.modules}
        for module, imported in self.files.items():
            found[_package(module)] |= set(map(_package, imported)) - {_package(module)}
        return found

    def within(self, package: str) -> dict[str, set[str]]:
        """The imports among the files of one package."""
        return {
            module: {other for other in imported if _package(other) == package}
            for module, imported in self.files.items()
            if _package(module) == package
        }

    def _imported(self, module: str) -> Iterator[str]:
        path = self.modules[module]
        parent = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for node in executed(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            yield from filter(None, map(self._module_of, _names(node, parent)))

    def _module_of(self, name: str) -> str:
        """The module that a dotted name lies in; "" where it is none of the repository's."""
        while name and name not in self.modules:
            name = name.rpartition(".")[0]
        return name


def _package(module: str) -> str:
    return module.partition(".")[0]


def _names(node: ast.AST, parent: str) -> list[str]:
    """The dotted names that a statement imports, also `import_module("a.b")`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = parent.split(".")[: len(parent.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *filter(None, [node.module])])
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
        first = node.args[0]
        return [str(first.value)] if isinstance(first, ast.Constant) else []
    return []


def circles(graph: Graph) -> list[list[str]]:
    """The groups of names that import one another, by Tarjan's algorithm; none where all arrows go one way."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = lowest[name] = len(number)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in number:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], number[other])
        if lowest[name] == number[name]:
            start = stack.index(name)
            group, stack[start:] = stack[start:], []
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(graph):
        if name not in number:
            visit(name)
    return found


def reduced(graph: Graph) -> dict[str, set[str]]:
    """The graph without imports that follow from others: what is above an import is above all that it imports."""
    reachable: dict[str, set[str]] = {}

    def below(name: str) -> set[str]:
        if name not in reachable:
            reachable[name] = graph[name].union(*map(below, graph[name]))
        return reachable[name]

    return {name: {one for one in own if not any(one in below(other) for other in own)} for name, own in graph.items()}
