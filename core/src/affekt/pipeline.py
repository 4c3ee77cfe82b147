"""Runs components in order: prepare → encoders → fuser → reasoner, and a speaker for the answer.

    pipeline = PipelineSpec.read("default").build()
    felt = pipeline.analyze("clip.mp4")
    for felt in pipeline.stream(paths): ...

Every result is checked against its role's contract, and an error names the slot it came from.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Self, overload

from affekt.analysis import Analysis, FailedAnalysis
from affekt.answers import EmotionPrediction, SpeechRequest, SpeechResult
from affekt.contracts import require_within
from affekt.data import Clip
from affekt.devices import device_of, moved
from affekt.errors import AffektError, ComponentError, DataError, OptionsError
from affekt.evidence import Evidence, Features, FusedSequence, Missing
from affekt.installed import said
from affekt.journal import Journal
from affekt.provenance import provenance
from affekt.roles import Encoder, Fuser, Preparer, Reasoner, Speaker
from affekt.scheduling import groups, joined, side_by_side
from affekt.shapes import fingerprint
from affekt.sources import Recording, name_of, one
from affekt.streaming import each, stream
from affekt.trained_with import require_encoders
from affekt.windows import Part, read_windows

Step = Callable[[str], None]
"""Called with the slot that begins, for progress displays."""


def _silent(step: str) -> None:
    pass


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a long file was analysed. `analysis` holds the windows that were finished, and says so in a note."""

    def __init__(self, analysis: Analysis) -> None:
        super().__init__(f"{analysis.source}: interrupted after {analysis.duration:.0f} s of it were analysed")
        self.analysis = analysis


def _cut_short(part: Part) -> Part:
    """The last window that was finished, with a note that it is the last."""
    clip = part.evidence.clip
    note = f"interrupted: nothing after {part.seconds[1]:.0f} s was analysed"
    return replace(part, evidence=replace(part.evidence, clip=replace(clip, notes=(*clip.notes, note))))


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Components in their slots. Make one from a `PipelineSpec`, or straight from components."""

    reasoner: Reasoner
    name: str = "pipeline"
    prepare: Mapping[str, Preparer] = field(default_factory=dict)
    encoders: Mapping[str, Encoder] = field(default_factory=dict)
    fuser: Fuser | None = None
    speaker: Speaker | None = None

    def close(self) -> None:
        """Ends what components hold beyond memory, such as the processes of other interpreters.

        It may be used again: what was ended starts anew. Leaving a `with` block closes it.
        """
        for part in (*self.prepare.values(), *self.encoders.values(), self.fuser, self.reasoner, self.speaker):
            if callable(close := getattr(part, "close", None)):
                close()

    def __repr__(self) -> str:
        single = {role: getattr(self, role) for role in ("fuser", "reasoner", "speaker")}
        slots = {**self.prepare, **self.encoders, **{role: part for role, part in single.items() if part is not None}}
        listed = ", ".join(f"{slot}={type(part).__name__}" for slot, part in slots.items())
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
        parts = (*self.prepare.values(), *self.encoders.values(), self.fuser, self.reasoner, self.speaker)
        if all(device_of(part) is None for part in parts):
            raise OptionsError(
                f'no component of the pipeline "{self.name}" has an option "device", so none can move to "{device}"',
                hint="`affekt plugins` lists the components and their options",
            )
        return replace(
            self,
            prepare={slot: moved(part, device) for slot, part in self.prepare.items()},
            encoders={slot: moved(part, device) for slot, part in self.encoders.items()},
            fuser=moved(self.fuser, device),
            reasoner=moved(self.reasoner, device),
            speaker=moved(self.speaker, device),
        )

    def require_encoders(self) -> None:
        """Refuses encoders that the fuser's or the reasoner's model was not trained with; see `trained_with`.

        Raises:
            SpecError: all of them are listed.
        """
        for role, part in (("fuser", self.fuser), ("reasoner", self.reasoner)):
            if callable(stated := getattr(part, "encoders", None)) and (trained := stated()):
                require_encoders(role, trained, provenance(self))

    def gather(self, clips: Sequence[Clip], step: Step = _silent) -> list[Evidence]:
        """Prepares and encodes: everything known of each clip before anything is concluded.

        Preparers that need nothing of one another run side by side, and so do encoders; see `scheduling`.
        """
        for group in groups(self.prepare):
            chosen = {slot: self.prepare[slot] for slot in group}
            prepared = _call_all(chosen, "prepare", clips, (Clip,), step)
            clips = [joined(clip, after) for clip, *after in zip(clips, *prepared.values(), strict=True)]
        columns: dict[str, list[Features | Missing]] = _call_all(
            self.encoders, "encode", clips, (Features, Missing), step
        )
        evidence = [self._evidence(clip, {slot: column[i] for slot, column in columns.items()})
                    for i, clip in enumerate(clips)]  # fmt: skip
        if self.fuser is not None:
            step("fuser")
            fused = _call("fuser", self.fuser, "fuse", evidence, (FusedSequence,))
            evidence = [replace(known, fused=tokens) for known, tokens in zip(evidence, fused, strict=True)]
        return evidence

    def _evidence(self, clip: Clip, encoded: Mapping[str, Features | Missing]) -> Evidence:
        features = {
            slot: replace(found, source=found.source or repr(self.encoders[slot]))
            for slot, found in encoded.items()
            if isinstance(found, Features)
        }
        missing = {slot: found.reason for slot, found in encoded.items() if isinstance(found, Missing)}
        return Evidence(clip=clip, features=features, missing=missing)

    def run(self, clips: Sequence[Clip], step: Step = _silent) -> list[EmotionPrediction]:
        """One prediction a clip, in order; the clips go through as one batch."""
        self.require_encoders()
        return [part.prediction for part in self._judge(clips, step)]

    def _judge(self, clips: Sequence[Clip], step: Step = _silent) -> list[Part]:
        evidence = self.gather(clips, step)
        step("reasoner")
        predictions = _call("reasoner", self.reasoner, "reason", evidence, (EmotionPrediction,))
        return [Part(evidence=known, prediction=felt) for known, felt in zip(evidence, predictions, strict=True)]

    def stream(
        self,
        sources: Iterable[Recording],
        batch_size: int = 8,
        *,
        channel: int | None = None,
        sample_rate: int | None = None,
    ) -> Iterator[EmotionPrediction | FailedAnalysis]:
        """One prediction a recording, in order, holding no more than one batch of windows at a time.

        A recording that cannot be read or judged is answered with a `FailedAnalysis`, and the others go on.

        Args:
            sources: recordings as `analyze` takes them; a clip is one window.
            channel: of every file's or array's sound, see `analyze`.
            sample_rate: of arrays that come alone.

        Raises:
            DataError: `sources` is one recording, or the batch holds none.
        """
        require_within("batch_size", batch_size, 1)
        if isinstance(sources, str | os.PathLike | Clip | Mapping):
            raise DataError(f"stream takes several recordings; found {name_of(sources)} alone", hint="[recording]")
        self.require_encoders()
        return stream(self._judge, lambda source: _windows(source, channel, sample_rate), sources, batch_size)

    @overload  # a string is a sequence of strings, and is taken as one recording
    def analyze(  # type: ignore[overload-overlap]
        self,
        source: Recording,
        step: Step = ...,
        *,
        channel: int | None = ...,
        sample_rate: int | None = ...,
        resume: str | Path | None = ...,
    ) -> Analysis: ...

    @overload
    def analyze(  # type: ignore[overload-overlap]
        self, source: Sequence[Recording], step: Step = ..., *, channel: int | None = ..., sample_rate: int | None = ...
    ) -> list[Analysis | FailedAnalysis]: ...

    @overload
    def analyze(
        self, source: Iterable[Recording], step: Step = ..., *, channel: int | None = ..., sample_rate: int | None = ...
    ) -> Iterator[Analysis | FailedAnalysis]: ...

    def analyze(
        self,
        source: Any,
        step: Step = _silent,
        *,
        channel: int | None = None,
        sample_rate: int | None = None,
        resume: str | Path | None = None,
    ) -> Analysis | list[Analysis | FailedAnalysis] | Iterator[Analysis | FailedAnalysis]:
        """What is felt in a recording, and why. Long ones go through in windows, so memory stays flat.

        Args:
            source: a file, an open file, `{"waveform": array, "sample_rate": rate}`, an array or a clip; see `sources`.
                A list of these gives a list; any other iterable gives an iterator that holds one recording at a time.
                Where one of several cannot be read or judged, a `FailedAnalysis` stands in its place.
            channel: judge this channel of a file's sound, counted from 0, as where two people have a microphone each;
                None takes a mix of all.
            sample_rate: of arrays that come alone.
            resume: a folder that keeps finished windows until the analysis is done; one that was killed goes on there.

        Raises:
            DataError: `source` is no recording, or `resume` holds windows of another analysis.
            MediaError: the file cannot be read.
            MissingDependency: `source` is no clip and affekt-media is not installed.
            Interrupted: Ctrl-C, after the first window of a long file; it holds what was finished.
        """
        self.require_encoders()
        if one(source, sample_rate) is not None:
            return self._analyze(source, step, channel, sample_rate, resume)
        if resume is not None:
            raise DataError("`resume` keeps the windows of one file; found several", hint="a loop with a folder each")
        analyses = each(lambda each_one: self._analyze(each_one, step, channel, sample_rate, None), source)
        return list(analyses) if isinstance(source, Sequence) else analyses

    def _analyze(
        self, source: Any, step: Step, channel: int | None, sample_rate: int | None, resume: str | Path | None
    ) -> Analysis:
        name, parts = name_of(source), list[Part]()
        journal = None
        if resume is not None and not isinstance(source, Clip):
            if not isinstance(source, str | os.PathLike):
                raise DataError(f"`resume` keeps the windows of a file; found {name}", hint="the path of a file")
            journal = Journal(resume, Path(source), channel, provenance(self))
            parts = journal.parts()
        finished = len(parts)
        name += "" if channel is None else f", channel {channel}"
        step("media")
        try:
            for number, clip in enumerate(_windows(source, channel, sample_rate)):
                if number < finished:
                    step("media")
                    continue
                parts = [*parts[:-1], *map(Part.lighten, parts[-1:]), *self._judge([clip], step)]
                if journal is not None:
                    journal.add(number, parts[-1])
                step("media")
        except KeyboardInterrupt as interrupt:
            if parts:
                raise Interrupted(self._analysis(name, [*parts[:-1], _cut_short(parts[-1])])) from interrupt
            raise
        analysis = self._analysis(name, parts)
        if journal is not None:
            journal.remove()
        return analysis

    def _analysis(self, name: str, parts: Sequence[Part]) -> Analysis:
        kept = self._linked(parts if len(parts) == 1 else [*parts[:-1], *map(Part.lighten, parts[-1:])])
        return Analysis(source=name, parts=tuple(kept), provenance=provenance(self))

    def _linked(self, parts: Sequence[Part]) -> list[Part]:
        """The windows with people who are the same in all of them, where a preparer has a method `link`."""
        clips: Sequence[Clip] = [part.evidence.clip for part in parts]
        for slot, preparer in self.prepare.items():
            if callable(getattr(preparer, "link", None)):
                clips = _call(slot, preparer, "link", clips, (Clip,))
        return [
            replace(part, evidence=replace(part.evidence, clip=clip)) for part, clip in zip(parts, clips, strict=True)
        ]

    def speak(self, request: SpeechRequest) -> SpeechResult:
        """Speaks with the pipeline's speaker.

        Raises:
            ComponentError: the pipeline has no speaker.
        """
        if self.speaker is None:
            raise ComponentError(f'the pipeline "{self.name}" has no speaker', hint='spec.swap(speaker="kokoro")')
        result: SpeechResult = _call("speaker", self.speaker, "speak", [request], (SpeechResult,))[0]
        return result


def _windows(source: Any, channel: int | None, sample_rate: int | None) -> Iterable[Clip]:
    """The windows of one recording.

    Raises:
        DataError: it holds several, or is none.
    """
    recording = one(source, sample_rate)
    if recording is None:
        raise DataError(f"each of several recordings should be one; found a {type(source).__name__}", hint="one list")
    return [recording] if isinstance(recording, Clip) else read_windows(recording, channel)


def _call_all(
    components: Mapping[str, Any], method: str, batch: Sequence[Any], kinds: tuple[type, ...], step: Step
) -> dict[str, list[Any]]:
    """Calls the same method of several components side by side; see `_call`."""

    def call(slot: str) -> list[Any]:
        step(slot)
        return _call(slot, components[slot], method, batch, kinds)

    results = side_by_side([partial(call, slot) for slot in components], components.values())
    return dict(zip(components, results, strict=True))


def _call(slot: str, component: Any, method: str, batch: Sequence[Any], kinds: tuple[type, ...]) -> list[Any]:
    """Calls a role's method and checks what comes back, and that what went in is as it was."""
    where = f'"{slot}" ({type(component).__name__}.{method})'
    before = [fingerprint(given) for given in batch]
    try:
        results = getattr(component, method)(batch)
    except AffektError as error:
        error.add_note(f"in {where}")
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, too: a component must not end its caller
        raise ComponentError(f"{where} raised {said(error)}", hint="affekt doctor") from error
    if [fingerprint(given) for given in batch] != before:
        raise ComponentError(
            f"{where} changed its inputs, which every other component shares",
            hint=f"report it to the author, or run {slot} in a process of its own: python: {sys.executable}",
        )
    if not isinstance(results, list) or len(results) != len(batch):
        size = len(results) if isinstance(results, Sequence) else type(results).__name__
        raise ComponentError(f"{where} should return a list of {len(batch)}, one an input; found {size}")
    for result in results:
        if not isinstance(result, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise ComponentError(f"{where} should return {wanted}; found {type(result).__name__}")
    return results
