from dataclasses import replace

import pytest
from affekt_face.action_units import ActionUnits
from affekt_face.expression import Expression
from affekt_face.face_track import FaceTracker
from affekt_testing import EncoderSuite, PreparerSuite, make_clip


class TestExpression(EncoderSuite):
    component = Expression
    options = {"batch_size": 7}

    @pytest.fixture
    def inputs(self):
        return [make_clip(0.9), make_clip(0.5, seed=1)]


@pytest.mark.usefixtures("tracker")
class TestActionUnits(EncoderSuite):
    component = ActionUnits
    options = {"threads": 1}


@pytest.mark.usefixtures("tracker")
class TestFaceTracker(PreparerSuite):
    component = FaceTracker
    options = {"fps": 5.0, "threads": 1}
    fills = "faces"

    @pytest.fixture
    def inputs(self, load):
        clip = load("white_house_statement_2015")
        cuts = [replace(clip.video, frames=clip.video.frames[a : a + 12], times=None) for a in (0, 40)]
        return [replace(clip, id=f"cut-{index}", video=video, audio=None) for index, video in enumerate(cuts)]
