import stat
import sys
from dataclasses import replace

import numpy as np
import pytest
from affekt import Clip, ComponentError, DataError, Features, Missing, MissingDependency, WeightsError
from affekt_encoding.frames import strongest
from affekt_openface.encoder import OpenFaceEncoder
from affekt_testing import make_clip

HEADER = "frame, face_id, timestamp, confidence, success, gaze_0_x, AU04_r, AU12_r, AU25_r, AU12_c, AU28_c"


def row(frame, face=0, time=None, sure=0.98, success=1, units=(0.0, 2.5, 0.0, 1, 0)):
    time = (frame - 1) / 10 if time is None else time
    return f"{frame}, {face}, {time:.3f}, {sure}, {success}, 0.1, " + ", ".join(map(str, units))


def write(path, *rows):
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def encoded(clip, **options) -> Features:
    (found,) = OpenFaceEncoder.create(**options).encode([clip])
    assert isinstance(found, Features)
    return found


@pytest.fixture
def openface(tmp_path):
    """Stands for FeatureExtraction, which cannot be had here: reads the pictures and writes its table as it does."""

    def make(body):
        path = tmp_path / "FeatureExtraction"
        path.write_text(f"#!{sys.executable}\nimport sys, pathlib\n{body}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make


def test_a_table_beside_the_clip_is_read_with_its_names_and_times(tmp_path):
    write(tmp_path / "smile.csv", row(1), row(2, units=(1.0, 5.0, 0.0, 1, 1)), row(4))
    found = encoded(Clip(id=str(tmp_path / "smile.mp4")))
    assert found.names == ("AU04", "AU12", "AU25")
    np.testing.assert_allclose(found.column("AU12"), [0.5, 1.0, 0.5])
    np.testing.assert_allclose(found.clock()[:, 0], [0, 0.1, 0.3])
    assert found.source == "smile.csv of OpenFace"
    assert strongest(found) == 1


def test_openfaces_own_scale_and_presence_can_be_had(tmp_path):
    write(tmp_path / "smile.csv", row(1, units=(1.0, 5.0, 0.0, 1, 1)))
    found = encoded(Clip(id="smile.mp4"), folder=str(tmp_path), scale="0-5", presence=True)
    assert found.names == ("AU04", "AU12", "AU25", "AU12_c", "AU28_c")
    np.testing.assert_allclose(found.values, [[1, 5, 0, 1, 1]])


def test_failed_rows_and_other_faces_are_left_out(tmp_path):
    rows = [row(1), row(1, face=1), row(2, face=1), row(2, sure=0.2), row(3, face=1), row(4, success=0), row(5, face=1)]
    write(tmp_path / "two.csv", *rows)
    np.testing.assert_allclose(encoded(Clip(id="two"), folder=str(tmp_path)).clock()[:, 0], [0, 0.1, 0.2, 0.4])


def test_every_face_of_a_table_can_be_had_the_one_seen_most_often_first(tmp_path):
    rows = [row(1), row(1, face=1), row(2, face=1, units=(0.0, 5.0, 0.0, 1, 0)), row(3, face=1, success=0)]
    write(tmp_path / "two.csv", *rows)
    encoder, clip = OpenFaceEncoder(folder=str(tmp_path)), Clip(id="two")
    first, second = encoder.faces(clip)
    np.testing.assert_allclose(first.column("AU12"), [0.5, 1.0])
    np.testing.assert_allclose(second.column("AU12"), [0.5])
    np.testing.assert_array_equal(encoder.encode([clip])[0].values, first.values)
    assert encoder.faces(Clip(id="without-a-table")) == []


def test_a_window_shows_the_face_that_is_seen_in_it(tmp_path):
    others = [row(frame, face=1, units=(0.0, 5.0, 0.0, 1, 0)) for frame in range(41, 51)]
    write(tmp_path / "talk.csv", *[row(frame) for frame in range(1, 31)], *others)
    window = replace(make_clip(1.0), id="talk.mp4@4s", start=4.0)
    np.testing.assert_allclose(encoded(window, folder=str(tmp_path)).column("AU12"), np.ones(10))


def test_a_window_takes_its_part_of_the_recordings_table(tmp_path):
    write(tmp_path / "talk.csv", *[row(frame) for frame in range(1, 101)])
    window = replace(make_clip(2.0), id="talk.mp4@3s", start=3.0)
    found = encoded(window, folder=str(tmp_path))
    assert len(found.values) == 20
    assert found.clock()[[0, -1], 0] == pytest.approx([0, 1.9])


def test_where_openface_saw_nobody_the_face_is_missing(tmp_path):
    write(tmp_path / "nobody.csv", row(1, success=0, sure=0))
    (found,) = OpenFaceEncoder(folder=str(tmp_path)).encode([Clip(id="nobody.mp4")])
    assert found == Missing(reason='OpenFace saw no face here, says "nobody.csv"')
    (absent,) = OpenFaceEncoder(folder=str(tmp_path), source="csv").encode([Clip(id="b", missing={"face": "dark"})])
    assert "b.csv" in absent.reason
    assert absent.reason.endswith("dark")


def test_the_program_is_run_on_the_clips_own_pictures(openface):
    body = f"""
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
names = sorted(pathlib.Path(options["-fdir"]).iterdir())
assert names[0].read_bytes()[:2] == b"BM" and sys.argv[-1] == "-aus"
rows = [f"{{i}}, 0, {{i / 30:.3f}}, 0.9, {{int(i != 3)}}, 0, 0, {{i}}, 0, 1, 0" for i in range(1, len(names) + 1)]
pathlib.Path(options["-out_dir"], options["-of"] + ".csv").write_text("\\n".join([{HEADER!r}, *rows]))
"""
    clip = make_clip(0.5)
    found = encoded(clip, program=openface(body), scale="0-5")
    np.testing.assert_allclose(found.column("AU12"), [1, 2, 4, 5])
    np.testing.assert_allclose(found.clock()[:, 0], clip.video.at()[[0, 1, 3, 4]])
    assert found.source == "FeatureExtraction of OpenFace"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("sys.exit('Could not load the model')", "ended with 1 and said: Could not load the model"),
        ("pass", "ended with 0 and said: nothing"),
        ("import time; time.sleep(60)", "did not finish"),
    ],
)
def test_a_program_that_fails_is_one_clear_error(openface, body, what):
    with pytest.raises(ComponentError, match=what):
        encoded(make_clip(0.2), program=openface(body), patience=2)


def test_a_program_that_is_asked_for_and_absent_is_named():
    with pytest.raises(MissingDependency, match="no-such-program"):
        encoded(make_clip(0.2), source="program", program="no-such-program")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no table of OpenFace"),
        ("frame, timestamp, gaze_0_x\n1, 0, 0\n", "no table of OpenFace"),
        (f"{HEADER}\n1, 0, 0.0\n", "line 2: 3 columns where the header has 11"),
        (f"{HEADER}\n{row(1, units=('x', 0, 0, 0, 0))}\n", "damaged"),
        (b"\xff\xfe\x00binary", "cannot be read"),
    ],
)
def test_a_file_that_is_no_table_is_one_clear_error(tmp_path, text, what):
    (tmp_path / "a.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match=what):
        encoded(Clip(id="a"), folder=str(tmp_path))


def test_without_openface_the_face_plugin_says_so(tmp_path):
    pytest.importorskip("affekt_face", reason="affekt-face is not installed")
    try:
        found = encoded(make_clip(0.3), folder=str(tmp_path), program="no-such-program")
    except WeightsError as error:
        pytest.skip(f"the weights of affekt-face cannot be had: {error.message}")
    assert found.source == "action-units of affekt-face"
    assert "AU12" in found.names
