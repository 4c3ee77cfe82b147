"""The six roles of a pipeline, in the order data meets them. One method each: a batch in, a list out.

Every method returns one result an input, in the same order, and leaves its inputs as they were.
The protocols are for typing; `component.Component` is the only base class.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Protocol, get_args, runtime_checkable

from affekt.answers import EmotionPrediction, SpeechRequest, SpeechResult, Truth
from affekt.data import Clip, Modality
from affekt.evidence import Evidence, Features, FusedSequence, Missing

Role = Literal["preparer", "encoder", "fuser", "reasoner", "evaluator", "speaker"]
"""As plugins announce it: the name of its protocol in lower case."""
SECTIONS: Mapping[str, Role] = {"prepare": "preparer", "encoders": "encoder"}
"""The parts of a pipeline that hold several slots → the role of the components in them."""
SINGLE: tuple[Role, ...] = ("fuser", "reasoner", "speaker")
"""The parts of a pipeline that hold one component and are called as its role. All run in this order."""


@runtime_checkable
class Preparer(Protocol):
    """Enriches clips before they are encoded: a transcript, a face track.

    One that tells people apart may also have a method `link(clips) -> list[Clip]`: called once with the windows of a
    whole recording, without their sound and pictures, it returns them with people who are the same in all of them.
    """

    def prepare(self, clips: Sequence[Clip]) -> list[Clip]:
        """The clips with more filled in; what could not be is named in `Clip.missing` with its reason."""
        ...


@runtime_checkable
class Encoder(Protocol):
    """Turns one modality of a clip into rows of features over time."""

    modality: ClassVar[Modality]

    def encode(self, clips: Sequence[Clip]) -> list[Features | Missing]:
        """Features, or why a clip has none."""
        ...


@runtime_checkable
class Fuser(Protocol):
    """Joins features into tokens of the reasoner's embedding space."""

    def fuse(self, evidence: Sequence[Evidence]) -> list[FusedSequence]:
        """One sequence a clip, with a mask where a modality is missing."""
        ...


@runtime_checkable
class Reasoner(Protocol):
    """Says what is felt and why."""

    def reason(self, evidence: Sequence[Evidence]) -> list[EmotionPrediction]:
        """One prediction a clip."""
        ...


@runtime_checkable
class Evaluator(Protocol):
    """Measures predictions against reference labels."""

    def evaluate(self, predictions: Sequence[EmotionPrediction], truth: Truth) -> Mapping[str, float]:
        """Name of the measure → value. Intervals are measures too: `uar`, `uar.low` and `uar.high`."""
        ...


@runtime_checkable
class Speaker(Protocol):
    """Speaks a text in an emotion."""

    def speak(self, requests: Sequence[SpeechRequest]) -> list[SpeechResult]:
        """One result a request."""
        ...


ROLES: Mapping[Role, type] = {role: globals()[role.capitalize()] for role in get_args(Role)}
"""Name of a role → its protocol."""


def method_of(role: Role) -> str:
    """The one method of a role's protocol."""
    return next(name for name, value in vars(ROLES[role]).items() if not name.startswith("_") and callable(value))
