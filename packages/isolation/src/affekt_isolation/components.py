"""What stands in a pipeline for a component of another interpreter: one class a role, so that each has its method."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from affekt import (
    Clip,
    Component,
    EmotionPrediction,
    Evidence,
    Features,
    FusedSequence,
    Missing,
    Modality,
    OptionsError,
    SpeechRequest,
    SpeechResult,
    Truth,
)
from pydantic import ByteSize, Field, JsonValue

from affekt_isolation.worker import Worker


class Isolated(Component):
    """Which component, and where it runs. Subclasses add their role's method and nothing else."""

    name: str = Field(description="Of the component, as in pipeline files")
    options: dict[str, JsonValue] = Field(default_factory=dict, description="Of the component")
    python: str = Field(description="The interpreter that runs it; it needs affekt-core and the plugin")
    timeout: float = Field(default=600.0, gt=0, description="Seconds that a call may take")
    memory: ByteSize | None = Field(default=None, description='What it may hold, with what it starts: "4GB"')

    @cached_property
    def worker(self) -> Worker:
        """The handle of the process; starts nothing."""
        role = _ROLE_OF[type(self)]
        first = {"do": "make", "role": role, "name": self.name, "options": dict(self.options)}
        where = f'{role} "{self.name}"'
        return Worker(first, where, python=self.python, timeout=self.timeout, memory=self.memory)

    def close(self) -> None:
        """Ends the process; a later call starts another."""
        self.worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stands_for(self) -> dict[str, Any]:
        """Target, options, distribution, version and weights of the component over there, for provenance."""
        return {"name": self.name, **self.worker.made(), "interpreter": self.python}


class IsolatedPreparer(Isolated):
    """A preparer in another interpreter."""

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """See `Preparer`."""
        prepared: list[Clip] = self.worker.call("prepare", list(clips))
        return prepared


class IsolatedEncoder(Isolated):
    """An encoder in another interpreter."""

    @property
    def modality(self) -> Modality:
        """Asks the worker, and starts it for that."""
        modality: Modality = self.worker.made()["modality"]
        return modality

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """See `Encoder`."""
        features: list[Features | Missing] = self.worker.call("encode", list(clips))
        return features


class IsolatedFuser(Isolated):
    """A fuser in another interpreter."""

    def fuse(self, evidence: Sequence[Evidence]) -> list[FusedSequence]:
        """See `Fuser`."""
        sequences: list[FusedSequence] = self.worker.call("fuse", list(evidence))
        return sequences


class IsolatedReasoner(Isolated):
    """A reasoner in another interpreter."""

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """See `Reasoner`."""
        predictions: list[EmotionPrediction] = self.worker.call("reason", list(evidence))
        return predictions


class IsolatedEvaluator(Isolated):
    """An evaluator in another interpreter."""

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """See `Evaluator`."""
        measures: Mapping[str, float] = self.worker.call("evaluate", list(predictions), list(truth))
        return measures


class IsolatedSpeaker(Isolated):
    """A speaker in another interpreter."""

    def speak(self, requests: Sequence[SpeechRequest]) -> list[SpeechResult]:
        """See `Speaker`."""
        speech: list[SpeechResult] = self.worker.call("speak", list(requests))
        return speech


_ROLE_OF: dict[type[Isolated], str] = {
    IsolatedPreparer: "preparer",
    IsolatedEncoder: "encoder",
    IsolatedFuser: "fuser",
    IsolatedReasoner: "reasoner",
    IsolatedEvaluator: "evaluator",
    IsolatedSpeaker: "speaker",
}


def isolate(role: str, name: str, options: Mapping[str, Any] | None = None, *, python: str, **limits: Any) -> Isolated:
    """A component that runs in another interpreter. Nothing starts before its first call.

    `limits` are `timeout`, seconds a call may take, and `memory`, bytes or a word such as "4GB".

    Raises:
        OptionsError: there is no such role, or a limit makes no sense.
    """
    kinds = {role_name: kind for kind, role_name in _ROLE_OF.items()}
    if role not in kinds:
        raise OptionsError(f'there is no role "{role}"', hint=f"one of {', '.join(kinds)}")
    return kinds[role].create(name=name, options=dict(options or {}), python=str(python), **limits)
