"""The lock: one version of everything that any environment of this repository installs.

    hatch run lock:write                resolves and writes lock.txt; versions already locked are kept where they fit
    hatch run lock:write --upgrade      takes the newest versions that the bounds allow
    hatch run lock:check                resolves as `write` does, changes nothing, exits with 1 when lock.txt differs

lock.txt is a constraints file, which uv and pip read. It is resolved once for Python 3.11 to 3.13 on Linux, macOS and
Windows: lines that differ there carry a marker. What is locked: the dependencies and extras of every distribution,
what builds them, and the dependencies of every environment in hatch.toml. bounds.txt holds what no distribution can
state for itself, and overrides.txt what is never installed.

Its first lines hold two digests, one of what was asked for and one of the lines below: a changed dependency or an
edited line shows without a resolver or a network (`problems`), which the tests ask.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCK = "lock.txt"
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
)
STARTERS = ("hatch>=1.18",)
"""What is installed before there is any environment: .ci/run and the workflows take hatch at this version."""
TRIPLES = ("x86_64-manylinux_2_31", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
"""The same platforms as uv names them."""
OURS = "affekt"
"""Distributions whose names begin so are this workspace's own; they are installed from the tree and not locked."""
HEADER = """\
# One version of everything, for Python 3.11 to 3.13 on Linux, macOS and Windows. Written by `hatch run lock:write`.
# asked for: sha256 {asked}
# locked:    sha256 {locked}
"""


def projects(root: Path = ROOT) -> list[Path]:
    """Every pyproject.toml of the workspace."""
    patterns = ("core", "packages/*", "plugins/*", "compat/*")
    return sorted(path for pattern in patterns for path in root.glob(f"{pattern}/pyproject.toml"))


def asked(root: Path = ROOT) -> list[str]:
    """Every requirement on others that the workspace states, in a fixed order, each once."""
    lines = set(STARTERS)
    for path in projects(root):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        lines.update(document["build-system"]["requires"])
        lines.update(document["project"].get("dependencies", ()))
        for extra in document["project"].get("optional-dependencies", {}).values():
            lines.update(extra)
    environments = tomllib.loads((root / "hatch.toml").read_text(encoding="utf-8")).get("envs", {})
    for environment in environments.values():
        lines.update(environment.get("dependencies", ()))
        lines.update(environment.get("extra-dependencies", ()))
    requirements = {str(Requirement(line)) for line in lines}
    return sorted(line for line in requirements if not _is_ours(line))


def _is_ours(line: str) -> bool:
    name = canonicalize_name(Requirement(line).name)
    return name == OURS or name.startswith(f"{OURS}-")


def inputs(root: Path = ROOT) -> str:
    """All that decides a resolution, as text: requirements, bounds and overrides, without their comments."""
    parts = ["\n".join(asked(root))]
    for name in ("bounds.txt", "overrides.txt"):
        parts.append("\n".join(_lines((root / name).read_text(encoding="utf-8"))))
    return "\n\n".join(parts)


def _lines(text: str) -> Iterator[str]:
    """The lines that hold something, without comments."""
    for line in text.splitlines():
        if content := re.sub(r"(^|\s)#.*$", "", line).strip():
            yield content


def digest(text: str) -> str:
    """The sha256 of a text, in hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def written(resolved: str, root: Path = ROOT) -> str:
    """lock.txt with its header, from the resolver's lines."""
    body = "\n".join(_lines(resolved)) + "\n"
    return HEADER.format(asked=digest(inputs(root)), locked=digest(body)) + body


def locked(text: str) -> list[Requirement]:
    """The lines of a lock file."""
    return [Requirement(line) for line in _lines(text)]


def version_for(name: str, lock: Iterable[Requirement], environment: dict[str, str]) -> Version | None:
    """The locked version of a distribution in an environment of PEP 508's markers; None when it has none."""
    for line in lock:
        if canonicalize_name(line.name) == canonicalize_name(name) and (
            line.marker is None or line.marker.evaluate(environment)
        ):
            return Version(next(iter(line.specifier)).version)
    return None


def problems(root: Path = ROOT) -> Iterator[str]:
    """What is wrong with lock.txt as far as can be seen without a resolver: nothing when it is as `write` left it."""
    path = root / LOCK
    if not path.is_file():
        yield f"there is no {LOCK}"
        return
    text = path.read_text(encoding="utf-8")
    stated = dict(re.findall(r"^# (asked for|locked): *sha256 ([0-9a-f]{64})$", text, re.MULTILINE))
    lock = locked(text)
    for line in asked(root):
        requirement = Requirement(line)
        for environment in _environments():
            if requirement.marker is not None and not requirement.marker.evaluate(environment):
                continue
            version = version_for(requirement.name, lock, environment)
            where = f"Python {environment['python_version']}, {environment['platform_system']}"
            if version is None:
                yield f"{line} is asked for and not locked ({where})"
            elif not requirement.specifier.contains(version, prereleases=True):
                yield f"{line} is asked for, {version} is locked ({where})"
            else:
                continue
            break
    if stated.get("asked for") != digest(inputs(root)):
        yield "the requirements are not those that were resolved"
    body = "".join(f"{line}\n" for line in _lines(text))
    if stated.get("locked") != digest(body):
        yield "a line was edited since the lock was written"


def _environments() -> Iterator[dict[str, str]]:
    for python in PYTHONS:
        for platform in PLATFORMS:
            yield {
                **platform,
                "python_version": python,
                "python_full_version": f"{python}.0",
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
                "extra": "",
            }


def resolve(root: Path, output: Path, *options: str) -> str:
    """Resolves with uv into `output`, whose present versions are kept where they fit, and returns the lines.

    Raises:
        CalledProcessError: uv is not installed, finds no solution, or cannot reach an index. It has said why.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_FIND", "UV_CONST"))}
    # A folder of local builds would leave its own versions in the file.
    command = [
        "uv", "pip", "compile", "-", "--quiet", "--universal", "--python-version", PYTHONS[0],
        "--constraint", str(root / "bounds.txt"), "--override", str(root / "overrides.txt"),
        "--no-header", "--no-annotate", "--output-file", str(output), *options,
    ]  # fmt: skip
    text = "\n".join(asked(root))
    subprocess.run(command, input=text, text=True, check=True, env=environment, cwd=root, stdout=subprocess.DEVNULL)
    return output.read_text(encoding="utf-8")


def unavailable(path: Path) -> Iterator[str]:
    """Which lines of a lock no wheel and no source distribution serves, by platform, in uv's own words.

    A release whose wheels for a platform are late, or never came, is resolved all the same when all platforms are
    resolved at once; it fails when it is installed.
    """
    environment = os.environ | {"MACOSX_DEPLOYMENT_TARGET": "14.0"}
    for triple in TRIPLES:
        for python in PYTHONS:
            command = [
                "uv", "pip", "compile", str(path), "--quiet", "--no-deps", "--no-header",
                "--python-platform", triple, "--python-version", python,
            ]  # fmt: skip
            done = subprocess.run(command, text=True, check=False, env=environment, cwd=ROOT, capture_output=True)
            if done.returncode != 0:
                yield f"{triple}, Python {python}: {' '.join(done.stderr.split())}"


def main(arguments: list[str] | None = None) -> int:
    """Writes or checks the lock; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="hatch run lock:…", description="Write or check lock.txt.")
    parser.add_argument("what", choices=("write", "check"))
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that the bounds allow")
    options = parser.parse_args(arguments)
    path = ROOT / LOCK
    found = list(problems())
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / LOCK
        if path.is_file():
            output.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        fresh = written(resolve(ROOT, output, *(["--upgrade"] if options.upgrade else [])))
        for problem in unavailable(output):
            print(f"Error: {problem}\nTry: a bound with its reason in bounds.txt", file=sys.stderr)
            return 1
    if options.what == "write":
        path.write_text(fresh, encoding="utf-8")
        print(f"{LOCK}: {len(locked(fresh))} lines")
        return 0
    if not found and fresh != path.read_text(encoding="utf-8"):
        found.append("a new resolution gives other versions")
    for problem in found:
        print(f"Error: {LOCK}: {problem}\nTry: hatch run lock:write", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
