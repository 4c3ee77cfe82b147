"""Who speaks, among faces and voices that are made up."""

import numpy as np
from affekt import AudioSignal
from affekt_face.tracks import Sighting, Track
from affekt_face.voice import choose, voice_agreement

RATE = 16_000
TIMES = np.arange(60) / 10


def talker(x: float, opening: np.ndarray, width: float = 50.0) -> Track:
    """A face at `x` whose lips are open by these shares of its height."""
    track = Track(shot=0)
    for frame, (time, gap) in enumerate(zip(TIMES, opening, strict=True)):
        landmarks = np.zeros((478, 3), np.float32)
        landmarks[:, 0] = x + np.linspace(0, width, 478)
        landmarks[10, :2], landmarks[152, :2] = (x, 0), (x, 100)
        landmarks[13, :2], landmarks[14, :2] = (x, 60), (x, 60 + 100 * gap)
        track.sightings.append(Sighting(frame, float(time), landmarks))
    return track


def syllables(seed: int) -> np.ndarray:
    """Opening of a mouth, 0 to 0.2, every tenth of a second."""
    return np.random.default_rng(seed).choice([0.0, 0.1, 0.2], len(TIMES))


def voice(opening: np.ndarray, delay: float = 0.1) -> AudioSignal:
    """Noise as loud as a mouth is open."""
    at = np.arange(int(6.2 * RATE)) / RATE - delay
    noise = np.random.default_rng(9).standard_normal(len(at))
    return AudioSignal(samples=(np.interp(at, TIMES, opening) * noise).astype(np.float32), sample_rate=RATE)


def test_the_mouth_that_moves_with_the_voice_is_chosen_even_when_it_is_smaller() -> None:
    listener, speaker = talker(10, syllables(1), width=90), talker(200, syllables(2))
    track, why = choose([listener, speaker], voice(syllables(2)), 60)
    assert track is speaker
    assert why.startswith("face 2 of 2: its mouth moves with the voice (r = 0.")


def test_faces_are_counted_from_left_to_right() -> None:
    speaker, listener = talker(10, syllables(2)), talker(200, syllables(1))
    _, why = choose([listener, speaker], voice(syllables(2)), 60)
    assert why.startswith("face 1 of 2")


def test_when_two_mouths_move_alike_the_larger_face_is_chosen() -> None:
    small, large = talker(10, syllables(2)), talker(200, syllables(2), width=90)
    track, why = choose([small, large], voice(syllables(2)), 60)
    assert track is large
    assert "no mouth clearly moves with the voice" in why


def test_a_voice_from_elsewhere_is_nobodys() -> None:
    faces = [talker(10, syllables(1)), talker(200, syllables(2), width=90)]
    track, why = choose(faces, voice(syllables(3)), 60)
    assert track is faces[1]
    assert "no mouth clearly moves with the voice" in why


def test_a_mouth_or_a_sound_that_does_not_change_agrees_with_nothing() -> None:
    still = talker(10, np.full(60, 0.1))
    assert voice_agreement(still.sightings, voice(syllables(1))) == 0
    assert voice_agreement(talker(10, syllables(1)).sightings, voice(np.zeros(60))) == 0
    assert voice_agreement(still.sightings[:5], voice(syllables(1))) == 0


def test_sound_shorter_than_the_picture_counts_as_silence_after_its_end() -> None:
    half = AudioSignal(samples=voice(syllables(1)).samples[: 3 * RATE], sample_rate=RATE)
    agreement = voice_agreement(talker(10, syllables(1)).sightings, half)
    assert 0 < agreement < voice_agreement(talker(10, syllables(1)).sightings, voice(syllables(1)))
