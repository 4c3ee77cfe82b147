"""What only POSIX has is used behind a guard, or stands below with the reason.

A guard is an `if` on `sys.platform`, `os.name` or `hasattr`, an `import` inside `try … except ImportError`, or a module
that such an import made None.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}
NAMES = {
    "os": {
        "chown", "fchmod", "fchown", "fork", "forkpty", "geteuid", "getgid", "getloadavg", "getpgid", "getuid", "kill",
        "killpg", "lchown", "mkfifo", "nice", "openpty", "posix_fadvise", "posix_spawn", "pread", "preadv", "pwrite",
        "pwritev", "readv", "register_at_fork", "sched_getaffinity", "sched_setaffinity", "sendfile", "setpgid",
        "setsid", "statvfs", "sysconf", "uname", "wait3", "wait4", "waitid", "WNOHANG", "writev", "memfd_create",
    },
    "select": {"poll", "epoll", "kqueue"},
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGXCPU", "alarm", "pause"},
    "socket": {"AF_UNIX", "recv_fds", "send_fds"},
}  # fmt: skip
ARGUMENTS = {"pass_fds", "preexec_fn", "process_group"}
ALLOWED = {
    "packages/annotate/src/affekt_annotate/interruptions.py": "a development benchmark that kills a run half-way",
    "packages/benchmark/src/affekt_benchmark/costs/store.py": "a development benchmark that kills a run half-way",
    "packages/isolation/src/affekt_isolation/process.py": "Worker refuses to start where os.name is not posix",
    "packages/isolation/src/affekt_isolation/serving.py": "runs in the worker, which Windows never starts",
    "packages/isolation/src/affekt_isolation/supervisor.py": "runs in the worker's parent, which Windows never starts",
    "packages/isolation/src/affekt_isolation/wire.py": "called by both; importing it touches nothing of POSIX",
    "packages/media/src/affekt_media/decoder/forker.py": "started on Linux alone, by starting.py",
    "packages/media/src/affekt_media/fuzz.py": "a development tool that measures its children's memory",
    "packages/media/src/affekt_media/starting.py": "`_running` starts a forker on Linux alone",
    "plugins/speakers/src/affekt_speakers/long_recording.py": "a development tool that measures memory and kills",
    "plugins/speakers/src/affekt_speakers/measure.py": "a development tool that measures memory",
}
"""Files whose every use is guarded in a way that only a reader sees."""


def sources() -> list[Path]:
    folders = [ROOT / "core" / "src", *ROOT.glob("packages/*/src"), *ROOT.glob("plugins/*/src")]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def unguarded(tree: ast.AST, guarded: bool = False) -> Iterator[tuple[int, str]]:
    """The line and the name of each use without a guard."""
    if isinstance(tree, ast.If | ast.IfExp | ast.BoolOp):
        asked = tree.values[0] if isinstance(tree, ast.BoolOp) else tree.test
        guarded = guarded or any(word in ast.unparse(asked) for word in ("platform", "os.name", "hasattr", *MODULES))
    if isinstance(tree, ast.Try):
        guarded = guarded or any("ImportError" in ast.unparse(handler.type or tree) for handler in tree.handlers)
    if not guarded:
        yield from ((getattr(tree, "lineno", 0), name) for name in _names(tree))
    for child in ast.iter_child_nodes(tree):
        yield from unguarded(child, guarded)


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(value=ast.Name(id=module), attr=name) if name in NAMES.get(module, ()):
            yield f"{module}.{name}"
        case ast.ImportFrom(module=str(module), names=names):
            yield from (f"{module}.{name.name}" for name in names if name.name in NAMES.get(module, ()))
            yield from (module for _ in names[:1] if module in MODULES)
        case ast.Import(names=names):
            yield from (name.name for name in names if name.name in MODULES)
        case ast.keyword(arg=str(name)) if name in ARGUMENTS:
            yield name


def test_what_only_posix_has_is_guarded_or_stands_in_the_list():
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{line}: {name}"
        for path in sources()
        if path.relative_to(ROOT).as_posix() not in ALLOWED
        for line, name in unguarded(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not found


def test_the_list_names_no_file_that_needs_no_entry():
    idle = {name for name in ALLOWED if not any(unguarded(ast.parse((ROOT / name).read_text(encoding="utf-8"))))}
    assert not idle


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.readv(0, [])",
        "from os import kill",
        "import resource",
        "run(['ls'], preexec_fn=f)",
        "import signal; signal.SIGKILL",
    ],
)
def test_a_use_without_a_guard_is_found(source):
    assert list(unguarded(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "import os, sys\nif sys.platform == 'linux':\n    os.fork()",
        "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None",
        "import os\nfree = os.statvfs('.') if hasattr(os, 'statvfs') else None",
    ],
)
def test_a_use_behind_a_guard_is_not(source):
    assert not list(unguarded(ast.parse(source)))
