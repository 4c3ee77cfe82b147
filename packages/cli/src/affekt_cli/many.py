"""`affekt analyze` over many recordings: by workers of a Ray cluster or in this process, and going on after a kill.

A worker builds the pipeline once and keeps it, reads the recordings itself, and writes reports and exports where all
machines see them. Answers come back as plain data and are told in the order of the paths. With a folder to go on from,
each is a line of its `answers.jsonl` before it is told, and a recording that has one is not analysed again.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from affekt import AffektError, MissingDependency, PipelineSpec, errors
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from affekt_cli.answering import print_json
from affekt_cli.exits import ExitCode, code_of, print_error, writing

ENGINES = ("local", "ray")
ANSWERS = "answers.jsonl"
Source = tuple[str, int | None]
"""A path as it was given, and the channel of its sound; None for a mix of all."""
Answer = dict[str, Any]
"""`analysis`, as `Analysis.to_dict` gives it, or `error`; and the errors of files that could not be written."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is written of each recording beside its answer."""

    html: str | None = None
    """The folder of the reports."""
    formats: str | None = None
    out: str = "."
    """The folder of the exports."""


class Analyzer:
    """An actor: the pipeline, built once and kept."""

    def __init__(self, spec: str, wanted: dict[str, Any]) -> None:
        self._pipeline = PipelineSpec.model_validate_json(spec).build()
        self._wanted = Wanted(**wanted)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Answers to a batch of recordings, each as a line of JSON."""
        sources = [json.loads(str(source)) for source in batch["source"]]
        answers = [json.dumps(self.answer(*source), ensure_ascii=False) for source in sources]
        return {"number": batch["number"], "answer": answers}

    def answer(self, path: str, channel: int | None) -> Answer:
        """What is felt in one recording, or why nothing can be said of it."""
        from affekt_cli.answering import write_report
        from affekt_cli.exporting import export
        from affekt_cli.written import is_written, text_clip

        wanted = self._wanted
        try:
            local = os.path.abspath(path)
            felt = self._pipeline.analyze(text_clip(local) if is_written(path) else local, channel=channel)
        except AffektError as error:
            return {"error": _plain(error), "unwritten": []}
        failed = [write_report(felt, Path(wanted.html)) if wanted.html is not None else None]
        failed += [export(felt, wanted.formats, Path(wanted.out)) if wanted.formats is not None else None]
        unwritten = [_plain(error) for error in failed if error is not None]
        return {"analysis": {**felt.to_dict(), "source": path}, "unwritten": unwritten}


class Kept:
    """The answers of a run on disk."""

    def __init__(self, folder: Path, spec: PipelineSpec) -> None:
        self._file = folder / ANSWERS
        self._spec = spec.model_dump_json()
        self._answers: dict[str, Answer] = {}
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            text = self._file.read_text(encoding="utf-8") if self._file.is_file() else ""
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                self._answers[entry["key"]] = entry["answer"]
            except (ValueError, KeyError, TypeError):
                continue  # a kill cut it off
        self._torn = bool(text) and not text.endswith("\n")

    def get(self, source: Source) -> Answer | None:
        """The answer to a recording; None where there is none, or where the file has changed since."""
        return self._answers.get(self._key(source))

    def add(self, source: Source, answer: Answer) -> None:
        """Keeps an answer; what could not be analysed is tried again next time."""
        if "analysis" not in answer:
            return
        line = json.dumps({"key": self._key(source), "answer": answer}, ensure_ascii=False)
        with writing(self._file), self._file.open("a", encoding="utf-8") as file:
            file.write(("\n" if self._torn else "") + line + "\n")
        self._torn = False

    def _key(self, source: Source) -> str:
        path, channel = source
        try:
            found = os.stat(path)
            stamp = f"{found.st_size} {found.st_mtime_ns}"
        except OSError:
            stamp = ""
        return sha256(f"{self._spec} {os.path.abspath(path)} {channel} {stamp}".encode()).hexdigest()


def require_engine(engine: str, sources: Sequence[Source]) -> None:
    """Refuses an engine that there is not, or that cannot read what is given.

    Raises:
        typer.BadParameter: it is neither local nor ray, or standard input would have to be read elsewhere.
        MissingDependency: affekt-features, which knows Ray, is not installed.
    """
    if engine not in ENGINES:
        raise typer.BadParameter(f'"{engine}" is neither local nor ray', param_hint="--engine")
    if engine == "ray":
        if any(path == "-" for path, _ in sources):
            raise typer.BadParameter("standard input cannot be read on other machines", param_hint="--engine ray")
        _ray()


def answers(
    spec: PipelineSpec,
    sources: Sequence[Source],
    wanted: Wanted,
    *,
    engine: str = "local",
    workers: int = 1,
    address: str | None = None,
    kept: Kept | None = None,
) -> Iterator[tuple[Source, Answer]]:
    """The answer to each recording, in the order of the sources.

    Args:
        workers: actors of the engine "ray".
        address: of a running cluster, whose machines see the recordings under the same paths; a local one when None.
        kept: answers that need not be found again; it gets the others.

    Raises:
        MissingDependency, ComponentError: Ray is not installed, its cluster cannot be reached, or the job fails.
        AffektError: of the kinds that stop a run (`exits.code_of`): weights or a plugin are missing.
    """
    known = {n: answer for n, source in enumerate(sources) if kept and (answer := kept.get(source)) is not None}
    left = [number for number in range(len(sources)) if number not in known]
    following = 0
    with _progress(len(sources), len(known)) as advance:
        for number, answer in _found(spec, sources, left, wanted, engine, workers, address):
            if number in known:
                continue  # of a worker that was thought lost
            if kept is not None:
                kept.add(sources[number], answer)
            known[number] = answer
            advance()
            while following in known:
                yield sources[following], known[following]
                following += 1
    for number in range(following, len(sources)):
        yield sources[number], known[number]


def _found(
    spec: PipelineSpec,
    sources: Sequence[Source],
    left: Sequence[int],
    wanted: Wanted,
    engine: str,
    workers: int,
    address: str | None,
) -> Iterator[tuple[int, Answer]]:
    if not left:
        return
    arguments = (spec.model_dump_json(), asdict(wanted))
    if engine == "local":
        analyzer = Analyzer(*arguments)
        for number in left:
            yield number, analyzer.answer(*sources[number])
        return
    rows = [{"number": number, "source": json.dumps(sources[number])} for number in left]
    for row in _ray().over_actors(Analyzer, arguments, rows, workers, address):
        yield int(row["number"]), json.loads(row["answer"])


def tell(source: Source, answer: Answer, stream: Any, *, several: bool) -> ExitCode:
    """Tells one answer: to a stream as JSON, or to the terminal in a line; errors go to stderr.

    Args:
        stream: for JSON; None for the terminal.
        several: whether there are other recordings, too.

    Raises:
        AffektError: the error is of a kind that would stop every other recording, too.
    """
    path, _ = source
    refused = [_error(plain) for plain in [*([answer["error"]] if "error" in answer else []), *answer["unwritten"]]]
    for error in refused:
        if code_of(error) is not ExitCode.INPUT:
            raise error
        print_error(error, where=path)
    if stream is not None:
        print_json(answer.get("analysis") or {"source": path, "error": answer["error"]}, stream, several=several)
    elif felt := answer.get("analysis"):
        Console(highlight=False).print(f"{path}: {_headline(felt)}", markup=False, soft_wrap=True)
    return ExitCode.INPUT if refused else ExitCode.DONE


def _headline(felt: dict[str, Any]) -> str:
    if felt["label"] is None:
        return f"no emotion claimed: {felt['abstained']}"
    return f"{felt['label']} {felt['scores'][felt['label']]:.0%}"


def _plain(error: AffektError) -> dict[str, Any]:
    return {"kind": type(error).__name__, "message": error.message, "try": error.hint}


def _error(plain: dict[str, Any]) -> AffektError:
    kind = getattr(errors, plain["kind"], AffektError)
    known = isinstance(kind, type) and issubclass(kind, AffektError)
    return (kind if known else AffektError)(plain["message"], hint=plain["try"])


@contextmanager
def _progress(total: int, done: int) -> Iterator[Any]:
    console = Console(stderr=True)
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("recordings,"), TimeRemainingColumn(), TextColumn("left")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("recordings", total=total, completed=done)
        yield lambda: progress.advance(task)


def _ray() -> Any:
    try:
        return import_module("affekt_features.on_ray")
    except ImportError as error:
        if isinstance(error, MissingDependency):
            raise
        raise MissingDependency(
            "--engine ray needs affekt-features, which is not installed", hint='pip install "affekt-cli[ray]"'
        ) from error
