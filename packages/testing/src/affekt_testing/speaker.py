"""The suite of speakers: what `speak` promises beyond what every role does."""

from typing import ClassVar

import pytest
from affekt import AffektError, Component, SpeechRequest, SpeechResult
from affekt.roles import Role

from affekt_testing.announcement import announced
from affekt_testing.batch import BatchSuite
from affekt_testing.suite import fail


class SpeakerSuite(BatchSuite):
    """Requests in, speech out. Runs on two short texts unless the class has a fixture `inputs`."""

    role: ClassVar[Role] = "speaker"
    method: ClassVar[str] = "speak"
    results: ClassVar[tuple[type, ...]] = (SpeechResult,)

    @pytest.fixture
    def inputs(self) -> list[SpeechRequest]:
        """What to say."""
        return [
            SpeechRequest(text="I am here.", emotion="happy", intensity=0.8),
            SpeechRequest(text="Please come back home soon.", emotion="sad"),
        ]

    def test_speech_says_that_it_is_synthetic(self, made: Component, inputs: list[SpeechRequest]) -> None:
        """`SpeechResult.provenance` must hold `"synthetic": True`; the result also carries its own request."""
        for request, result in zip(inputs, self.call(made, inputs), strict=True):
            if result.provenance.get("synthetic") is not True:
                fail(f'provenance should hold "synthetic": True, found {dict(result.provenance)}')
            if result.request != request:
                fail(f"the result carries the request {result.request}, not {request}")

    def test_speech_can_be_heard(self, made: Component, inputs: list[SpeechRequest]) -> None:
        """Sound must be louder than silence, within full scale (±1), and at the announced sample rate."""
        rate = announced(self.component).info.sample_rate
        for result in self.call(made, inputs):
            peak = float(abs(result.audio.samples).max(initial=0.0))
            if not 0.01 < peak <= 1.0:
                fail(f'the loudest sample of "{result.request.text}" is {peak:.3g}; full scale is 1')
            if rate is not None and result.audio.sample_rate != rate:
                fail(f"{rate} Hz are announced, {result.audio.sample_rate} Hz come out")

    def test_says_when_its_modality_is_missing(self, made: Component) -> None:
        """A text without a word cannot be spoken: raise a DataError that says so, never return silence."""
        for text in ("", "  \n"):
            with pytest.raises(AffektError):
                self.call(made, [SpeechRequest(text=text)])
