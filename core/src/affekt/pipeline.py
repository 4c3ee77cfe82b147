"""Runs components in order: prepare → encoders → fuser → reasoner, and a speaker for the answer.

predictions = pipeline.run(clips)
analysis = pipeline.analyze("clip.mp4")    # a whole recording; see `affekt_recordings`
for prediction in pipeline.stream(paths): ...
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

from affekt.answers import EmotionPrediction, SpeechRequest, SpeechResult
from affekt.calling import OnProgress, call, renamed, silent
from affekt.data import Clip
from affekt.devices import device_of, moved
from affekt.discovery import plugins
from affekt.errors import ComponentError, OptionsError
from affekt.evidence import Evidence
from affekt.gathering import gather
from affekt.provenance import provenance
from affekt.roles import Encoder, Fuser, Preparer, Reasoner, Role, Speaker
from affekt.slots import filled, parts
from affekt.trained_with import require_encoders

if TYPE_CHECKING:
    from affekt_recordings import Analysis, FailedAnalysis
    from affekt_recordings.sources import Recording


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Components in their slots. Make one from a `PipelineSpec`, or straight from components."""

    reasoner: Reasoner
    name: str = "pipeline"
    prepare: Mapping[str, Preparer] = field(default_factory=dict)
    encoders: Mapping[str, Encoder] = field(default_factory=dict)
    fuser: Fuser | None = None
    speaker: Speaker | None = None

    def slots(self) -> Iterator[tuple[str, Role, Any]]:
        """(slot, role, component) in the order they run."""
        yield from filled(self.__getattribute__)

    def close(self) -> None:
        """Ends what components hold beyond memory, such as processes; used again, they start anew. `with` closes it."""
        for _, _, component in self.slots():
            if callable(close := getattr(component, "close", None)):
                close()

    def __repr__(self) -> str:
        listed = ", ".join(f"{slot}={type(component).__name__}" for slot, _, component in self.slots())
        return f"<Pipeline {self.name!r}: {listed}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def to(self, device: str) -> Self:
        """A copy whose components compute on another device: "cuda", "cuda:1", "mps", "cpu".

        Every component that has an option `device` moves, and loads its weights anew on first use; all others stay as
        they are, as do those of other interpreters.

        Raises:
            OptionsError: no component has the option, or one refuses the device.
        """
        if all(device_of(component) is None for _, _, component in self.slots()):
            raise OptionsError(
                f'no component of the pipeline "{self.name}" has an option "device", so none can move to "{device}"',
                hint="`affekt plugins` lists the components and their options",
            )
        return replace(self, **parts((slot, role, moved(component, device)) for slot, role, component in self.slots()))

    def require_encoders(self) -> None:
        """Refuses encoders that the fuser's or the reasoner's model was not trained with; see `trained_with`.

        Raises:
            SpecError: all of them are listed.
        """
        for role, part in (("fuser", self.fuser), ("reasoner", self.reasoner)):
            if callable(stated := getattr(part, "encoders", None)) and (trained := stated()):
                require_encoders(role, trained, provenance(self))

    def gather(self, clips: Sequence[Clip], on_progress: OnProgress = silent) -> list[Evidence]:
        """Prepares and encodes: the evidence of each clip before anything is concluded."""
        return gather(self.prepare, self.encoders, self.fuser, clips, on_progress)

    def run(self, clips: Sequence[Clip], on_progress: OnProgress = silent) -> list[EmotionPrediction]:
        """One prediction a clip, in order; the clips go through as one batch."""
        self.require_encoders()
        return [prediction for _, prediction in self.judge(clips, on_progress)]

    def judge(
        self, clips: Sequence[Clip], on_progress: OnProgress = silent
    ) -> list[tuple[Evidence, EmotionPrediction]]:
        """The evidence and the prediction of each clip, in order; the clips go through as one batch."""
        evidence = self.gather(clips, on_progress)
        on_progress("reasoner")
        predictions = call("reasoner", self.reasoner, "reason", evidence, (EmotionPrediction,))
        return list(zip(evidence, predictions, strict=True))

    def stream(
        self,
        sources: "Iterable[Recording]",
        batch_size: int = 8,
        *,
        channel: int | None = None,
        sample_rate: int | None = None,
    ) -> "Iterator[EmotionPrediction | FailedAnalysis]":
        """One prediction a recording, in order, holding no more than one batch of windows at a time.

        A recording that cannot be read or judged is answered with a `FailedAnalysis`, and the others go on.

        Args:
            sources: recordings as `analyze` takes them, with its `channel` and `sample_rate`; a clip is one window.

        Raises:
            DataError: `sources` is one recording, or the batch holds none.
            MissingDependency: affekt-recordings is not installed.
        """
        stream = plugins().function("stream", "the prediction of whole recordings")
        return stream(self, sources, batch_size, channel=channel, sample_rate=sample_rate)  # type: ignore[no-any-return]

    @overload  # a string is a sequence of strings, and is taken as one recording
    def analyze(  # type: ignore[overload-overlap]
        self,
        source: "Recording",
        on_progress: OnProgress = ...,
        *,
        channel: int | None = ...,
        sample_rate: int | None = ...,
        resume: str | Path | None = ...,
    ) -> "Analysis": ...

    @overload
    def analyze(  # type: ignore[overload-overlap]
        self,
        source: "Sequence[Recording]",
        on_progress: OnProgress = ...,
        *,
        channel: int | None = ...,
        sample_rate: int | None = ...,
    ) -> "list[Analysis | FailedAnalysis]": ...

    @overload
    def analyze(
        self,
        source: "Iterable[Recording]",
        on_progress: OnProgress = ...,
        *,
        channel: int | None = ...,
        sample_rate: int | None = ...,
    ) -> "Iterator[Analysis | FailedAnalysis]": ...

    def analyze(
        self,
        source: Any,
        on_progress: OnProgress = silent,
        *,
        channel: int | None = None,
        sample_rate: int | None = None,
        resume: str | Path | None = None,
        **former: Any,
    ) -> Any:
        """What is felt in a recording, and why. Long ones go through in windows, so memory stays flat.

        Args:
            source: a file, an open file, `{"waveform": array, "sample_rate": rate}`, an array or a clip; see
                `affekt_recordings.sources`. A list of these gives a list; any other iterable gives an iterator that
                holds one recording at a time. Where one of several cannot be read or judged, a `FailedAnalysis` stands
                in its place.
            channel: judge this channel of a file's sound, counted from 0, as where two people have a microphone each;
                None takes a mix of all.
            sample_rate: of arrays that come alone.
            resume: a folder that keeps finished windows until the analysis is done; one that was killed goes on there.

        Raises:
            DataError: `source` is no recording, or `resume` holds windows of another analysis.
            MediaError: the file cannot be read.
            MissingDependency: affekt-recordings, or for what is no clip, what reads recordings, is not installed.
            Interrupted: Ctrl-C, after the first window of a long file; it holds what was finished.
        """
        on_progress = renamed(former, "step", on_progress)
        analyze = plugins().function("analyze", "the analysis of a recording")
        return analyze(self, source, on_progress, channel=channel, sample_rate=sample_rate, resume=resume)

    def speak(self, request: SpeechRequest) -> SpeechResult:
        """Speaks with the pipeline's speaker.

        Raises:
            ComponentError: the pipeline has no speaker.
        """
        if self.speaker is None:
            raise ComponentError(f'the pipeline "{self.name}" has no speaker', hint='spec.swap(speaker="kokoro")')
        result: SpeechResult = call("speaker", self.speaker, "speak", [request], (SpeechResult,))[0]
        return result
