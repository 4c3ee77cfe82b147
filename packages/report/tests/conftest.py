import numpy as np
import pytest
from affekt import AudioSignal, Clip, Clue, EmotionPrediction, Evidence, FaceTrack, Features, Moment, VideoFrames, Word
from affekt_recordings import Analysis
from affekt_recordings.windows import Part

HOSTILE = "<script>alert('x')</script></style>\"><img src=http://example.org/x onerror=alert(1)> & {{ 7*7 }}"
EMOTIONS = ("neutral", "happy", "sad", "wistful")


def scores(rng):
    values = rng.dirichlet(np.ones(len(EMOTIONS)))
    return dict(zip(EMOTIONS, map(float, values), strict=True))


@pytest.fixture(scope="session")
def part():
    """Four seconds with everything: sound, pictures, a face that leaves for a second, words, and hostile texts."""
    rng = np.random.default_rng(0)
    times = np.concatenate([np.arange(0, 2, 0.2), np.arange(3, 4, 0.2)])
    clip = Clip(
        id="a",
        audio=AudioSignal(samples=rng.normal(0, 0.1, 64_000).astype(np.float32), sample_rate=16_000),
        video=VideoFrames(frames=rng.integers(0, 255, (20, 90, 160, 3)).astype(np.uint8), fps=5.0),
        faces=FaceTrack(
            times=times,
            boxes=np.tile(np.float32([40, 20, 50, 50]), (len(times), 1)),
            crops=rng.integers(0, 255, (len(times), 64, 64, 3)).astype(np.uint8),
            choice=f"the speaking one {HOSTILE}",
        ),
        text=f"so it is {HOSTILE}",
        words=tuple(Word(start=i * 0.5, end=i * 0.5 + 0.3, text=w) for i, w in enumerate(["so", "it", "is", HOSTILE])),
        language="en",
        notes=(HOSTILE,),
    )
    pitch = np.where(np.arange(400) % 100 < 60, 120 + 20 * np.sin(np.arange(400) / 30), 0)
    units = np.abs(rng.normal(0.2, 0.2, (len(times), 3)))
    evidence = Evidence(
        clip=clip,
        features={
            "prosody": Features(
                values=pitch[:, None].astype(np.float32), hop=0.01, names=("pitch",), source="Prosody()"
            ),
            "action_units": Features(
                values=units.astype(np.float32),
                spans=np.stack([times, times + 0.2], axis=1),
                names=("AU1", "AU12", "AU45"),
            ),
        },
        missing={"words": HOSTILE},
    )
    prediction = EmotionPrediction(
        scores=scores(rng),
        valence=0.3,
        arousal=-0.2,
        rationale=f"because {HOSTILE}",
        clues=(
            Clue(modality="audio", start=0.5, end=1.5, text=HOSTILE, checked=True),
            Clue(modality="face", start=1.0, end=2.0, text="AU12 rises", checked=False),
        ),
        timeline=tuple(Moment(start=float(t), end=float(t) + 1, scores=scores(rng)) for t in range(4)),
    )
    return Part(evidence=evidence, prediction=prediction)


@pytest.fixture(scope="session")
def felt(part):
    made = {
        "target": "x:Y", "name": "whisper", "options": {"model": HOSTILE}, "distribution": "affekt-whisper",
        "version": "0.1.0", "weights": [{"name": "whisper-base", "licence": "MIT"}],
    }  # fmt: skip
    return Analysis(source=f"clips/{HOSTILE}.mp4", parts=(part,), provenance={"speech": made})
