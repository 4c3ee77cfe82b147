"""No clue without its subject, over all that makes or checks clues: speech for the voice, a face for the face."""

import numpy as np
import pytest
from affekt import AudioSignal, Clip, Clue, Evidence, FaceTrack, Features
from affekt_clues.check import is_in
from affekt_clues.claims import claims, measured_reasons
from affekt_clues.expression import talking
from affekt_clues.facs import HIGH, PROTOTYPES, STAYS
from affekt_clues.prosody import voiced
from hypothesis import given, settings
from hypothesis import strategies as st

COLUMNS = ("pitch", "loudness", "voicing", "effort", "harmonicity", "rate", "speech")
UNITS = ("AU01", "AU02", "AU04", "AU12", "AU26", "AU45")
SECONDS = 8.0
SAID_OF_VOICES = (
    "the pitch is 5 semitones above this speaker's own average",
    "the voice is 6 dB louder than this speaker's own average",
    "the pitch hardly moves (3 semitones)",
    "the pitch swings widely (12 semitones)",
    "the voice is forceful (treble 8 dB under the bass)",
    "the voice is smooth (noise 14 dB under the tone)",
)
SAID_OF_FACES = ("the lip corners rise (AU12)", "the lip corners stay raised (AU12)", "the face hardly moves")
PROSE = "her pitch is higher, her voice is louder and forceful, she smiles, and her brows are raised"

stretches = st.lists(st.tuples(st.floats(0, 7.5), st.floats(0.2, 4)), max_size=3).map(
    lambda parts: [(begin, min(begin + length, SECONDS)) for begin, length in parts]
)
seeds = st.integers(0, 2**16)


def within(times: np.ndarray, spans: list[tuple[float, float]]) -> np.ndarray:
    return np.any([(times >= begin) & (times < end) for begin, end in spans], axis=0) if spans else times < 0


def music(speech: list[tuple[float, float]], seed: int) -> Features:
    """A melody all along, that leaps and swells; somebody speaks in between."""
    random, times = np.random.default_rng(seed), np.arange(round(SECONDS * 100)) / 100
    notes = np.repeat(random.uniform(20, 60, (20, 2)), 40, axis=0)
    steady = random.uniform([-20, 2], [-5, 16])
    columns = [notes[:, 0], -notes[:, 1], 0.9 + 0 * times, steady[0] + 0 * times, steady[1] + 0 * times]
    columns += [np.repeat(random.uniform(1, 8, 8), 100), within(times, speech)]
    return Features(values=np.stack(columns, axis=1).astype(np.float32), hop=0.01, names=COLUMNS)


def face(seen: list[tuple[float, float]], seed: int, cut: float) -> tuple[FaceTrack, Features] | None:
    """A face that is seen now and then, and does something all the time; from the cut on it may be another."""
    random, times = np.random.default_rng(seed), np.arange(round(SECONDS * 10)) / 10
    times = times[within(times, seen)]
    if not len(times):
        return None
    ends = np.minimum(times + 0.1, SECONDS)
    blank = np.zeros((len(times), 4), np.float32), np.zeros((len(times), 8, 8, 3), np.uint8)
    shots = (times >= cut).astype(np.int64)
    track = FaceTrack(times=times, boxes=blank[0], crops=blank[1], ends=ends, shots=shots)
    levels = random.uniform(0, 1, (9, len(UNITS)))[(times * 2).astype(int) // 2].astype(np.float32)
    return track, Features(values=levels, spans=np.stack([times, ends], axis=1), names=UNITS)


def recording(prosody: Features | None, shown: tuple[FaceTrack, Features] | None) -> Evidence:
    sound = AudioSignal(samples=np.zeros(round(SECONDS * 1000), np.float32), sample_rate=1000)
    features = {} if prosody is None else {"prosody": prosody}
    features |= {} if shown is None else {"action_units": shown[1]}
    return Evidence(clip=Clip(id="a", audio=sound, faces=shown and shown[0]), features=features)


def shared(clue: Clue, spans: list[tuple[float, float]]) -> float:
    """Seconds of a clue that lie in some spans, which may overlap."""
    times = np.arange(round(clue.start * 100), round(clue.end * 100)) / 100 + 0.005
    return float(within(times, spans).sum()) / 100


@settings(max_examples=60, deadline=None)
@given(speech=stretches, seen=stretches, seed=seeds, cut=st.integers(10, 70).map(lambda tenth: tenth / 10))
def test_every_reason_lies_where_its_subject_is_and_in_the_clip(speech, seen, seed, cut):
    known = recording(music(speech, seed), face(seen, seed, cut))
    for reason in measured_reasons(known):
        clue = reason.clue
        assert 0 <= clue.start <= clue.end <= SECONDS
        spans = speech if clue.modality == "audio" else seen
        assert shared(clue, spans) > 0
        begins = [begin for begin, _ in spans]
        assert any(clue.start >= begin - 0.1 for begin in begins)
        if clue.modality == "face":
            assert shared(clue, spans) >= 0.5 * (clue.end - clue.start) - 0.1
            assert clue.start > cut - 0.05 or clue.end < cut + 0.05, "it goes on over the cut"


@settings(max_examples=40, deadline=None)
@given(seed=seeds, begin=st.floats(0, 6), length=st.floats(0.5, 6))
def test_nothing_is_borne_out_of_a_voice_where_nobody_speaks_or_of_a_face_where_nobody_is_seen(seed, begin, length):
    known = recording(music([], seed), None)
    assert not voiced(known.features["prosody"]).any()
    assert measured_reasons(known) == []
    for modality, texts in (("audio", SAID_OF_VOICES), ("face", SAID_OF_FACES)):
        for text in texts:
            assert not is_in(known, Clue(modality=modality, start=begin, end=begin + length, text=text, checked=False))
    assert {claim.verdict for claim in claims(PROSE, known)} == {"unmeasurable"}


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_a_pitch_of_which_nobody_says_that_it_is_speech_is_no_voice(seed):
    full = music([(0.0, SECONDS)], seed)
    silent = Features(values=full.values[:, :-1], hop=0.01, names=COLUMNS[:-1])
    assert [one for one in measured_reasons(recording(full, None)) if one.clue.modality == "audio"]
    assert measured_reasons(recording(silent, None)) == []


def test_music_does_not_make_a_silent_face_count_less():
    known = recording(music([(4.0, 6.0)], 1), None)
    rows = np.stack([np.arange(8.0), np.arange(8.0) + 1], axis=1)
    assert talking(known.clip, known.features["prosody"], rows).tolist() == [False] * 4 + [True] * 2 + [False] * 2


@settings(max_examples=40, deadline=None)
@given(height=st.floats(0, 1), unit=st.sampled_from(["AU01", "AU02", "AU04", "AU12", "AU26"]), rows=st.integers(1, 60))
def test_an_expression_that_never_changes_has_a_reason_exactly_where_it_is_high(height, unit, rows):
    values = np.zeros((rows, len(UNITS)), np.float32)
    values[:, UNITS.index(unit)] = height
    known = Evidence(clip=Clip(id="a"), features={"units": Features(values=values, hop=0.1, names=UNITS)})
    found = [reason for reason in measured_reasons(known) if "stay" in reason.clue.text]
    assert bool(found) == (float(np.float32(height)) >= HIGH[unit])
    for reason in found:
        assert f"({unit})" in reason.clue.text
        assert is_in(known, reason.clue)
        assert set(reason.supports) == {emotion for emotion, units in PROTOTYPES.items() if unit in units}
        assert not any("hardly" in other.clue.text for other in measured_reasons(known)), "a smile is no face at rest"


@st.composite
def held(draw):
    """A face that holds an expression while it is seen: which units are high, and when it is looked at."""
    units = draw(st.sets(st.sampled_from(sorted(set(UNITS) & STAYS.keys())), min_size=1))
    seen = draw(st.sets(st.integers(0, 15), min_size=1))  # half seconds
    return units, sorted(seen), draw(st.sampled_from([0.1, 0.2])), draw(seeds)


@settings(max_examples=60, deadline=None)
@given(held(), st.booleans())
def test_whoever_holds_an_expression_has_a_reason_for_as_long_as_they_are_seen(face, blinks):
    units, seen, hop, seed = face
    times = np.concatenate([half / 2 + np.arange(round(0.5 / hop)) * hop for half in seen])
    random = np.random.default_rng(seed)
    levels = random.uniform(0.0, 0.04, (len(times), len(UNITS)))
    for unit in units:
        # A network's figures are never quite still.
        levels[:, UNITS.index(unit)] += HIGH[unit] + 0.03
    if blinks:
        levels[::7, UNITS.index("AU45")] = 0.8
    features = Features(
        values=levels.astype(np.float32), spans=np.stack([times, np.minimum(times + hop, SECONDS)], axis=1), names=UNITS
    )
    known = Evidence(clip=Clip(id="a"), features={"units": features})
    found = measured_reasons(known)
    for unit in units:
        told = [reason.clue for reason in found if reason.clue.text == f"{STAYS[unit]} ({unit})"]
        assert sum(clue.end - clue.start for clue in told) == pytest.approx(0.5 * len(seen), abs=0.01 + hop * len(seen))
        assert all(is_in(known, clue) for clue in told)
    others = set(STAYS) - units
    assert not any(f"({unit})" in reason.clue.text for reason in found for unit in others)
    assert not any("hardly" in reason.clue.text for reason in found)


def test_after_a_cut_a_face_is_compared_with_itself_alone():
    times = np.arange(60) / 10
    levels = np.zeros((60, 1), np.float32)
    levels[30:] = 0.35
    features = Features(values=levels, spans=np.stack([times, times + 0.1], axis=1), names=("AU12",))
    blank = {"boxes": np.zeros((60, 4), np.float32), "crops": np.zeros((60, 8, 8, 3), np.uint8)}
    track = FaceTrack(times=times, ends=times + 0.1, shots=np.repeat([0, 1], 30), **blank)
    rise = Clue(modality="face", start=3.0, end=6.0, text="the lip corners rise (AU12)", checked=False)
    one, two = (Evidence(clip=Clip(id="a", faces=faces), features={"u": features}) for faces in (None, track))
    assert [is_in(known, rise) for known in (one, two)] == [True, False]
    assert ["rise" in reason.clue.text for reason in measured_reasons(one)] == [True]
    assert not any("corners rise" in reason.clue.text for reason in measured_reasons(two))
