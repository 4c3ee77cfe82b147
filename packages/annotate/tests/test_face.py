"""Peak frames and first labels from action units over time."""

import numpy as np
import pytest
from affekt import Clip, Evidence, Features
from affekt_annotate.annotation import Annotation
from affekt_annotate.config import FaceStep
from affekt_annotate.face import look
from affekt_annotate.running import annotate

ROWS, HOP = 40, 0.1
RAW = FaceStep(resting=None)


def units(**columns):
    """Action units at ten rows a second: unit → value, or value by row."""
    values = np.stack([np.broadcast_to(np.asarray(own, np.float32), ROWS) for own in columns.values()], axis=1)
    return Features(values=np.ascontiguousarray(values), hop=HOP, names=tuple(columns), source="units")


def bump(row, height):
    """A unit that shows in one row alone."""
    values = np.zeros(ROWS, np.float32)
    values[row] = height
    return values


def seen(features, step=RAW, others=(), **more):
    """The face of a clip with these features."""
    known = {"units": features} | more
    return look(Evidence(clip=Clip(id="a"), features=known), others, step, fps=25.0)


def peaks(face):
    """Rule → peak."""
    return {peak.rule: peak for peak in face.peaks}


def test_a_wide_open_mouth_makes_the_peak_upstream_and_not_in_the_speech_robust_rule():
    own = peaks(seen(units(AU12=bump(8, 0.6), AU25=bump(30, 1.0), AU26=bump(30, 0.9))))
    assert own["upstream"].frame == int(30.5 * HOP * 25)
    assert own["speech-robust"].frame == int(8.5 * HOP * 25)
    assert list(own["speech-robust"].units) == ["AU12"]


def test_a_face_that_only_talks_falls_back_to_the_voice_and_says_so():
    names = ("pitch", "loudness", "voicing", "speech")
    values = np.ones((ROWS, 4), np.float32)
    values[20:26, :2] = 9.0
    own = peaks(seen(units(AU25=bump(3, 1.0)), prosody=Features(values=values, hop=HOP, names=names, source="prosody")))
    assert own["speech-robust"].source == "voice"
    assert 2.0 <= own["speech-robust"].time <= 2.6
    assert "beyond speech" in own["speech-robust"].reason
    assert own["upstream"].source == "face"


def test_no_face_and_no_voice_have_no_peak():
    face = look(Evidence(clip=Clip(id="a", missing={"face": "nobody is seen"})), (), FaceStep(), fps=25.0)
    assert (face.state, face.reason, face.label) == ("absent", "nobody is seen", None)
    assert {peak.state for peak in face.peaks} == {"absent"}


def test_a_units_own_resting_level_is_no_expression():
    held = units(AU06=0.4, AU12=0.4, AU14=0.4)
    assert seen(held).label == "happy"
    assert seen(held, FaceStep()).label is None
    rising = np.linspace(0.4, 0.9, ROWS)
    assert seen(units(AU06=rising, AU12=rising, AU14=rising), FaceStep()).label == "happy"


def test_columns_of_presence_overrule_heights():
    present = units(AU04=0.5, AU15=0.5, AU04_c=0.0, AU15_c=1.0, AU28_c=1.0)
    face = seen(present, FaceStep(least_share=0.2))
    chosen = next(peak for peak in face.peaks if peak.rule == "speech-robust")
    assert sorted(chosen.units) == ["AU15", "AU28"]
    assert face.rule["worried"] == pytest.approx(1.0)  # AU28 alone, as the table has no AU20


def test_every_face_has_its_own_label():
    face = seen(units(AU06=0.6, AU12=0.8), others=[(units(AU01=0.5, AU04=0.5, AU15=0.5), "another face of the clip")])
    assert [(track.chosen, track.label) for track in face.tracks] == [(True, "happy"), (False, "sad")]
    assert face.label == "happy"


def test_a_face_that_openface_is_not_sure_of_is_absent(world, tmp_path):
    world.add("blurred")
    table = world.tables / "blurred.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(" 0.98,", " 0.2,"), encoding="utf-8")
    annotate(world.config(label_from=["rule"]), world.samples(), tmp_path / "out")
    told = (tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8")
    assert '"face": {"detector": "", "label": null' in told
    assert "OpenFace saw no face here" in told


def test_every_face_of_a_table_of_several_is_described_with_its_own_units(world, tmp_path):
    world.add("two", raised=("AU06", "AU12", "AU14"), other=("AU01", "AU04", "AU15"))
    annotate(world.config(label_from=["rule"]), world.samples(), tmp_path / "out")
    one = Annotation.model_validate_json((tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8"))
    assert [(track.chosen, track.label, track.sightings) for track in one.face.tracks] == [
        (True, "happy", 30),
        (False, "sad", 20),
    ]
    assert one.face.tracks[0].why == "of the 2 faces in the table the one seen in most frames"
    assert one.emotion == "happy"
    assert "AU15" not in one.face.units
