"""Breaks the code on purpose, one place at a time, and says whether the tests notice.

    python integration-tests/mutations.py [DISTRIBUTION ...] [--json]

`mutations.toml` names the places: a file, a function in it, and the kind of change. For each, the file is changed on
disk, its tests run in a process of their own, and the file is put back, also after Ctrl-C. The status is 1 unless every
mutation was caught.

Neither library in use does this: mutmut mutates whole packages in a copy that editable installations do not see, and
cosmic-ray's operators are named by the text they replace, know neither `return` nor `in`, and bind `not` too tightly.
"""

import argparse
import ast
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, NoReturn, get_args

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("mutations.toml")
LIMIT = 120.0
"""Seconds that the tests of one mutation may take."""
SERVER = multiprocessing.get_context("forkserver")
"""Processes begin with what takes long to import and is never broken."""
PRELOADED = ["pytest", "hypothesis", "pydantic", "yaml", "scipy.signal", "sklearn.metrics", "torch", "transformers"]

Kind = Literal["negate", "compare", "boolean", "arithmetic", "number", "return"]
Outcome = Literal["caught", "survived", "did not apply", "tests fail without it", "took too long"]

TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
REPLACED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One place to break, and the tests that must fail then."""

    distribution: str
    """The folder of the distribution, from the root: `core`, `plugins/hubert`."""
    file: str
    """The file to break, from the distribution's folder."""
    function: str
    """The qualified name of a function, a class or a constant: `Clock.tick`, `LONGEST`."""
    kind: Kind
    """`negate` a condition, turn a `compare`, swap a `boolean` or `arithmetic` operator, add one to a `number`, or
    `return` None."""
    which: int = 1
    """Which occurrence in the function, counted from 1 in the order of the text; f-strings are left out."""
    tests: tuple[str, ...]
    """Files or node ids of pytest, from the distribution's folder."""

    @property
    def path(self) -> str:
        """The file to break, from the root."""
        return f"{self.distribution}/{self.file}"

    @property
    def node_ids(self) -> tuple[str, ...]:
        """The tests, from the root."""
        return tuple(f"{self.distribution}/{test}" for test in self.tests)

    def __str__(self) -> str:
        return f"{self.path}  {self.function}  {self.kind} {self.which}"


@dataclass(frozen=True)
class Result:
    """What became of a mutation."""

    mutation: Mutation
    outcome: Outcome
    seconds: float
    detail: str = ""


class DoesNotApply(Exception):
    """The function, or an occurrence of that kind in it, is not there."""


class Refused(Exception):
    """A file that would be broken has changes that are not committed."""


def read_list(path: Path = LIST) -> list[Mutation]:
    """The mutations of a list, in its order."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    mutations = [
        Mutation(distribution=distribution, **{**row, "tests": tuple(row["tests"])})
        for distribution, rows in tables.items()
        for row in rows
    ]
    for mutation in mutations:
        if mutation.kind not in get_args(Kind):
            raise ValueError(f"{path.name}: {mutation}: no such kind.\nTry: one of {', '.join(get_args(Kind))}")
    return mutations


def mutant(source: str, function: str, kind: Kind, which: int = 1) -> str:
    """The source with one place changed; everything around that place keeps its text."""
    scope = definition(ast.parse(source), function)
    places = list(changes(scope, kind))
    if not 1 <= which <= len(places):
        raise DoesNotApply(f"{function} has {len(places)} places of the kind {kind}")
    node, replacement = places[which - 1]
    text = ast.unparse(ast.fix_missing_locations(replacement))
    encoded = source.encode()
    start = offset(encoded, node.lineno, node.col_offset)
    end = offset(encoded, node.end_lineno or node.lineno, node.end_col_offset or 0)
    text = f"({text})" if isinstance(node, ast.expr) else text
    return (encoded[:start] + text.encode() + encoded[end:]).decode()


def definition(tree: ast.AST, name: str) -> ast.AST:
    """The function, class or assignment of that qualified name."""
    for part in name.split("."):
        named = [node for node in statements(tree) if part in names(node)]
        if not named:
            raise DoesNotApply(f"no function, class or constant {name}")
        tree = named[-1]  # of overloads, the last one holds the code
    return tree


def statements(scope: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a scope, also those in its conditions and loops, not those of the definitions in it."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from statements(child)


def names(statement: ast.stmt) -> set[str]:
    """What a definition or an assignment names."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()


def changes(scope: ast.AST, kind: Kind) -> list[tuple[ast.expr | ast.stmt, ast.AST]]:
    """Each place of that kind with what to put there, in the order of the text."""
    places = [place for node in below(scope) for place in changes_of(node, kind)]
    return sorted(places, key=lambda place: (place[0].lineno, place[0].col_offset))


def below(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, without f-strings: Python 3.11 does not know the positions in them."""
    if not isinstance(node, ast.JoinedStr):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from below(child)


def changes_of(node: ast.AST, kind: Kind) -> Iterator[tuple[ast.expr | ast.stmt, ast.AST]]:
    """The changes of that kind to one node."""
    match kind, node:
        case "negate", ast.If() | ast.IfExp() | ast.While() | ast.Assert():
            yield node.test, ast.UnaryOp(ast.Not(), node.test)
        case "negate", ast.comprehension(ifs=conditions):
            yield from ((condition, ast.UnaryOp(ast.Not(), condition)) for condition in conditions)
        case "compare", ast.Compare(ops=[first, *others]):
            yield node, ast.Compare(node.left, [TURNED[type(first)](), *others], node.comparators)
        case "boolean", ast.BoolOp(op=operator, values=values):
            yield node, ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case "arithmetic", ast.BinOp(op=operator) if type(operator) in REPLACED:
            yield node, ast.BinOp(node.left, REPLACED[type(operator)](), node.right)
        case "arithmetic", ast.AugAssign(op=operator) if type(operator) in REPLACED:
            yield node, ast.AugAssign(node.target, REPLACED[type(operator)](), node.value)
        case "number", ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            yield node, ast.Constant(value + 1)
        case "return", ast.Return(value=ast.expr() as value):
            yield value, ast.Constant(None)


def offset(source: bytes, line: int, column: int) -> int:
    """The place of a line and a column in the source, in bytes as `ast` counts them."""
    return sum(map(len, source.splitlines(keepends=True)[: line - 1])) + column


@contextmanager
def broken(path: Path, text: str) -> Iterator[None]:
    """The file holds another text in this context, and afterwards, whatever happened, what it held before.

    The original lies beside it meanwhile. Its time stamp returns with it and the mutant has another one, so that no
    compiled file is taken for the other's.
    """
    aside = path.with_name(f"{path.name}.unbroken")
    shutil.copy2(path, aside)
    try:
        path.write_text(text, encoding="utf-8", newline="")
        later = aside.stat().st_mtime + 2
        os.utime(path, (later, later))
        yield
    finally:
        os.replace(aside, path)


def run_tests(node_ids: Iterable[str], root: Path, limit: float) -> tuple[int | None, str]:
    """The status of pytest, None past the time limit, and the end of what it printed."""
    with tempfile.NamedTemporaryFile() as printed:
        process = SERVER.Process(target=serve_tests, args=(list(node_ids), root, printed.name))
        process.start()
        try:
            process.join(limit)
        finally:
            status = process.exitcode
            if process.pid is not None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # also what the tests started
            process.kill()
        process.join()
        return status, printed.read().decode(errors="replace")[-2000:]


def serve_tests(node_ids: list[str], root: Path, printed: str) -> NoReturn:
    """Run pytest in this process, which ends with its status."""
    import pytest

    os.setsid()
    with open(printed, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(root)
    sys.path.insert(0, str(root))
    # A compiled mutant must not outlive it, and other plugins of pytest take seconds to import.
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    kit = ["-p", "affekt_testing.plugin"] if root == ROOT else []
    status = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *kit, *node_ids]))
    sys.stdout.flush()
    os._exit(status)


def refuse_changed_files(mutations: Iterable[Mutation], root: Path) -> None:
    """Raise where a file has changes that are not committed: a kill in the middle must lose nothing."""
    paths = sorted({mutation.path for mutation in mutations if (root / mutation.path).exists()})
    command = ["git", "status", "--porcelain", "--", *paths]
    changed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    if changed:
        raise Refused(f"These files have changes that are not committed:\n{changed}Try: git commit, or git restore")


def judge(mutation: Mutation, root: Path, limit: float) -> Result:
    """Break the file and run the tests."""
    started = time.perf_counter()
    path = root / mutation.path
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = mutant(file.read(), mutation.function, mutation.kind, mutation.which)
    except (DoesNotApply, FileNotFoundError) as error:
        return Result(mutation, "did not apply", 0.0, str(error))
    with broken(path, text):
        status, printed = run_tests(mutation.node_ids, root, limit)
    outcome: Outcome = "took too long" if status is None else "caught" if status else "survived"
    return Result(mutation, outcome, time.perf_counter() - started, printed)


def failing_already(mutations: list[Mutation], root: Path, limit: float) -> dict[Mutation, str]:
    """The mutations whose tests fail without them, with what pytest printed. One process where all pass."""
    together = list(dict.fromkeys(node_id for mutation in mutations for node_id in mutation.node_ids))
    status, printed = run_tests(together, root, limit)
    if status == 0 or len(mutations) == 1:
        return {mutation: printed for mutation in mutations if status != 0}
    alone = {mutation: run_tests(mutation.node_ids, root, limit) for mutation in mutations}
    return {mutation: printed for mutation, (status, printed) in alone.items() if status != 0}


def run(
    mutations: list[Mutation],
    root: Path = ROOT,
    limit: float = LIMIT,
    on_progress: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """The results of the mutations, a distribution after the other."""
    refuse_changed_files(mutations, root)
    results = []
    for distribution in dict.fromkeys(mutation.distribution for mutation in mutations):
        group = [mutation for mutation in mutations if mutation.distribution == distribution]
        failing = failing_already(group, root, limit)
        for mutation in group:
            if mutation in failing:
                result = Result(mutation, "tests fail without it", 0.0, failing[mutation])
            else:
                result = judge(mutation, root, limit)
            on_progress(result)
            results.append(result)
    return results


def table(results: list[Result]) -> str:
    """Per distribution how many were caught, then what was not."""
    width = max((len(result.mutation.distribution) for result in results), default=0)
    lines = []
    for distribution in dict.fromkeys(result.mutation.distribution for result in results):
        group = [result for result in results if result.mutation.distribution == distribution]
        caught, seconds = sum(result.outcome == "caught" for result in group), sum(result.seconds for result in group)
        lines.append(f"{distribution:{width}}  {caught} of {len(group)} caught  {seconds:6.1f} s")
    lines += [f"{result.outcome}: {result.mutation}" for result in results if result.outcome != "caught"]
    return "\n".join(lines)


def stop(number: int, frame: object) -> NoReturn:
    """End on SIGTERM as on Ctrl-C, also where Ctrl-C is ignored, so that the file is put back."""
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("distributions", nargs="*", metavar="DISTRIBUTION", help="such as core or plugins/hubert; all")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--list", type=Path, default=LIST, help="the file that names the mutations")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of the workspace")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for the tests of one mutation")
    arguments = parser.parse_args()
    SERVER.set_forkserver_preload(["__main__", *(PRELOADED if arguments.root == ROOT else ["pytest"])])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    mutations = read_list(arguments.list)
    wanted = [name.rstrip("/") for name in arguments.distributions]
    unknown = set(wanted) - {mutation.distribution for mutation in mutations}
    if unknown:
        parser.error(f"no mutations of {', '.join(sorted(unknown))}. Try: a folder such as plugins/hubert")
    mutations = [mutation for mutation in mutations if not wanted or mutation.distribution in wanted]
    done = 0

    def say(result: Result) -> None:
        nonlocal done
        done += 1
        line = f"[{done}/{len(mutations)}] {result.outcome}: {result.mutation}  {result.seconds:.1f} s"
        print(line, file=sys.stderr, flush=True)
        if result.outcome in ("did not apply", "tests fail without it"):
            print(result.detail, file=sys.stderr, flush=True)

    try:
        results = run(mutations, arguments.root, arguments.limit, say)
    except Refused as refusal:
        parser.exit(2, f"{refusal}\n")
    except KeyboardInterrupt:
        parser.exit(130, "Interrupted; the file is as it was.\n")
    print(json.dumps([asdict(result) for result in results], indent=2) if arguments.json else table(results))
    return int(any(result.outcome != "caught" for result in results))


if __name__ == "__main__":
    sys.exit(main())
