"""A result: the measures, every answer, and everything needed to repeat them. JSON, and Parquet with a row a clip."""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
from affekt import Clue, EmotionPrediction, Reference

from affekt_benchmark import origin
from affekt_benchmark.material.cases import Case
from affekt_benchmark.material.suites import BenchmarkError
from affekt_benchmark.runs.running import Answer, plain_clue

FORMAT = 2
LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "transformers", "faster-whisper", "ctranslate2", "krippendorff")


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """One system on one suite."""

    about: Mapping[str, Any]
    """Suite, data, pipeline, versions: see `describe`."""
    measures: Mapping[str, Mapping[str, float]]
    """Evaluator → measure → value."""
    clips: Sequence[Mapping[str, Any]]
    """A row a clip."""

    @property
    def name(self) -> str:
        """The name of the system."""
        return str(self.about["system"])

    def pairs(self) -> tuple[list[EmotionPrediction], list[Reference]]:
        """Answers and references, of the clips that were answered, as the evaluators saw them."""
        rows = [row for row in self.clips if row["answer"] is not None]
        return [_prediction(row) for row in rows], [_reference(row) for row in rows]

    def value(self, name: str) -> tuple[float, float | None, float | None] | None:
        """A measure and its interval, from whichever evaluator has it."""
        for measures in self.measures.values():
            if name in measures:
                return measures[name], measures.get(f"{name}.low"), measures.get(f"{name}.high")
        return None

    def write(self, folder: Path) -> None:
        """Writes `result.json` and `clips.parquet`; each appears whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = [
            {name: json.dumps(value, ensure_ascii=False) if name in NESTED else value for name, value in row.items()}
            for row in self.clips
        ]
        table = pyarrow.Table.from_pylist(rows).replace_schema_metadata({"affekt": json.dumps(dict(self.about))})
        partial = folder / ".clips.parquet.part"
        pyarrow.parquet.write_table(table, partial)
        partial.replace(folder / "clips.parquet")
        document = {
            "about": dict(self.about),
            "measures": {name: dict(measures) for name, measures in self.measures.items()},
        }
        partial = folder / ".result.json.part"
        partial.write_text(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
        partial.replace(folder / "result.json")

    @classmethod
    def read(cls, folder: Path) -> "Result":
        """Reads what `write` wrote.

        Raises:
            BenchmarkError: the folder holds no result, or one of another format.
        """
        try:
            document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
            rows = pyarrow.parquet.read_table(folder / "clips.parquet").to_pylist()
            if document["about"]["format"] != FORMAT:
                raise ValueError(f"format {document['about']['format']}, not {FORMAT}")
            clips = [
                {name: json.loads(value) if name in NESTED else value for name, value in row.items()} for row in rows
            ]
            return cls(about=document["about"], measures=document["measures"], clips=clips)
        except (OSError, ValueError, KeyError, TypeError, pyarrow.ArrowException) as error:
            raise BenchmarkError(f'"{folder}" holds no result: {error}', hint="affekt bench SUITE -o FOLDER") from error


NESTED = ("scores", "clues", "missing", "answered_scores")
"""Columns that are JSON within Parquet, so that every suite has the same columns."""


def row(case: Case, true: Reference, answer: Answer, prediction: EmotionPrediction | None) -> dict[str, Any]:
    """A clip's row: what is true, what was answered in the data set's labels, and why."""
    own = answer.prediction
    return {
        "id": true.id, "media": case.media, "row": case.sample.row,
        "true_label": true.label, "true_labels": list(true.labels), "true_valence": true.valence,
        "description": true.description, "raters": list(true.raters), "group": true.group, "fold": true.fold,
        "answer": prediction.label if prediction else None, "labels": list(prediction.labels) if prediction else [],
        "scores": dict(prediction.scores) if prediction else {}, "answered_scores": dict(own.scores) if own else {},
        "confidence": max(prediction.scores.values()) if prediction else None,
        "valence": prediction.valence if prediction else None, "arousal": prediction.arousal if prediction else None,
        "abstained": prediction.abstained if prediction else None,
        "rationale": prediction.rationale if prediction else "",
        "generated": prediction.generated if prediction else "",
        "clues": [plain_clue(clue) for clue in prediction.clues] if prediction else [],
        "text": answer.text, "missing": answer.missing, "seconds": answer.seconds, "failure": answer.failure,
        "reason": answer.reason,
    }  # fmt: skip


def _prediction(fields: Mapping[str, Any]) -> EmotionPrediction:
    return EmotionPrediction(
        scores=fields["scores"], labels=tuple(fields["labels"]), valence=fields["valence"], arousal=fields["arousal"],
        rationale=fields["rationale"], generated=fields.get("generated") or "", abstained=fields["abstained"],
        clues=tuple(Clue(**clue) for clue in fields["clues"]),
    )  # fmt: skip


def _reference(fields: Mapping[str, Any]) -> Reference:
    return Reference(
        id=fields["id"], label=fields["true_label"], labels=tuple(fields["true_labels"]),
        valence=fields["true_valence"], description=fields["description"], raters=tuple(fields["raters"]),
        group=fields["group"], fold=fields["fold"],
    )  # fmt: skip


def describe(**facts: Any) -> dict[str, Any]:
    """What a reader needs to repeat a run: its name, the code, the moment, the versions, and what is told."""
    installed = {dist.metadata["Name"]: dist.version for dist in distributions() if dist.metadata["Name"]}
    named = sorted(name for name in installed if name.startswith("affekt-") or name in LIBRARIES)
    moment, command = datetime.now(UTC), " ".join(["affekt", *sys.argv[1:]])
    return {
        "format": FORMAT,
        "run": origin.run_id(moment.isoformat(), platform.node(), os.getpid(), command),
        "commit": origin.commit(),
        "environment": origin.environment(),
        "made": moment.isoformat(timespec="seconds"),
        "command": command,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "versions": {name: installed[name] for name in named},
        **facts,
    }


def ids_hash(cases: Sequence[Case]) -> str:
    """The hash of the clips' names and labels in their order."""
    lines = "\n".join(f"{case.reference.id}\t{case.reference.label}\t{case.reference.labels}" for case in cases)
    return hashlib.sha256(lines.encode()).hexdigest()
