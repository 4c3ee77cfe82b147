"""The suite of encoders: what `encode` promises beyond what every role does."""

from typing import Any, ClassVar, get_args

import pytest
from affekt import Clip, Component, Features, Missing, Modality
from affekt.roles import Role

from affekt_testing.batch import BatchSuite
from affekt_testing.inputs import WHY, blank_clip, empty_clip, make_clips
from affekt_testing.suite import fail

EDGE = 0.1
"""Seconds that rows may leave uncovered at either end, where a row is shorter."""


class EncoderSuite(BatchSuite):
    """Clips in, features over time out. Runs on `make_clips()` unless the class has a fixture `inputs`."""

    role: ClassVar[Role] = "encoder"
    method: ClassVar[str] = "encode"
    results: ClassVar[tuple[type, ...]] = (Features, Missing)

    @pytest.fixture
    def inputs(self) -> list[Clip]:
        """Clips that have the encoder's modality."""
        return make_clips()

    def test_features_come_out(self, made: Component, inputs: list[Clip]) -> None:
        """Each clip of the suite has the modality, so each should get features, all of the same width and columns.

        Where synthetic clips cannot do (a detector needs a real face), give the class a fixture `inputs`.
        """
        modality = getattr(made, "modality", None)
        if modality not in get_args(Modality):
            fail(f"the class variable `modality` should be one of {get_args(Modality)}, found {modality!r}")
        results = self.call(made, inputs)
        for clip, result in zip(inputs, results, strict=True):
            if isinstance(result, Missing):
                fail(f'the clip "{clip.id}" has {modality}, but is said to be missing it: {result.reason}')
        if len(kinds := {(result.values.shape[1], result.names) for result in results}) > 1:
            fail(f"clips get different columns: {sorted(kinds, key=str)}")

    def test_the_clock_covers_the_clip(self, made: Component, inputs: list[Clip]) -> None:
        """Rows must begin and end with the clip, to within one row or 0.1 s, and lie in order of time.

        Count samples at the rate that the model hears, cut rows that only padding filled, and give `spans` where rows
        are irregular: a row that speaks for the whole clip spans the whole clip.
        """
        for clip, features in zip(inputs, self.call(made, inputs), strict=True):
            if isinstance(features, Missing):
                continue
            clock = features.clock()
            begin, end = _extent(clip, made.modality)  # type: ignore[attr-defined]
            if (clock[:, 1] < clock[:, 0]).any() or (clock[1:, 0] < clock[:-1, 0]).any():
                fail(f'rows of the clip "{clip.id}" run backwards')
            slack = max(EDGE, float((clock[:, 1] - clock[:, 0]).max()))
            first, last = float(clock[0, 0]), float(clock[-1, 1])
            covered = clock[0, 0] < begin + EDGE and last > end - EDGE
            if not covered and (first - begin > slack or end - last > slack):
                fail(f'the clip "{clip.id}" lasts from {begin:.2f} to {end:.2f} s, its rows {first:.2f} to {last:.2f}')
            if begin - first > EDGE or last - end > EDGE:
                fail(f'rows of the clip "{clip.id}", {first:.2f} to {last:.2f} s, leave it: {begin:.2f} to {end:.2f} s')

    def test_says_when_its_modality_is_missing(self, made: Component, inputs: list[Clip]) -> None:
        """A clip without the modality gets `Missing(reason=clip.why_missing("audio"))`, never zeros, never an error.

        So does a clip whose track is there and empty. The neighbours in the batch still get their features.
        """
        before, nothing, blank = self.call(made, [inputs[0], empty_clip(), blank_clip()])
        for clip, result in (("without any track", nothing), ("with empty tracks", blank)):
            if not isinstance(result, Missing) or not result.reason.strip():
                fail(f"a clip {clip} gets {type(result).__name__}, not Missing with a reason")
        if WHY not in nothing.reason:
            fail(f'the reason given in Clip.missing is not passed on: "{nothing.reason}", expected "{WHY}" in it')
        if isinstance(before, Missing):
            fail(f"a clip beside one without the modality is missing, too: {before.reason}")


def _extent(clip: Clip, modality: Any) -> tuple[float, float]:
    if modality == "audio" and clip.audio is not None:
        return 0.0, clip.audio.duration
    if modality == "video" and clip.video is not None:
        return 0.0, float(clip.video.at()[-1] + 1 / clip.video.fps)
    if modality == "face" and clip.faces is not None:
        pause = 1 / clip.video.fps if clip.video is not None else 0.0
        return float(clip.faces.times[0]), float(clip.faces.times[-1] + pause)
    if modality == "text" and clip.words:
        return clip.words[0].start, clip.words[-1].end
    return 0.0, clip.duration
