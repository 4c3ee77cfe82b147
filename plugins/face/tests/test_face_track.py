"""The preparer on real clips, and on real clips that were cut, darkened, tilted and joined."""

import os
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import affekt_media
import cv2
import numpy as np
import pytest
from affekt import AffektError, AudioSignal, Clip, VideoFrames
from affekt_face import sightings
from affekt_face.action_units import ActionUnits
from affekt_face.crops import CROP, EYE_CORNERS, TIGHT
from affekt_face.expression import Expression
from affekt_face.face_track import FaceTracker, pick
from affekt_face.network import CLASSES

SHARED = Path(os.environ.get("AFFEKT_SHARED", Path(__file__).resolve().parents[4] / "shared"))

Load = Callable[[str], Clip]


def show(clip: Clip, frames: np.ndarray) -> Clip:
    """The clip with other pictures at the same times."""
    assert clip.video is not None
    return replace(clip, video=VideoFrames(frames=frames, fps=clip.video.fps, times=clip.video.at()[: len(frames)]))


def pictures(frames: np.ndarray, fps: float = 10.0) -> Clip:
    return Clip(id="pictures", video=VideoFrames(frames=frames, fps=fps))


def test_the_speaker_is_chosen_of_two_faces_and_the_choice_is_stated(tracked: Load) -> None:
    clip = tracked("white_house_statement_2015")
    assert clip.faces is not None
    assert re.fullmatch(r"face 2 of 2: its mouth moves with the voice \(r = 0\.[45]\d\)", clip.faces.choice)
    assert (clip.faces.boxes[:, 0] > 160).all(), "the man at the lectern stands in the right half"
    assert len(clip.faces.times) >= 85


def test_every_face_is_given_and_the_speaker_first(load: Load, tracker: FaceTracker) -> None:
    clip = load("white_house_statement_2015")
    speaker, *others = tracker.tracks(clip)
    assert speaker.choice.startswith("face 2 of 2: ")
    assert [other.choice for other in others] == ["another face of the clip"] * len(others)
    assert any((other.boxes[:, 0] < 160).all() for other in others)
    assert tracker.tracks(replace(clip, video=None)) == []


def test_without_sound_the_face_seen_largest_and_longest_is_chosen(load: Load, tracker: FaceTracker) -> None:
    clip = load("white_house_statement_2015")
    [deaf] = tracker.prepare([replace(clip, audio=None)])
    assert deaf.faces is not None
    assert deaf.faces.choice == "face 2 of 2: seen largest and longest; there is no sound to tell who speaks"


def test_in_silence_no_mouth_is_said_to_move_with_the_voice(load: Load, tracker: FaceTracker) -> None:
    clip = load("white_house_statement_2015")
    assert clip.audio is not None
    silence = AudioSignal(samples=np.zeros_like(clip.audio.samples), sample_rate=clip.audio.sample_rate)
    [quiet] = tracker.prepare([replace(clip, audio=silence)])
    assert quiet.faces is not None
    assert "no mouth clearly moves with the voice (r = 0.00 at most)" in quiet.faces.choice


def test_a_face_is_followed_through_the_whole_clip(tracked: Load, load: Load) -> None:
    clip = tracked("neutral_to_smile")
    assert clip.faces is not None
    assert clip.faces.choice == "face 1 of 1: the only one, seen in 24 of 24 frames"
    video = load("neutral_to_smile").video
    assert video is not None
    np.testing.assert_array_equal(clip.faces.times, video.at())
    assert clip.faces.landmarks is not None
    nose = clip.faces.landmarks[:, 1, :2]
    assert ((nose > clip.faces.boxes[:, :2]) & (nose < clip.faces.boxes[:, :2] + clip.faces.boxes[:, 2:])).all()


def test_crops_are_upright_and_framed_like_the_training_data(load: Load, tracker: FaceTracker) -> None:
    frames = load("neutral_to_smile").video.frames[:3]  # type: ignore[union-attr]
    turn = cv2.getRotationMatrix2D((320, 180), 25, 1)
    [clip] = tracker.prepare([pictures(np.stack([cv2.warpAffine(frame, turn, (640, 360)) for frame in frames]))])
    assert clip.faces is not None
    assert clip.faces.crops.shape == (3, CROP, CROP, 3)
    [again] = tracker.prepare([pictures(clip.faces.crops)])
    assert again.faces is not None
    assert again.faces.landmarks is not None
    right, left = again.faces.landmarks[0, EYE_CORNERS, :2].mean(axis=1)
    assert abs(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0]))) < 4
    # The eyes of FER2013's faces lie at 18.9 of 48 pixels from the top, in the middle.
    x, y = ((right + left) / 2 - (CROP - TIGHT) / 2) / TIGHT
    assert x == pytest.approx(0.5, abs=0.06)
    assert y == pytest.approx(18.9 / 48, abs=0.06)


def test_a_clip_without_video_says_so(tracker: FaceTracker) -> None:
    clip = Clip(id="voice", missing={"video": "the file has no video track"})
    [prepared] = tracker.prepare([clip])
    assert prepared.faces is None
    assert prepared.missing["face"] == "no picture to look for a face in: the file has no video track"
    for encoder in (ActionUnits(), Expression()):
        [missing] = encoder.encode([prepared])
        assert missing.reason == prepared.missing["face"]  # type: ignore[union-attr]


def test_a_video_without_a_face_says_so(tracker: FaceTracker) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (5, 120, 160, 3), np.uint8)
    [prepared, dark] = tracker.prepare([pictures(noise), pictures(noise * 0)])
    assert prepared.faces is None
    assert prepared.missing["face"] == "no face can be made out in any of 5 frames"
    assert dark.missing["face"] == "no face can be made out in any of 5 frames"


@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (3, 2), (7, 9), (15, 15)])
def test_a_picture_of_a_few_pixels_shows_nobody(tracker: FaceTracker, shape: tuple[int, int]) -> None:
    [prepared] = tracker.prepare([pictures(np.full((1, *shape, 3), 90, np.uint8))])
    assert prepared.missing["face"] == "no face can be made out in the picture"


def test_frames_without_the_face_are_gaps_and_not_zeros(load: Load, tracker: FaceTracker) -> None:
    clip = load("neutral_to_smile")
    frames = clip.video.frames.copy()  # type: ignore[union-attr]
    frames[8:14, 60:320, 190:400] = frames[8:14, :1, :1]
    [prepared] = tracker.prepare([show(clip, frames)])
    assert prepared.faces is not None
    assert not ((prepared.faces.times > 0.75) & (prepared.faces.times < 1.35)).any()
    [units] = ActionUnits().encode([prepared])
    clock = units.clock()  # type: ignore[union-attr]
    assert len(clock) == 18
    assert clock[7, 1] < 0.9, "the row before the gap does not last through it"


def test_another_shot_is_another_face(load: Load, tracker: FaceTracker) -> None:
    man, woman = (load(name).video for name in ("neutral_to_smile", "tears_to_laughter_pexels"))
    assert man is not None
    assert woman is not None
    [prepared] = tracker.prepare([pictures(np.concatenate([man.frames[:10], woman.frames[:15]]))])
    assert prepared.faces is not None
    assert prepared.faces.choice == "one in each of 2 shots; after a cut it may be another person's"
    assert prepared.faces.times.tolist() == pytest.approx(np.arange(25) / 10)
    assert prepared.faces.shots is not None
    assert prepared.faces.shots.tolist() == [0] * 10 + [1] * 15


def test_a_small_face_in_a_wide_picture_is_found(load: Load, tracker: FaceTracker) -> None:
    face = load("tears_to_laughter_pexels").video.frames[::40]  # type: ignore[union-attr]
    wide = np.full((len(face), 1080, 1920, 3), 90, np.uint8)
    wide[:, 700:880, 900:1220] = [cv2.resize(frame, (320, 180), interpolation=cv2.INTER_AREA) for frame in face]
    [prepared] = tracker.prepare([pictures(wide)])
    assert prepared.faces is not None
    assert len(prepared.faces.times) >= len(face) - 1
    assert (prepared.faces.boxes[:, 2] < 130).all()


def test_a_batch_keeps_its_order_and_leaves_clips_as_they_were(load: Load, tracker: FaceTracker) -> None:
    smile = load("neutral_to_smile")
    blind = Clip(id="blind")
    short = show(smile, smile.video.frames[:4])  # type: ignore[union-attr]
    batch = tracker.prepare([blind, short, blind, smile])
    assert [clip.id for clip in batch] == ["blind", smile.id, "blind", smile.id]
    assert [clip.faces and len(clip.faces.times) for clip in batch] == [None, 4, None, 24]
    assert smile.faces is None
    assert blind.missing == {}
    assert tracker.prepare([batch[3]])[0] is batch[3], "a face track that is there is kept"


def test_frames_are_picked_by_a_clock_and_never_twice() -> None:
    times = np.array([0.0, 0.04, 0.08, 0.12, 0.16, 0.20, 1.0, 1.04])
    assert pick(times, 10).tolist() == [0, 3, 5, 6]
    assert pick(times, 1000).tolist() == list(range(8))
    assert pick(np.array([3.33]), 10).tolist() == [0]
    uneven = np.array([0.0, 0.125125, 0.20854167, 0.33366667, 0.41708333])
    assert pick(uneven, 10).tolist() == [0, 1, 2, 3, 4]


def test_options_are_checked_and_survive_pickling(tracker: FaceTracker) -> None:
    with pytest.raises(AffektError, match="threshold"):
        FaceTracker.create(threshold=2)
    assert pickle.loads(pickle.dumps(tracker)) == tracker


def test_a_folder_without_the_networks_is_one_clear_error(tmp_path: Path, load: Load) -> None:
    (tmp_path / "face_landmarker.task").write_bytes(b"nothing")
    with pytest.raises(AffektError, match=r"is no MediaPipe face landmarker[^\n]*\nTry: "):
        FaceTracker(weights=str(tmp_path)).prepare([load("neutral_to_smile")])


def failing(name: str) -> Clip:
    path = SHARED / "samples" / "failing" / name
    if not path.is_file():
        pytest.skip(f"needs {path}: set AFFEKT_SHARED to the folder that holds samples/")
    return affekt_media.load(path)


def test_all_five_faces_of_a_group_are_found(tracker: FaceTracker) -> None:
    clip = failing("still_multi_face.mp4")
    clip = show(clip, clip.video.frames[:4])  # type: ignore[union-attr]
    faces = tracker.tracks(clip)
    assert len(faces) == 5
    assert {len(face.times) for face in faces} == {4}
    assert faces[0].choice.startswith("face 5 of 5: seen largest and longest")


def test_a_small_face_beside_a_large_one_is_found_and_followed_between_close_looks(
    load: Load, tracker: FaceTracker
) -> None:
    near = load("neutral_to_smile").video.frames[:15]  # type: ignore[union-attr]
    far = load("tears_to_laughter_pexels").video.frames[:15]  # type: ignore[union-attr]
    scene = np.full((15, 720, 1280, 3), 120, np.uint8)
    scene[:, 360:, 640:] = near
    scene[:, 100:235, 100:340] = [cv2.resize(frame, (240, 135), interpolation=cv2.INTER_AREA) for frame in far]
    large, small = sorted(tracker.tracks(pictures(scene)), key=lambda face: -float(face.boxes[0, 2]))
    assert small.boxes[:, 2].max() < 100 < large.boxes[:, 2].min()
    assert len(small.times) >= 13
    assert len(large.times) == 15


def test_each_shot_is_judged_by_the_face_it_shows(tracker: FaceTracker) -> None:
    clip = failing("jump.mp4")
    clip = show(clip, clip.video.frames[::4])  # type: ignore[union-attr]
    video = VideoFrames(frames=clip.video.frames, fps=2.5)  # type: ignore[union-attr]
    [prepared] = tracker.prepare([replace(clip, video=video)])
    assert prepared.faces is not None
    assert prepared.faces.choice == "one in each of 5 shots; after a cut it may be another person's"
    assert prepared.faces.shots is not None
    assert prepared.faces.shots.tolist() == np.repeat(np.arange(5), 5).tolist()
    [shown] = Expression().encode([prepared])
    leading = [CLASSES[index] for index in shown.values[2::5].argmax(axis=1)]  # type: ignore[union-attr]
    assert leading == ["happy", "angry", "sad", "happy", "surprised"]


def test_a_face_that_flickers_in_the_dark_is_nobody(tracker: FaceTracker) -> None:
    [prepared] = tracker.prepare([failing("dark.mp4")])
    assert prepared.faces is None
    assert prepared.missing["face"] == "no face can be made out in any of 87 frames"


@pytest.mark.parametrize("last", [9, 23])
@pytest.mark.parametrize("fps", [3.0, 10.0])
def test_nobody_is_judged_for_longer_than_they_are_seen(
    load: Load, fps: float, last: int, tracker: FaceTracker
) -> None:
    smile = load("neutral_to_smile")
    frames = smile.video.frames.copy()  # type: ignore[union-attr]
    frames[last + 1 :] = 90
    clip = show(replace(smile, audio=None), frames)
    [prepared] = FaceTracker(fps=fps).prepare([clip])
    [units] = ActionUnits().encode([prepared])
    end = float(units.clock().max())  # type: ignore[union-attr]
    seen_until = (last + 1) / smile.video.fps  # type: ignore[union-attr]
    assert end <= min(clip.duration, seen_until + 1 / fps) + 1e-6
    assert end >= seen_until - 2 / fps


def test_how_far_the_detector_is_ahead_changes_nothing(
    load: Load, tracked: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "AHEAD", 1)
    alone, ahead = FaceTracker().prepare([load("neutral_to_smile")])[0].faces, tracked("neutral_to_smile").faces
    assert alone is not None
    assert ahead is not None
    np.testing.assert_array_equal(alone.landmarks, ahead.landmarks)
