"""Runs components in order: prepare → encoders → fuser → reasoner, and a speaker for the answer.

    pipeline = PipelineSpec.read("default").build()
    for felt in pipeline.stream(clips): ...

Every result is checked against its role's contract, and an error names the slot it came from.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np

from affekt.analysis import Analysis
from affekt.answers import EmotionPrediction, SpeechRequest, SpeechResult
from affekt.data import Clip
from affekt.errors import AffektError, ComponentError, DataError
from affekt.evidence import Evidence, Features, FusedSequence, Missing
from affekt.installed import said
from affekt.journal import Journal
from affekt.provenance import provenance
from affekt.roles import Encoder, Fuser, Preparer, Reasoner, Speaker
from affekt.shapes import fingerprint
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

    def require_encoders(self) -> None:
        """Refuses encoders that the fuser's or the reasoner's model was not trained with; see `trained_with`.

        Raises:
            SpecError: all of them are listed.
        """
        for role, part in (("fuser", self.fuser), ("reasoner", self.reasoner)):
            if callable(stated := getattr(part, "encoders", None)) and (trained := stated()):
                require_encoders(role, trained, provenance(self))

    def gather(self, clips: Sequence[Clip], step: Step = _silent) -> list[Evidence]:
        """Prepares and encodes: everything known of each clip before anything is concluded."""
        for slot, preparer in self.prepare.items():
            step(slot)
            clips = _call(slot, preparer, "prepare", clips, (Clip,))
        columns: dict[str, list[Features | Missing]] = {}
        for slot, encoder in self.encoders.items():
            step(slot)
            columns[slot] = _call(slot, encoder, "encode", clips, (Features, Missing))
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
        evidence = self.gather(clips, step)
        step("reasoner")
        return _call("reasoner", self.reasoner, "reason", evidence, (EmotionPrediction,))

    def stream(self, clips: Iterable[Clip], batch_size: int = 8) -> Iterator[EmotionPrediction]:
        """One prediction a clip, in order, holding no more than one batch of clips at a time."""
        waiting = iter(clips)
        while batch := list(islice(waiting, batch_size)):
            yield from self.run(batch)

    def analyze(
        self,
        source: str | Path | Clip,
        step: Step = _silent,
        *,
        channel: int | None = None,
        resume: str | Path | None = None,
    ) -> Analysis:
        """What is felt in a file or a clip, and why. Long files go through in windows, so memory stays flat.

        Args:
            channel: judge this channel of a file's sound, counted from 0, as where two people have a microphone each;
                None takes a mix of all.
            resume: a folder that keeps finished windows until the analysis is done; one that was killed goes on there.

        Raises:
            DataError: `source` is neither a file nor a clip, or `resume` holds windows of another analysis.
            MediaError: the file cannot be read.
            MissingDependency: `source` is a file and affekt-media is not installed.
            Interrupted: Ctrl-C, after the first window of a long file; it holds what was finished.
        """
        if not isinstance(source, str | os.PathLike | Clip):
            raise _not_one_source(source)
        self.require_encoders()
        name, parts = str(source.id if isinstance(source, Clip) else source), list[Part]()
        journal = None
        if resume is not None and not isinstance(source, Clip):
            journal = Journal(resume, source, channel, provenance(self))
            parts = journal.parts()
        finished = len(parts)
        name += "" if channel is None else f", channel {channel}"
        step("media")
        try:
            for number, clip in enumerate([source] if isinstance(source, Clip) else read_windows(source, channel)):
                if number < finished:
                    step("media")
                    continue
                evidence = self.gather([clip], step)
                step("reasoner")
                prediction = _call("reasoner", self.reasoner, "reason", evidence, (EmotionPrediction,))[0]
                parts = [*parts[:-1], *map(Part.lighten, parts[-1:]), Part(evidence=evidence[0], prediction=prediction)]
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


def _not_one_source(source: Any) -> DataError:
    """The error for what is no file and no clip, with what the caller may have meant."""
    if isinstance(source, np.ndarray):
        found = f"an array of shape {list(source.shape)}"
        hint = "Clip(id=…, audio=AudioSignal(samples=array.astype(numpy.float32), sample_rate=16_000))"
    elif isinstance(source, Iterable):
        found, hint = f"a {type(source).__name__} of several", "[pipeline.analyze(path) for path in paths]"
    else:
        found, hint = type(source).__name__, 'pipeline.analyze("clip.mp4")'
    return DataError(f"analyze takes one file or one Clip; found {found}", hint=hint)


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
