"""Recordings in windows: whatever the windows say, the joined answer is about the whole time and on one clock."""

import json
import re

import numpy as np
import pytest
from affekt import AudioSignal, Clip, Clue, EmotionPrediction, Evidence, Features, Moment, SoundEvent, Translation, Word
from affekt_recordings import Analysis
from affekt_recordings.windows import Part
from hypothesis import given, settings
from hypothesis import strategies as st

EMOTIONS = ("neutral", "happy", "sad")


def window(start, scores, *, seconds=30.0, abstained=None, claims_from=None, **fields):
    """A window of a long recording; `fields` are the clip's, the evidence's or the prediction's."""
    clip_fields = {name: fields.pop(name) for name in ("language", "text", "words", "translation", "events", "notes")
                   if name in fields}  # fmt: skip
    evidence_fields = {name: fields.pop(name) for name in ("features", "missing") if name in fields}
    clip = Clip(id="x", start=start, length=seconds, **clip_fields)
    felt = EmotionPrediction(scores=scores, abstained=abstained, claims_from=claims_from, **fields)
    return Part(evidence=Evidence(clip=clip, **evidence_fields), prediction=felt)


def likely(emotion, share=0.8):
    rest = (1 - share) / (len(EMOTIONS) - 1)
    return {name: share if name == emotion else rest for name in EMOTIONS}


EVEN = dict.fromkeys(EMOTIONS, 1 / 3)


def recording(*parts):
    return Analysis(source="long.mp3", parts=tuple(parts))


@st.composite
def recordings(draw):
    """Windows of any length that claim, leave open, or have nothing to judge."""
    parts, start = [], 0.0
    rule = draw(st.sampled_from([None, 0.4]))
    for _ in range(draw(st.integers(2, 12))):
        seconds = draw(st.floats(1.0, 40.0))
        kind = draw(st.sampled_from(["claims", "leaves open", "empty"]))
        raw = draw(st.lists(st.floats(0.01, 1), min_size=3, max_size=3))
        scores = dict(zip(EMOTIONS, (np.array(raw) / sum(raw)).tolist(), strict=True))
        clue = Clue(modality="audio", start=0.1, end=seconds, text="the pitch hardly moves", checked=True)
        fields = {"clues": (clue,), "rationale": f"Clear from 0.1 to {seconds:.1f} s.", "labels": ("glad",)}
        if kind == "empty":
            parts.append(window(start, EVEN, seconds=seconds, abstained="nothing", missing={"speech": "silent"}))
        elif kind == "leaves open" or (rule is not None and round(max(scores.values()), 2) < rule):
            parts.append(window(start, scores, seconds=seconds, abstained="too even", claims_from=rule, **fields))
        else:
            parts.append(window(start, scores, seconds=seconds, claims_from=rule, **fields))
        start += seconds
    return recording(*parts)


@settings(max_examples=80, deadline=None)
@given(recordings())
def test_every_second_is_claimed_or_left_open_or_empty_and_the_rationale_says_which(felt):
    time = felt.time
    assert sum(time.claimed.values()) + time.unclaimed + time.empty == pytest.approx(felt.duration)
    for emotion in time.claimed:
        assert f"{emotion} is claimed" in felt.rationale
    assert bool(re.search("nothing is claimed (for|throughout)", felt.rationale)) == (time.unclaimed > 0)
    assert "100" not in re.sub(r"[\d:.]+ s|\d+:\d+", "", felt.rationale.split(".")[0]), "no share is rounded to all"
    assert ("nothing to judge" in felt.rationale) == (time.empty > 0)


def test_valence_and_arousal_of_a_recording_are_means_over_its_time():
    long = window(0, likely("happy"), seconds=30.0, valence=0.8, arousal=-0.2)
    short = window(30, likely("sad"), seconds=10.0, valence=-0.4)
    joined = recording(long, short).prediction
    assert joined.valence == pytest.approx((30 * 0.8 - 10 * 0.4) / 40)
    assert joined.arousal == pytest.approx(-0.2), "a window that says nothing of it takes no part"
    assert recording(short, short).prediction.arousal is None


@settings(max_examples=80, deadline=None)
@given(recordings())
def test_a_recording_is_no_surer_than_its_time(felt):
    judged = [part for part in felt.parts if not part.is_empty] or felt.parts
    for emotion, score in felt.scores.items():
        own = [part.prediction.scores[emotion] for part in judged]
        assert min(own) - 1e-9 <= score <= max(own) + 1e-9
    best = max(felt.scores.values())
    if not any(part.claim for part in judged):
        assert felt.prediction.abstained
    elif (rule := felt.prediction.claims_from) is not None:
        assert (felt.prediction.abstained is None) == (round(best, 2) >= rule)
    else:
        assert (felt.prediction.abstained is None) == (felt.time.unclaimed <= sum(felt.time.claimed.values()))


@settings(max_examples=80, deadline=None)
@given(recordings())
def test_every_time_is_on_the_recordings_clock(felt):
    clearest = re.search(r"Clearest from (.+?) to (.+?): Clear from (.+?) to (.+?)\.(?: |$)", felt.rationale)
    assert bool(clearest) == any(part.claim for part in felt.parts)
    for part in felt.parts:
        start, end = part.seconds
        inside = [clue for clue in felt.prediction.clues if start <= clue.start and clue.end <= end + 1e-6]
        assert len(inside) == len(part.prediction.clues)
    if clearest:
        begin, end, first, last = (seconds_of(text) for text in clearest.groups())
        # Beyond a minute times are whole seconds, and those of a window's sentences were rounded to tenths before.
        assert begin <= first + 1
        assert last <= end + 1
    assert json.loads(json.dumps(felt.to_dict()))["labels"][0] == felt.label


def seconds_of(text):
    parts = [float(part) for part in text.removesuffix(" s").split(":")]
    return sum(part * 60**place for place, part in enumerate(reversed(parts)))


def test_one_claiming_window_of_240_does_not_speak_for_all():
    parts = [window(30.0 * i, EVEN, abstained=f"too even ({i % 3})", language="en") for i in range(240)]
    parts[120] = window(3600.0, likely("sad", 0.6), rationale="Mostly sad (60%): softer from 4.0 to 9.0 s.")
    felt = recording(*parts)
    assert felt.prediction.abstained
    assert felt.scores["sad"] < 0.35
    assert "sad is claimed for 30 s (0.4%), nothing is claimed for 1:59:30" in felt.rationale
    assert "softer from 1:00:04 to 1:00:09" in felt.rationale
    assert felt.to_dict()["time"] == {"claimed": {"sad": 30.0}, "unclaimed": 7170.0, "nothing_to_judge": 0.0}


def test_silence_takes_nothing_from_what_is_said_after_it():
    silent = {"speech": "the sound is silent throughout"}
    felt = recording(
        window(0, EVEN, abstained="nothing was heard", missing=silent),
        window(30, EVEN, abstained="nothing was heard", missing=silent),
        window(60, likely("sad"), seconds=9.0, language="en", text="I miss her."),
    )
    assert felt.prediction.abstained is None
    assert felt.scores["sad"] == pytest.approx(0.8)
    assert felt.rationale.startswith("Of 1:09 in 3 windows, sad is claimed for 9 s (13%), there is nothing to judge")
    assert felt.to_dict()["language"] == "en"
    assert felt.missing() == {"speech": "the sound is silent throughout (from 0 s to 1:00)"}


def test_noise_in_which_nobody_speaks_takes_nothing_from_what_is_said():
    hum = Features(values=np.zeros((300, 1), np.float32), hop=0.1, names=("pitch",))
    noise = {"missing": {"speech": "nobody speaks"}, "features": {"prosody": hum}, "abstained": "no speech was heard"}
    felt = recording(
        *(window(30.0 * at, EVEN, nothing_to_judge=True, **noise) for at in range(9)),
        window(270.0, likely("sad"), features={"prosody": hum}),
    )
    assert felt.prediction.abstained is None
    assert felt.scores["sad"] == pytest.approx(0.8)
    assert "sad is claimed for 30 s (10%), there is nothing to judge for 4:30 (90%)" in felt.rationale
    silence = recording(*(window(30.0 * at, EVEN, nothing_to_judge=True, **noise) for at in range(2)))
    assert silence.prediction.nothing_to_judge
    assert "there is nothing to judge throughout" in silence.rationale


def test_every_window_has_its_language_and_what_it_lacks():
    german = Translation(language="en", original="de", text="Leave me alone.", source="Whisper")
    felt = recording(
        window(0, likely("sad"), language="en", text="Go."),
        window(30, likely("sad"), language="de", text="Lass mich.", translation=german, missing={"words": "in German"}),
    )
    told = felt.to_dict()
    assert (told["language"], told["languages"]) == (None, ["en", "de"])
    assert [part["language"] for part in told["windows"]] == ["en", "de"]
    assert told["missing"] == {"words": "in German (from 30 s to 1:00)"}
    assert told["translation"] == {
        "language": "en",
        "original": "de",
        "source": "Whisper",
        "text": "Go. Leave me alone.",
    }


def test_reasons_that_differ_in_numbers_alone_are_one():
    parts = [
        window(
            30.0 * i, likely("sad"), missing={"face": f"no face in {i} frames", "audio": f"silent from {i} s to 2 s"}
        )
        for i in range(50)
    ]
    parts.append(window(1500.0, likely("sad")))
    assert recording(*parts).missing() == {
        "face": "no face in 0 frames, and alike (from 0 s to 25:00)",
        "audio": "silent (from 0 s to 25:00)",
    }


def test_what_is_so_throughout_needs_no_share():
    felt = recording(window(0, EVEN, abstained="too even"), window(30, EVEN, abstained="too even"))
    assert felt.rationale == (
        "Of 1:00 in 2 windows, nothing is claimed throughout. Nothing is claimed for the whole: too even."
    )
    assert recording(window(0, likely("sad")), window(30, likely("sad"))).rationale == (
        "Of 1:00 in 2 windows, sad is claimed throughout."
    )
    brief = recording(window(0, likely("sad"), seconds=0.5), window(0.5, EVEN, seconds=9000, abstained="too even"))
    assert "sad is claimed for 0.5 s (0.1%), nothing is claimed for 2:30:00 (99.9%)" in brief.rationale


def test_many_reasons_and_many_times_are_summed_up():
    reasons = ["it is dark", "it is blurred", "it is turned away", "it is covered"]
    parts = [window(30.0 * i, likely("sad"), missing={"face": reasons[i % 4]}) for i in range(50)]
    told = recording(*parts).missing()["face"]
    assert told.startswith("it is dark (from 0 s to 30 s, from 2:00 to 2:30, from 4:00 to 4:30, and 10 more times)")
    assert told.endswith("2 more reasons elsewhere")


def test_open_vocabulary_outlives_the_joining_by_the_time_it_is_claimed():
    felt = recording(
        window(0, likely("sad"), labels=("sad", "lonely")),
        window(30, likely("sad"), labels=("sad", "tired", "lonely")),
        window(60, EVEN, abstained="too even", labels=("happy", "proud")),
    )
    assert felt.prediction.labels == ("sad", "lonely", "tired")


def test_the_evidence_of_a_recording_holds_what_was_measured_on_one_clock():
    def measured(start):
        pitch = Features(values=np.full((3, 1), 100.0, np.float32), hop=10.0, names=("pitch",))
        return {"prosody": pitch, "speech": Features(values=np.ones((1, 4), np.float32), hop=30.0)}

    laugh = SoundEvent(start=1.0, end=2.0, name="laughter", vocal=True, probability=0.9)
    sound = AudioSignal(samples=np.zeros(480_000, np.float32), sample_rate=16_000)
    parts = []
    for start in (0.0, 30.0):
        words = (Word(start=1.0, end=2.0, text="Go."),)
        clip = Clip(id="x", start=start, audio=sound, text="Go.", words=words, events=(laugh,))
        felt = EmotionPrediction(scores=likely("sad"), timeline=(Moment(start=0, end=30, scores=likely("sad")),))
        parts.append(Part(evidence=Evidence(clip=clip, features=measured(start)), prediction=felt).lighten())
    felt = recording(*parts)
    known = felt.evidence
    assert known.features["prosody"].clock()[:, 0].tolist() == [0, 10, 20, 30, 40, 50]
    assert "not kept" in known.missing["speech"]
    assert [word.start for word in known.clip.words] == [1.0, 31.0]
    assert [event.start for event in known.clip.events] == [1.0, 31.0]
    assert (known.clip.duration, known.clip.audio, felt.duration) == (60.0, None, 60.0)
    assert felt.missing() == {}, "what was let go was not missing"
