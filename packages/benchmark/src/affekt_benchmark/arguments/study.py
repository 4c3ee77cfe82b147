"""A study: corpus, systems, tables, and the files that are written."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from affekt import AffektError, PipelineSpec
from affekt_metrics.intervals import Intervals

from affekt_benchmark import results
from affekt_benchmark.arguments import learnt, systems, tables
from affekt_benchmark.arguments.corpus import load
from affekt_benchmark.arguments.prompting import SPACES, Space, Style
from affekt_benchmark.arguments.systems import System
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.reports import tables as rendering
from affekt_benchmark.reports.tables import Table
from affekt_benchmark.runs.running import OnCount

PROTOCOL = "affekt-arguments-v1"


class Shown(Protocol):
    """Opens a progress bar."""

    def __call__(self, what: str) -> AbstractContextManager[OnCount]: ...


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for on the command line."""

    pipelines: Mapping[str, PipelineSpec]
    """Name of the system → pipeline."""
    styles: Sequence[Style] = ()
    """How the language models of the pipelines are prompted, beside being asked as they are."""
    spaces: Sequence[Space] = SPACES
    """What a prompt asks for."""
    probe: str | None = "minilm"
    """The encoder whose vectors a regression is trained on in folds."""
    data: Path | None = None
    limit: int | None = None
    seed: int = 0
    draws: int = 1000


@dataclass(frozen=True, kw_only=True)
class Study:
    """What was found."""

    about: Mapping[str, Any]
    tables: Sequence[Table]
    notes: Sequence[str]

    def plain(self) -> dict[str, Any]:
        """The study as plain data for JSON."""
        return {
            "about": dict(self.about),
            "notes": list(self.notes),
            "tables": [table.plain() for table in self.tables],
        }


def run(asked: Request, out: Path, shown: Shown) -> Study:
    """Asks every system about every text, or about those that are left, and writes the tables.

    Raises:
        AffektError: the corpus or a pipeline cannot be used.
    """
    corpus = load(asked.data, asked.limit, asked.seed)
    folds = corpus.folds(asked.seed)
    intervals = Intervals(draws=asked.draws, seed=asked.seed)
    all_systems: list[System] = [systems.always_none(corpus), systems.prior(corpus, folds, asked.seed)]
    lost: list[str] = []
    for name, spec in asked.pipelines.items():
        with shown(name) as on_progress:
            answered = systems.ask(name, spec, corpus, out / "answers.jsonl", on_progress)
        all_systems.append(answered)
        if answered.probabilities is not None:
            all_systems.append(learnt.at_peoples_rates(answered, corpus, folds))
        for style in asked.styles:
            try:
                with shown(f"{name}, {style}") as on_progress:
                    answered = systems.prompted(
                        f"{name}, {style}", spec, style, asked.spaces, corpus, out / "answers.jsonl", on_progress
                    )
            except BenchmarkError as error:
                lost.append(f"{name}, {style} is left out: {error.message}")
                continue
            all_systems.append(answered)
            if answered.probabilities is not None:
                all_systems.append(learnt.at_peoples_rates(answered, corpus, folds))
    if asked.probe is not None:
        name = f"{asked.probe}, trained in folds"
        try:
            with shown(asked.probe) as on_progress:
                features = learnt.vectors(corpus, asked.probe, out, on_progress)
            trained = learnt.probe(corpus, features, folds, name)
            all_systems += [trained, learnt.at_peoples_rates(trained, corpus, folds)]
        except AffektError as error:
            lost.append(f"{name} is left out: {error.message}")
    with_rewritten = corpus.notes("intended") is not None
    all_tables = tables.all_tables(corpus, all_systems, folds, intervals, with_rewritten)
    notes = [*_notes(all_systems), *lost]
    about = results.describe(
        protocol=PROTOCOL, corpus=corpus.name, texts=len(corpus), sha256=results.ids_hash(corpus.cases),
        seed=asked.seed, draws=asked.draws, limit=asked.limit, folds=int(folds.max()) + 1,
        systems={system.name: {**system.about, "note": system.note, "counted": dict(system.counted)}
                 for system in all_systems},
    )  # fmt: skip
    study = Study(about=about, tables=all_tables, notes=notes)
    _write(study, out)
    return study


def _notes(all_systems: Sequence[System]) -> list[str]:
    notes = [f"{system.name}: {system.note}" for system in all_systems if system.note]
    return notes + [f"{system.name}: {count} {what}" for system in all_systems if system.about
                    for what, count in system.counted.items() if count]  # fmt: skip


def _write(study: Study, out: Path) -> None:
    about = study.about
    origin = f"{about['protocol']}, {about['texts']} texts of {about['corpus']}, seed {about['seed']}, {about['made']}"
    lines = [f"{origin}. Intervals are 95 % and draw originals with all their variants, {about['draws']} draws.",
             *(f"{note}." for note in study.notes)]  # fmt: skip
    files = {
        "study.json": json.dumps(study.plain(), indent=2, ensure_ascii=False, default=str) + "\n",
        "tables.md": rendering.markdown("Emotions of arguments", study.tables, lines),
        "tables.tex": rendering.latex(study.tables, origin, "arguments"),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        partial = out / f".{name}.part"
        partial.write_text(text, encoding="utf-8")
        partial.replace(out / name)
