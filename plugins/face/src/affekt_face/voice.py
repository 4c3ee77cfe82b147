"""Which of several faces speaks: the one whose mouth opens when the voice gets loud."""

from collections.abc import Sequence

import numpy as np
from affekt import AudioSignal
from jaxtyping import Bool, Float32, Float64

from affekt_face.tracks import Sighting, Track

LIPS = [13, 14]
"""Landmarks in the middle of the upper and the lower lip, where they meet."""

FOREHEAD_AND_CHIN = [10, 152]

WINDOW = 0.2
"""Seconds of sound whose loudness belongs to a frame."""

DELAYS = (0.0, 0.1, 0.2)
"""Seconds that the sound may come after the mouth: it opens before it is heard."""

CLEAR = 0.25
"""The correlation from which a mouth is said to move with the voice."""

MARGIN = 0.1
"""The amount by which the speaker's correlation must exceed every other face's."""

ENOUGH = 15
"""Sightings from which a correlation is worth something."""


SPEAKS = "its mouth moves with the voice"


def choose_in_each_shot(
    tracks: Sequence[Track], audio: AudioSignal | None, cuts: Bool[np.ndarray, "look"]
) -> tuple[list[Track], str]:
    """The track to take of each shot that shows a face, in order of time, and why in plain words.

    Args:
        cuts: whether each look begins another shot.
    """
    shots = sorted({track.shot for track in tracks})
    picked = [choose([track for track in tracks if track.shot == shot], audio, len(cuts)) for shot in shots]
    chosen = [track for track, _ in picked]
    if len(shots) == 1:
        return chosen, picked[0][1]
    of_all = f"of {len(shots)} shots" if len(shots) == cuts.sum() + 1 else f"of the {len(shots)} shots that show one"
    several = len(tracks) > len(shots)
    speaking = sum(SPEAKS in why for _, why in picked)
    which = f", the one that speaks in {speaking} of them, else the largest" if speaking else ", the largest"
    return chosen, f"one in each {of_all}{which if several else ''}; after a cut it may be another person's"


def choose(tracks: Sequence[Track], audio: AudioSignal | None, frames: int) -> tuple[Track, str]:
    """The track to take, and why in plain words; faces are counted from left to right.

    The speaking face where one mouth clearly moves with the voice, else the face that is seen largest and longest.
    """
    from_left = sorted(range(len(tracks)), key=lambda number: float(tracks[number].sightings[0].box[0]))
    names = {number: f"face {position + 1} of {len(tracks)}" for position, number in enumerate(from_left)}
    largest = max(range(len(tracks)), key=lambda number: tracks[number].area)
    frames_seen = len(tracks[largest].sightings)
    if len(tracks) == 1:
        return tracks[0], f"face 1 of 1: the only one, seen in {frames_seen} of {frames} frames"
    if audio is None or not len(audio.samples):
        return tracks[largest], f"{names[largest]}: seen largest and longest; there is no sound to tell who speaks"
    agreement = [voice_agreement(track.sightings, audio) for track in tracks]
    best = int(np.argmax(agreement))
    others = max(r for number, r in enumerate(agreement) if number != best)
    if agreement[best] >= CLEAR and agreement[best] >= others + MARGIN:
        return tracks[best], f"{names[best]}: {SPEAKS} (r = {agreement[best]:.2f})"
    return (
        tracks[largest],
        f"{names[largest]}: seen largest and longest; no mouth clearly moves with the voice"
        f" (r = {agreement[best]:.2f} at most)",
    )


def voice_agreement(sightings: Sequence[Sighting], audio: AudioSignal) -> float:
    """Correlation of how far the mouth is open with the voice's loudness, at the best of a few delays.

    0 where too little is seen, or where the mouth or the sound does not change at all.
    """
    if len(sightings) < ENOUGH:
        return 0.0
    opening = openings(np.stack([sighting.landmarks for sighting in sightings]))
    times = np.array([sighting.time for sighting in sightings])
    return max(_correlation(opening, _loudness(audio, times + delay)) for delay in DELAYS)


def openings(landmarks: Float32[np.ndarray, "look 478 3"]) -> Float64[np.ndarray, "look"]:
    """Gap between the lips at each look, of the height of the face."""
    gaps, heights = (
        np.linalg.norm(landmarks[:, upper] - landmarks[:, lower], axis=1) for upper, lower in (LIPS, FOREHEAD_AND_CHIN)
    )
    openings: Float64[np.ndarray, "look"] = gaps / np.maximum(heights, 1e-6).astype(np.float64)
    return openings


def _loudness(audio: AudioSignal, times: Float64[np.ndarray, "time"]) -> Float64[np.ndarray, "time"]:
    """Decibels of full scale around each time; -80 is silence, also beyond the end of the sound."""
    energy = np.concatenate([[0.0], np.cumsum(np.square(audio.samples, dtype=np.float64))])
    first = np.clip((times - WINDOW / 2) * audio.sample_rate, 0, len(audio.samples)).astype(np.int64)
    last = np.clip((times + WINDOW / 2) * audio.sample_rate, 0, len(audio.samples)).astype(np.int64)
    mean = (energy[last] - energy[first]).clip(min=0) / np.maximum(last - first, 1)
    loudness: Float64[np.ndarray, "time"] = 10 * np.log10(mean + 1e-8)
    return loudness


def _correlation(left: Float64[np.ndarray, "time"], right: Float64[np.ndarray, "time"]) -> float:
    if left.std() < 1e-9 or right.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(left, right)[0, 1])
