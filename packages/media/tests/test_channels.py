"""Two people, a microphone and a channel each: told, and read one by one."""

import numpy as np
import pytest
from affekt import OptionsError
from affekt_media import load, windows
from affekt_media.errors import TrackNotFound

RATE = 16_000


def syllables(seconds, turns, seed):
    """Noise in bursts of 0.2 s, as loud as a voice, during the turns: (begin, end) in seconds."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    burst = np.sin(2 * np.pi * 2.5 * time + seed) > -0.3
    spoken = np.any([(time >= begin) & (time < end) for begin, end in turns], axis=0)
    return (0.2 * random.standard_normal(len(time)) * burst * spoken).astype(np.float32)


def room(samples, seed, level=0.001):
    noise = np.random.default_rng(seed).standard_normal(len(samples))
    return (samples + level * noise).astype(np.float32)


def delayed(samples, taps):
    return np.concatenate([np.zeros(taps, np.float32), samples])[: len(samples)]


ANNA, BEN = syllables(8, [(0, 3), (5, 6)], 1), syllables(8, [(3, 5), (6, 8)], 2)
BOTH = syllables(8, [(0, 8)], 3)
APART = {
    "taking turns": (ANNA, BEN),
    "talking at once": (syllables(8, [(0, 6)], 4), syllables(8, [(2, 8)], 5)),
    "with crosstalk of -20 dB": (ANNA + 0.1 * BEN, BEN + 0.1 * ANNA),
    "one much louder": (ANNA, 0.15 * BEN),
}
TOGETHER = {
    "the same twice": (BOTH, BOTH),
    "one person before two microphones a metre apart": (BOTH, 0.6 * delayed(BOTH, 47)),
    "both in a room": (ANNA + 0.5 * delayed(BEN, 20), BEN + 0.6 * delayed(ANNA, 20)),
    "the other channel empty": (BOTH, np.zeros_like(BOTH)),
    "the other channel hums": (BOTH, (0.02 * np.sin(np.arange(len(BOTH)) / 50)).astype(np.float32)),
    "opposite phases, one weaker": (BOTH, -0.5 * BOTH),
}


def recorded(path, write_media, pair, gain=1.0):
    samples = np.stack([gain * room(channel, seed) for seed, channel in enumerate(pair, start=7)])
    sound = {"codec": "pcm_s16le", "rate": RATE, "layout": "stereo", "samples": samples.astype(np.float32)}
    return write_media(path, sounds=[sound])


@pytest.mark.parametrize("pair", APART.values(), ids=APART)
def test_two_people_a_channel_each_are_told(tmp_path, write_media, pair):
    path = recorded(tmp_path / "call.wav", write_media, pair)
    notes = " ".join(load(path).notes)
    assert "two people with a microphone each" in notes
    assert "--channel each" in notes
    assert "two people" in " ".join(list(windows(path, 4.0))[-1].notes)


@pytest.mark.parametrize("pair", TOGETHER.values(), ids=TOGETHER)
def test_one_sound_in_two_channels_is_not_taken_for_two_people(tmp_path, write_media, pair):
    assert "two people" not in " ".join(load(recorded(tmp_path / "a.wav", write_media, pair)).notes)


def test_a_channel_is_read_alone_and_said_to_be(tmp_path, write_media):
    path = recorded(tmp_path / "call.wav", write_media, (ANNA, BEN))
    clip = load(path, channel=1)
    assert clip.notes == ("channel 1 of 2 was read, as asked",)
    assert np.abs(clip.audio.samples - room(BEN, 8)).max() < 1e-3


def test_a_channel_that_is_not_there_is_refused_and_not_taken_for_the_last(tmp_path, write_media):
    path = recorded(tmp_path / "call.wav", write_media, (ANNA, BEN))
    with pytest.raises(TrackNotFound, match="2 channels, 0 to 1; found channel=2"):
        load(path, channel=2)
    with pytest.raises(OptionsError, match="channel should be from 0"):
        load(path, channel=-1)
