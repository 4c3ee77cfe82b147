import pytest
from affekt import Evidence
from affekt_basics.beeps import Beeps
from affekt_basics.brightness import Brightness
from affekt_basics.concatenate import Concatenate
from affekt_basics.given_text import GivenText
from affekt_basics.hits import Hits
from affekt_basics.loud_is_excited import LoudIsExcited
from affekt_basics.loudness import Loudness
from affekt_testing import (
    EncoderSuite,
    EvaluatorSuite,
    FuserSuite,
    PreparerSuite,
    ReasonerSuite,
    SpeakerSuite,
    make_clips,
)


class TestGivenText(PreparerSuite):
    component = GivenText
    options = {"text": "to be or not to be"}


class TestLoudness(EncoderSuite):
    component = Loudness
    options = {"hop": 0.05}


class TestBrightness(EncoderSuite):
    component = Brightness


class TestConcatenate(FuserSuite):
    component = Concatenate
    options = {"width": 8}


class TestLoudIsExcited(ReasonerSuite):
    component = LoudIsExcited

    @pytest.fixture
    def inputs(self):
        clips = make_clips()
        features = Loudness().encode(clips)
        return [Evidence(clip=c, features={"speech": f}) for c, f in zip(clips, features, strict=True)]


class TestHits(EvaluatorSuite):
    component = Hits


class TestBeeps(SpeakerSuite):
    component = Beeps
