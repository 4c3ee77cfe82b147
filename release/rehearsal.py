"""A release, rehearsed: everything is built, checked, installed alone and together, listed, loaded and run.

    hatch run release:rehearse
    hatch run release:rehearse --python 3.12 --only affekt-hubert --no-demo

Nothing leaves this machine. Exit code 1 when anything failed; what could not be tried is told with its reason.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from packaging.utils import canonicalize_name, parse_wheel_filename
from rich.console import Console
from uv import find_uv_bin

from release import outcomes, trials, wheel_checks
from release.building import Built, build_all, untracked_files
from release.environments import Installer
from release.outcomes import MARKS, Outcome, State, of_problems
from release.torch_builds import TorchChoice, TorchSource, choose
from release.workspace import FAMILY, ROOT, Distribution, distributions, wrong_requirements

console = Console(width=None if sys.stdout.isatty() else 160)
app = typer.Typer(add_completion=False)


@app.command()
def rehearse(
    pythons: Annotated[list[str] | None, typer.Option("--python", help="A version or path; may be repeated.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Try only this distribution; may be repeated.")] = None,
    torch: Annotated[TorchSource, typer.Option(help="Which build of torch is installed.")] = TorchSource.AUTO,
    newest: Annotated[bool, typer.Option("--newest", help="Install the newest, not lock.txt's.")] = False,
    demo: Annotated[bool, typer.Option(help="Run `affekt demo`.")] = True,
    empty_home: Annotated[bool, typer.Option("--empty-home", help="Run it in an empty home: weights anew.")] = False,
    wheels: Annotated[Path | None, typer.Option(help="Try the wheels of this folder; build nothing.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep the wheels and sdists of what is tried here.")] = None,
    report: Annotated[Path | None, typer.Option("--json", help="Write all outcomes to this file.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Environments at once.")] = min(4, os.cpu_count() or 1),
) -> None:
    """Build every distribution, check the wheels, install them into fresh environments and try them there."""
    workspace = distributions()
    chosen = _chosen(workspace, only or [], wheels)
    if keep is not None and keep.is_dir() and any(keep.iterdir()):
        raise typer.BadParameter(f'"{keep}" is not empty\nTry: a new folder', param_hint="--keep")
    results: list[Outcome] = []
    torch_reasons: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="affekt-rehearsal-") as temporary:
        work = Path(temporary)
        local = chosen if wheels else workspace
        folder = wheels or work / "dist"
        if wheels is None:
            results += _told(_built(workspace, chosen, folder, keep))
        else:
            results += _told(_given(chosen, folder))
        results += _told(_checked_together(folder))
        if outcomes.succeeded(results):
            for request in pythons or [f"{sys.version_info.major}.{sys.version_info.minor}"]:
                stage, choice = _stage(request, torch, local, folder, work, newest=newest, demo=demo, home=empty_home)
                torch_reasons[stage.python] = choice.reason
                results += _told(_tried(stage, chosen, whole=not only and wheels is None, jobs=jobs))
        else:
            detail = "a wheel is wrong: mend that first"
            results.append(Outcome(step="environments", subject="all", state=State.NOT_TRIED, detail=detail))
    outcomes.show(results, console)
    if report is not None:
        outcomes.write_json(results, report, torch=torch_reasons, locked=not newest and (ROOT / "lock.txt").is_file())
    raise typer.Exit(0 if outcomes.succeeded(results) else 1)


def _chosen(workspace: list[Distribution], only: list[str], wheels: Path | None) -> list[Distribution]:
    """The distributions that are tried: those named, those of a folder of wheels, or all."""
    known = {distribution.name: distribution for distribution in workspace}
    wanted = [str(canonicalize_name(name)) for name in only]
    if wheels is not None and not wanted:
        wanted = sorted({str(parse_wheel_filename(path.name)[0]) for path in wheels.glob("*.whl")})
        if not wanted:
            raise typer.BadParameter(f'"{wheels}" holds no wheel', param_hint="--wheels")
    for name in wanted:
        if name not in known:
            raise typer.BadParameter(f'"{name}" is none of {", ".join(known)}', param_hint="--only")
    return [known[name] for name in wanted] or workspace


def _told(results: Iterator[Outcome]) -> Iterator[Outcome]:
    """Prints each outcome as it comes, and passes it on."""
    for outcome in results:
        seconds = f" ({outcome.seconds:.0f} s)" if outcome.seconds >= 1 else ""
        where = f" on Python {outcome.python}" if outcome.python else ""
        subject = outcome.subject.replace("[", r"\[")
        console.print(f"{MARKS[outcome.state]} {subject}: {outcome.step}{where}{seconds}", highlight=False)
        yield outcome


def _built(
    workspace: list[Distribution], chosen: list[Distribution], folder: Path, keep: Path | None
) -> Iterator[Outcome]:
    """Builds everything, since what is tried may need its neighbours; checks what was chosen."""
    # A fork of a process whose libraries have threads may wait for ever; a fresh interpreter does not.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as executor:
        for distribution, built in build_all(workspace, folder, executor):
            name = distribution.name
            if not isinstance(built, Built):
                state = State.FAILED if distribution in chosen else State.NOT_TRIED
                yield Outcome(step="builds", subject=name, state=state, detail=f"{type(built).__name__}: {built}")
            elif distribution in chosen:
                yield of_problems("builds", name, ())
                yield of_problems("wheel", name, wheel_checks.problems(built.wheel))
                yield of_problems("sdist", name, wheel_checks.differences(built.wheel, built.wheel_of_sdist))
                yield of_problems("requires", name, wrong_requirements(distribution, workspace))
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    for path in (built.wheel, built.sdist):
                        shutil.copy2(path, keep)
                if left_out := untracked_files(distribution.folder):
                    detail = f"git does not track these files, so they were left out: {', '.join(left_out)}"
                    yield Outcome(step="untracked", subject=name, state=State.NOT_TRIED, detail=detail)


def _given(chosen: list[Distribution], folder: Path) -> Iterator[Outcome]:
    """Checks wheels that were built elsewhere, as those are that a workflow is about to publish."""
    for path in sorted(folder.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(path.name)
        distribution = next((candidate for candidate in chosen if candidate.name == name), None)
        if distribution is None:
            continue
        problems = wheel_checks.problems(path)
        if str(version) != distribution.version:
            problems.append(f"the wheel is version {version}, the pyproject.toml says {distribution.version}")
        yield of_problems("wheel", str(name), problems)


def _checked_together(folder: Path) -> Iterator[Outcome]:
    """What is asked of all wheels and sdists at once: whether an index shows them, and whether two share a file."""
    paths = [*folder.glob("*.whl"), *folder.glob("*.tar.gz")]
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, paths)]
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    lines = (result.stdout + result.stderr).splitlines()
    complaints = [line for line in lines if "PASSED" not in line] or ["it failed and said nothing"]
    yield of_problems("twine", "all", complaints if result.returncode != 0 else ())
    yield of_problems("own files", "all", wheel_checks.shared_files(folder.glob("*.whl")))


def _stage(
    request: str,
    torch: TorchSource,
    local: list[Distribution],
    wheels: Path,
    work: Path,
    *,
    newest: bool,
    demo: bool,
    home: bool,
) -> tuple[trials.Stage, TorchChoice]:
    """All that the trials with one Python share; says where torch comes from before anything is installed."""
    uv = find_uv_bin()
    path, version = _interpreter(uv, request)
    try:
        choice = choose(torch, version, uv=uv, environment=os.environ)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--torch") from error
    console.print(f"Python {version}: {choice.reason}", highlight=False)
    folder = work / version
    folder.mkdir()
    # Only the wheel that was just built may answer to a name of ours, whatever an index has.
    pins = [f"{distribution.name}=={distribution.version}" for distribution in local]
    arguments = [*choice.arguments, "--constraint", str(_write(folder / "pins.txt", [*pins, *choice.constraints]))]
    lock = ROOT / "lock.txt"
    if lock.is_file() and not newest:
        arguments += ["--constraint", str(lock), "--build-constraint", str(lock)]
    if choice.overrides:
        arguments += ["--override", str(_write(folder / "overrides.txt", choice.overrides))]
    installer = Installer(uv=uv, python=path, wheels=wheels.resolve(), arguments=tuple(arguments))
    stage = trials.Stage(python=version, installer=installer, torch=choice, folder=folder, demo=demo, empty_home=home)
    return stage, choice


def _write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _interpreter(uv: str, request: str) -> tuple[str, str]:
    """The path of an interpreter and its version, such as "3.12"."""
    found = subprocess.run([uv, "python", "find", request], capture_output=True, text=True)
    if found.returncode != 0:
        hint = f"{found.stderr.strip()}\nTry: uv python install {request}, or give the path of an interpreter"
        raise typer.BadParameter(hint, param_hint="--python")
    path = found.stdout.strip()
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run([path, "-I", "-c", code], capture_output=True, text=True, check=True)
    return path, asked.stdout.strip()


def _tried(stage: trials.Stage, chosen: list[Distribution], *, whole: bool, jobs: int) -> Iterator[Outcome]:
    """Tries everything in environments of its own, several at once."""
    meta = next((distribution for distribution in chosen if distribution.name == FAMILY), None)
    others = [distribution for distribution in chosen if distribution is not meta]
    tasks: list[tuple[Callable[..., list[Outcome]], tuple[object, ...]]] = []
    if meta is not None:
        tasks.append((trials.alone, (stage, meta)))
        tasks += [(trials.with_extra, (stage, meta, extra)) for extra in meta.extras]
    if whole:
        tasks.append((trials.together, (stage, chosen)))
    tasks += [(trials.alone, (stage, distribution)) for distribution in others]
    tasks.append((trials.resolved_extras, (stage, others)))
    with ThreadPoolExecutor(jobs) as executor:
        for future in as_completed([executor.submit(action, *arguments) for action, arguments in tasks]):
            yield from future.result()


if __name__ == "__main__":
    app()
