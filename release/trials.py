"""What is tried in fresh environments: each distribution alone, all together, each extra, and the command itself."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from release.environments import Environment, Installer, InstallError, fresh, reaches
from release.outcomes import Outcome, State, of_problems
from release.torch_builds import COMPANIONS, TorchChoice, TorchSource, mismatch
from release.workspace import FAMILY, Distribution, is_ours

PROBE = Path(__file__).parent / "probe.py"
PROBE_SECONDS = 900
DEMO_SECONDS = 1800
"""The first demo of a fresh machine fetches half a gigabyte of weights."""
DEMO_FILES = ("report.html", "reply.wav")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What all trials with one Python share."""

    python: str
    installer: Installer
    torch: TorchChoice
    folder: Path
    """Where environments are made and thrown away."""
    demo: bool = True
    empty_home: bool = False

    def outcome(self, step: str, subject: str, state: State, detail: str = "", seconds: float = 0.0) -> Outcome:
        """An outcome of this Python."""
        return Outcome(step=step, subject=subject, state=state, python=self.python, detail=detail, seconds=seconds)


def alone(stage: Stage, distribution: Distribution) -> list[Outcome]:
    """Installs one distribution with its dependencies, imports it, lists it, loads its components.

    `affekt` itself holds no code: what it brings is tried in its place, and then the command.
    """
    requirements = [_pin(distribution)]
    if distribution.name == FAMILY:
        return list(_try(stage, distribution.name, requirements, further=command_line))
    return list(_try(stage, distribution.name, requirements, [distribution.name]))


def together(stage: Stage, distributions: Sequence[Distribution]) -> list[Outcome]:
    """Installs all distributions into one environment."""
    requirements = [_pin(distribution) for distribution in distributions]
    return list(_try(stage, "all together", requirements, [distribution.name for distribution in distributions]))


def with_extra(stage: Stage, distribution: Distribution, extra: str) -> list[Outcome]:
    """Installs one distribution with one extra; imports and lists all of ours that this brings."""
    return list(_try(stage, f"{distribution.name}[{extra}]", [_pin(distribution, extra)], load=False))


def resolved_extras(stage: Stage, distributions: Sequence[Distribution]) -> list[Outcome]:
    """Resolves every extra without installing it, several distributions in one environment that stays empty."""
    outcomes = []
    with fresh(stage.installer, stage.folder / "extras") as environment:
        for distribution in distributions:
            for extra in distribution.extras:
                started = time.monotonic()
                problems = []
                try:
                    stage.installer.install(environment, [_pin(distribution, extra)], dry_run=True)
                except InstallError as error:
                    problems.append(f"the extra {extra} cannot be resolved:\n{error}")
                seconds = time.monotonic() - started
                subject = f"{distribution.name}[{extra}]"
                outcomes.append(of_problems("resolves", subject, problems, python=stage.python, seconds=seconds))
    return outcomes


def _pin(distribution: Distribution, extra: str = "") -> str:
    return f"{distribution.name}{f'[{extra}]' if extra else ''}=={distribution.version}"


def _try(
    stage: Stage,
    subject: str,
    requirements: Sequence[str],
    names: Sequence[str] = (),
    *,
    load: bool = True,
    further: Callable[[Stage, Environment, str | None], Iterator[Outcome]] | None = None,
) -> Iterator[Outcome]:
    """Installs requirements into an environment of their own and asks it about `names`, or about all of ours."""
    started = time.monotonic()
    place = stage.folder / subject.replace("[", "-").replace("]", "").replace(" ", "-")
    try:
        with fresh(stage.installer, place) as environment:
            stage.installer.install(environment, requirements)
            yield stage.outcome("installs", subject, State.PASSED, seconds=time.monotonic() - started)
            installed = environment.installed()
            names = names or sorted(filter(is_ours, installed))
            lacking = _lacks_torch(stage, installed, names)
            blocked = lacking or mismatch(environment.site_packages)
            yield from _probed(stage, subject, environment, names, load=load, blocked=blocked)
            if further is not None:
                yield from further(stage, environment, lacking)
    except InstallError as error:
        yield stage.outcome("installs", subject, State.FAILED, str(error), time.monotonic() - started)
        yield stage.outcome("lists", subject, State.NOT_TRIED, "it does not install")


def _lacks_torch(stage: Stage, installed: Mapping[str, list[Requirement]], names: Sequence[str]) -> str | None:
    """Why components cannot be loaded where torch was left out; None where they can."""
    if stage.torch.source is TorchSource.NONE and any(reaches(name, COMPANIONS, installed) for name in names):
        return f"{stage.torch.reason}; what stands on torch was installed and listed, not imported"
    return None


def _probed(
    stage: Stage,
    subject: str,
    environment: Environment,
    names: Sequence[str],
    *,
    load: bool,
    blocked: str | None,
) -> Iterator[Outcome]:
    """What the environment's own interpreter finds when it imports, lists and loads."""
    command = [str(environment.python), "-I", str(PROBE), *names]
    if blocked:
        command.append("--light")
    elif load:
        command.append("--load")
    started = time.monotonic()
    try:
        result = environment.run(command, timeout=PROBE_SECONDS, cwd=environment.folder)
    except subprocess.TimeoutExpired:
        yield stage.outcome("imports", subject, State.FAILED, f"no answer within {PROBE_SECONDS} s")
        return
    try:
        answer = json.loads(result.stdout.rpartition("\n")[2])
    except ValueError:
        last = "\n".join(result.stderr.strip().splitlines()[-20:])
        yield stage.outcome("imports", subject, State.FAILED, f"exit code {result.returncode}\n{last}")
        return
    seconds = time.monotonic() - started
    steps = ["imports", "lists"]
    if answer["commands"]:
        steps.append("commands")
    if answer["components"] and load:
        steps.append("loads")
    for step in steps:
        if blocked and step in ("commands", "loads"):
            yield stage.outcome(step, subject, State.NOT_TRIED, blocked)
        else:
            yield of_problems(step, subject, answer["problems"][step], python=stage.python, seconds=seconds)


def command_line(stage: Stage, environment: Environment, lacking: str | None) -> Iterator[Outcome]:
    """The command `affekt` as a fresh install has it: its help, its doctor, its demo."""
    yield _command(stage, environment, "help", ["--help"], timeout=120)
    if lacking:
        for step in ("doctor", "demo"):
            yield stage.outcome(step, FAMILY, State.NOT_TRIED, lacking)
        return
    yield _command(stage, environment, "doctor", ["doctor"], timeout=PROBE_SECONDS)
    if stage.demo:
        yield _command(stage, environment, "demo", ["demo"], timeout=DEMO_SECONDS, files=DEMO_FILES)
    else:
        yield stage.outcome("demo", FAMILY, State.NOT_TRIED, "--no-demo was given")


def _command(
    stage: Stage,
    environment: Environment,
    step: str,
    arguments: Sequence[str],
    *,
    timeout: float,
    files: Sequence[str] = (),
) -> Outcome:
    """Runs `affekt` in an empty folder; fails unless it exits with 0 and wrote `files` into its folder `out`."""
    cwd = environment.folder / step
    home = environment.folder / "home"
    for folder in (cwd, home):
        folder.mkdir(exist_ok=True)
    variables = {"HOME": str(home), "USERPROFILE": str(home)} if stage.empty_home else {}
    started = time.monotonic()
    try:
        result = environment.run([FAMILY, *arguments], timeout=timeout, cwd=cwd, variables=variables)
    except subprocess.TimeoutExpired:
        return stage.outcome(step, FAMILY, State.FAILED, f"not done within {timeout:.0f} s", timeout)
    problems = []
    if result.returncode != 0:
        last = (result.stdout + result.stderr).strip().splitlines()[-20:]
        problems.append("\n".join([f"exit code {result.returncode}", *last]))
    problems += [f"out/{name} was not written" for name in files if not _holds(cwd / "out" / name)]
    return of_problems(step, FAMILY, problems, python=stage.python, seconds=time.monotonic() - started)


def _holds(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
