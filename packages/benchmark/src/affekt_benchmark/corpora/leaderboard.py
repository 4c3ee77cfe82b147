"""The run over all corpora, and the page that it writes. What is done already is not done again."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from affekt import AffektError, plugins
from affekt_features.keys import describe
from affekt_features.store import FeatureStore

from affekt_benchmark import origin, results
from affekt_benchmark.corpora import probes
from affekt_benchmark.corpora.cost import Cost
from affekt_benchmark.corpora.listed import CORPORA, ENCODERS, SEEN, Channel, Corpus
from affekt_benchmark.corpora.vectors import Vectors, collect
from affekt_benchmark.material.cases import Choice, Selection, select
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.reports import tables
from affekt_benchmark.reports.tables import Cell, Table
from affekt_benchmark.results import Result
from affekt_benchmark.runs import losses, measuring
from affekt_benchmark.runs.running import OnCount

PROTOCOL = "affekt-corpora-v1"
MEASURES = {"accuracy": "accuracy", "uar": "UAR", "ece": "ECE", "aurc": "AURC"}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for on the command line."""

    corpora: Sequence[Corpus] = CORPORA
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Corpus → its folder; others lie in `$AFFEKT_SHARED/data/NAME`."""
    encoders: Mapping[Channel, str] = field(default_factory=lambda: dict(ENCODERS))
    limit: int | None = None
    seed: int = 0
    against: Path | None = None
    """The folder of another run, whose figures are compared with these."""


@dataclass(frozen=True, kw_only=True)
class Leaderboard:
    """All that was measured."""

    rows: Sequence[tuple[Corpus, str, Result]]
    """Corpus, condition, result."""
    absent: Mapping[str, str]
    """Corpus → why it has no row."""
    about: Mapping[str, Any]
    against: Path | None = None

    @property
    def tables(self) -> list[Table]:
        """The figures, and their comparison with another run's where one is asked for.

        Raises:
            BenchmarkError: the other run's folder holds no leaderboard.
        """
        return [table(self), *([against(self, self.against)] if self.against is not None else [])]


def run(
    asked: Request,
    out: Path,
    store: Path,
    shown: Callable[[str], AbstractContextManager[OnCount]],
) -> Leaderboard:
    """Measures every corpus that is there, and writes `leaderboard.md`, `.tex` and `.json`.

    Raises:
        BenchmarkError: no corpus could be measured, or the other run's folder holds no leaderboard.
    """
    rows: list[tuple[Corpus, str, Result]] = []
    absent: dict[str, str] = {}
    kept = FeatureStore(store)
    pooled = store.with_name(f"{store.name}-vectors")
    for corpus in asked.corpora:
        try:
            with shown(corpus.name) as on_progress:
                for condition, result in _measured(corpus, asked, out, kept, pooled, on_progress).items():
                    rows.append((corpus, condition, result))
        except AffektError as error:
            absent[corpus.name] = error.message
    if not rows:
        raise BenchmarkError(f"no corpus could be measured: {absent}", hint="--data NAME=FOLDER")
    about = results.describe(protocol=PROTOCOL, seed=asked.seed, limit=asked.limit, encoders=dict(asked.encoders),
                             absent=absent)  # fmt: skip
    board = Leaderboard(rows=rows, absent=absent, about=about, against=asked.against)
    write(board, out)
    return board


def _measured(
    corpus: Corpus, asked: Request, out: Path, store: FeatureStore, pooled: Path, on_progress: OnCount
) -> dict[str, Result]:
    """Condition → result, those of an earlier run where nothing has changed."""
    chosen = select(corpus.suite, Choice(data=asked.folders.get(corpus.name), limit=asked.limit, seed=asked.seed))
    encoders = {channel: plugins().create("encoder", asked.encoders[channel]) for channel in corpus.channels}
    facts = [PROTOCOL, probes.PENALTY, probes.FOLDS, asked.seed, results.ids_hash(chosen.cases),
             {channel: describe(encoder) for channel, encoder in encoders.items()}]  # fmt: skip
    key = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
    folders = {condition: out / f"{corpus.name}-{condition}" for condition in corpus.conditions}
    done = {condition: result for condition, folder in folders.items() if (result := _earlier(folder, key)) is not None}
    if len(done) == len(folders):
        return {condition: done[condition] for condition in folders}
    vectors: dict[Channel, Vectors] = {}
    for number, (channel, encoder) in enumerate(encoders.items()):
        preparers = [plugins().create("preparer", "face-track")] if channel == "face" and corpus.tracked else []

        def advance(count: int, total: int, number: int = number) -> None:
            on_progress(number * total + count, len(encoders) * total)

        vectors[channel] = collect(chosen.cases, encoder, preparers, store, pooled, advance)
    for condition, channels in corpus.conditions.items():
        if condition not in done:
            done[condition] = _result(
                corpus, condition, {channel: vectors[channel] for channel in channels}, chosen, asked, key
            )
            done[condition].write(folders[condition])
    return {condition: done[condition] for condition in folders}


def _earlier(folder: Path, key: str) -> Result | None:
    try:
        result = Result.read(folder)
    except BenchmarkError:
        return None
    return result if result.about.get("key") == key else None


def _result(
    corpus: Corpus, condition: str, vectors: Mapping[Channel, Vectors], chosen: Selection, asked: Request, key: str
) -> Result:
    cases = chosen.cases
    labels = sorted({case.reference.label or "" for case in cases})
    answers = probes.answers(
        {channel: channel_vectors.rows for channel, channel_vectors in vectors.items()},
        {channel: channel_vectors.reasons for channel, channel_vectors in vectors.items()}, cases, labels, asked.seed,
    )  # fmt: skip
    predictions = [answer.prediction for answer in answers]
    references = [case.reference for case in cases]
    evaluators = {name: plugins().create("evaluator", name, **own) for name, own in corpus.suite.evaluators.items()}
    choice = Choice(data=asked.folders.get(corpus.name), limit=asked.limit, seed=asked.seed)
    encoders = {channel: asked.encoders[channel] for channel in vectors}
    about = results.describe(
        suite=corpus.name, tests_on=corpus.suite.tests_on, note=corpus.suite.note, system=condition, key=key,
        protocol=PROTOCOL, encoders=encoders, seed=asked.seed,
        cost={channel: channel_vectors.cost.plain() for channel, channel_vectors in vectors.items()},
        data={"reader": corpus.name, "folder": str(choice.data or ""), "split": list(corpus.split),
              "protocol": "people", "fold": None, "limit": asked.limit, "seed": asked.seed, "clips": len(cases),
              "sha256": results.ids_hash(cases)},
        vocabulary={"labels": labels, "answered_as": {}, "out_of_reach": [], "near": []},
        evaluators=measuring.described_evaluators(evaluators), pipeline=encoders, provenance={}, folds=[],
        warnings=[f"{SEEN.capitalize()}."] if corpus.seen_in_training else [], held_out=[],
        losses=losses.counted(chosen.left_out, answers, Counter()), seconds=0.0,
    )  # fmt: skip
    rows = [results.row(*together) for together in zip(cases, references, answers, predictions, strict=True)]
    return Result(about=about, measures=measuring.scores(evaluators, predictions, references), clips=rows)


def write(board: Leaderboard, out: Path) -> None:
    """Writes the page, the same in LaTeX, and the figures as JSON."""
    origin_line = origin.line(board.about)
    lines = [
        f"{PROTOCOL}, as `affekt bench all` prints it; {origin_line}.",
        *(f"{name} was not measured: {why}." for name, why in board.absent.items()),
    ]
    board_tables = board.tables
    files = {
        "leaderboard.md": tables.markdown("One protocol across corpora", board_tables, lines),
        "leaderboard.tex": tables.latex(board_tables, origin_line, "corpora"),
        "leaderboard.json": json.dumps({"about": dict(board.about), "rows": list(map(_plain, board.rows))}, indent=2,
                                       ensure_ascii=False, default=str) + "\n",
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        partial = out / f".{name}.part"
        partial.write_text(text, encoding="utf-8")
        partial.replace(out / name)


def table(board: Leaderboard) -> Table:
    """A row a corpus and condition."""
    rows: list[list[Cell]] = []
    for corpus, condition, result in board.rows:
        people = {row["group"] for row in result.clips if row["group"]}
        labels = {row["true_label"] for row in result.clips}
        rows.append([
            corpus.title + (" *" if corpus.seen_in_training else ""), condition,
            *(_cell(result, name) for name in MEASURES), _cost(result), corpus.language or None, len(people) or None,
            len(result.clips), len(labels),
        ])  # fmt: skip
    limit = board.about["limit"]
    notes = [
        "A softmax regression on the frozen vectors of an encoder, in five folds by person (pictures and lines without "
        "people: by clip). Input: which channel is read; all is the mean of the channels' log-probabilities. UAR: mean "
        "recall of the labels. ECE: expected calibration error. AURC: area under the risk–coverage curve, lower is "
        "better. Brackets: 95 % bootstrap intervals that draw people. Cost: processor seconds of decoding and encoding "
        "a second of recording, or a clip where it has no length.",
        f"Encoders: {', '.join(f'{channel} {name}' for channel, name in board.about['encoders'].items())}.",
        *([f"At most {limit} clips a corpus, evenly over labels: not the corpora's own figures."] if limit else []),
        *([f"* {SEEN.capitalize()}."] if any(corpus.seen_in_training for corpus, _, _ in board.rows) else []),
    ]
    return Table(name="T1", title="Corpora and channels", rows=rows, notes=notes, columns=(
        "corpus", "input", *MEASURES.values(), "cost", "language", "people", "clips", "labels"))  # fmt: skip


def against(board: Leaderboard, other: Path) -> Table:
    """How far another run's UAR lie off, beside the intervals of this one.

    Raises:
        BenchmarkError: the folder holds no leaderboard.
    """
    try:
        document = json.loads((other / "leaderboard.json").read_text(encoding="utf-8"))
        before = {(row["corpus"], row["input"]): row["measures"]["uar"][0] for row in document["rows"]}
        seed = document["about"]["seed"]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise BenchmarkError(f'"{other}" holds no leaderboard: {error}', hint="affekt bench all -o FOLDER") from error
    rows: list[list[Cell]] = []
    for corpus, condition, result in board.rows:
        uar = result.value("uar")
        if uar is None or (corpus.name, condition) not in before:
            continue
        value, low, high = uar
        theirs = float(before[corpus.name, condition])
        inside = low is not None and high is not None and low <= theirs <= high
        rows.append([corpus.title, condition, _cell(result, "uar"), theirs, value - theirs, "yes" if inside else "no"])
    return Table(
        name="T2", title=f"Seed {board.about['seed']} against seed {seed}", rows=rows,
        columns=("corpus", "input", "UAR", "the other's", "difference", "within"),
    )  # fmt: skip


def _cell(result: Result, name: str) -> Cell:
    estimate = result.value(name)
    if estimate is None:
        return None
    value, low, high = estimate
    return (float(value), float(low), float(high)) if low is not None and high is not None else float(value)


def _cost(result: Result) -> Cell:
    costs = [Cost(**fields) for fields in result.about["cost"].values()]
    if all(cost.rate is not None for cost in costs):
        return f"{sum(cost.rate or 0.0 for cost in costs):.2f} a second"
    return f"{sum(cost.processor_seconds / max(cost.clips, 1) for cost in costs):.3f} a clip"


def _plain(row: tuple[Corpus, str, Result]) -> dict[str, Any]:
    corpus, condition, result = row
    return {
        "corpus": corpus.name, "input": condition, "clips": len(result.clips), "run": result.about["run"],
        "measures": {name: result.value(name) for name in MEASURES}, "cost": result.about["cost"],
    }  # fmt: skip
