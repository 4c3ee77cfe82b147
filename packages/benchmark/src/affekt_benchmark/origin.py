"""Where a figure comes from: the run, the commit of the code, what is installed, and the seeds."""

import hashlib
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

UNKNOWN = "unknown"


@cache
def commit() -> str | None:
    """The commit that this code was read from, with "+" where files differ from it; None of an installed release."""
    spec = find_spec("affekt_benchmark")
    if spec is None or spec.origin is None or "site-packages" in spec.origin:
        return None
    where = ["git", "-C", str(Path(spec.origin).parent)]
    try:
        head = subprocess.run([*where, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=20, check=True)
        changed = subprocess.run([*where, "diff", "--quiet", "HEAD"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return head.stdout.strip() + ("+" if changed.returncode else "")


@cache
def environment() -> str:
    """SHA-256 of everything that is installed, as the lines of a lock: `name==version`, sorted."""
    lines = {
        f"{distribution.metadata['Name'].lower()}=={distribution.version}"
        for distribution in distributions()
        if distribution.metadata["Name"]
    }
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def run_id(*parts: object) -> str:
    """A short name for a run: of when it was made, where, and by which command."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def line(about: Mapping[str, Any]) -> str:
    """What every table and figure carries, in one line."""
    data = about.get("data") or {}
    seeds = [f"seed {seed}" for seed in [about.get("seed", data.get("seed"))] if seed is not None]
    seeds += [f"bootstrap seed {seed}" for seed in _bootstrap_seeds(about)]
    written = about.get("commit") or ""
    plus = "+" if written.endswith("+") else ""
    return ", ".join([
        f"run {about.get('run', UNKNOWN)}",
        f"commit {written[:10] + plus if written else UNKNOWN}",
        f"lock {str(about.get('environment', UNKNOWN))[:12]}",
        *(seeds or ["no seed"]),
    ])  # fmt: skip


def _bootstrap_seeds(about: Mapping[str, Any]) -> list[int]:
    options = [evaluator.get("options", {}) for evaluator in (about.get("evaluators") or {}).values()]
    return sorted({own["intervals"]["seed"] for own in options if "seed" in (own.get("intervals") or {})})
