"""The suite of preparers: what `prepare` promises beyond what every role does."""

from dataclasses import replace
from typing import ClassVar

import pytest
from affekt import Clip, Component
from affekt.roles import Role

from affekt_testing.batch import BatchSuite
from affekt_testing.inputs import empty_clip, make_clips
from affekt_testing.suite import fail

FILLED = {"audio": "audio", "video": "video", "text": "text", "faces": "face"}
"""Field of a clip that a preparer may fill → its modality."""


class PreparerSuite(BatchSuite):
    """Clips in, richer clips out. Runs on `make_clips()` without text and faces unless there is a fixture `inputs`."""

    role: ClassVar[Role] = "preparer"
    method: ClassVar[str] = "prepare"
    results: ClassVar[tuple[type, ...]] = (Clip,)
    fills: ClassVar[str] = "text"
    """The field of a clip that is filled in: text, faces, audio or video."""

    @pytest.fixture
    def inputs(self) -> list[Clip]:
        """Clips that lack what is filled in."""
        return [replace(clip, text=None, words=(), faces=None, language=None) for clip in make_clips()]

    def test_clips_keep_who_they_are(self, made: Component, inputs: list[Clip]) -> None:
        """A preparer adds to a clip: `dataclasses.replace(clip, …)`. Its id, its start and other fields must stay."""
        for before, after in zip(inputs, self.call(made, inputs), strict=True):
            if (before.id, before.start) != (after.id, after.start):
                fail(f'the clip "{before.id}" at {before.start} s becomes "{after.id}" at {after.start} s')
            lost = [name for name in FILLED if getattr(before, name) is not None and getattr(after, name) is None]
            if lost:
                fail(f'the clip "{before.id}" loses {", ".join(lost)}')

    def test_says_when_its_modality_is_missing(self, made: Component) -> None:
        """What cannot be filled in is named in `Clip.missing` with a reason, never invented and never an error.

        Set the class variable `fills` to the field of the clip that the preparer fills: text, faces, audio or video.
        """
        (after,) = self.call(made, [empty_clip()])
        if getattr(after, self.fills) is None and not after.missing.get(FILLED[self.fills], "").strip():
            fail(f'a clip with nothing in it has no {self.fills} afterwards, and no reason in missing["{self.fills}"]')
