"""What the suites run on unless a test class has a fixture `inputs` of its own: short, synthetic, always the same."""

import pickle
from functools import cache

import numpy as np
from affekt import AudioSignal, Clip, EmotionPrediction, Evidence, FaceTrack, Features, Modality, VideoFrames, Word
from jaxtyping import Float32, UInt8

WHY = "it was lost on the way"
"""The reason that every modality of the empty clip is missing; results should pass it on."""

SENTENCE = "I never thought that I would see you again"
FPS = 10.0


def make_clip(seconds: float = 1.2, *, seed: int = 0, sample_rate: int = 16_000, name: str = "") -> Clip:
    """A clip with everything in it: a voice-like sound, moving pictures, a face, words with their times."""
    clip: Clip = pickle.loads(_pickled_clip(seconds, seed, sample_rate, name))
    return clip


@cache
def _pickled_clip(seconds: float, seed: int, sample_rate: int, name: str) -> bytes:
    """Kept, since every test asks for clips; pickled, since a test's component may change them."""
    video = VideoFrames(frames=_pictures(round(seconds * FPS), seed), fps=FPS)
    clip = Clip(
        id=name or f"clip-{seed}",
        audio=AudioSignal(samples=_voice(seconds, seed, sample_rate), sample_rate=sample_rate),
        video=video,
        faces=_face(video),
        text=SENTENCE,
        words=_words(seconds),
        language="en",
    )
    return pickle.dumps(clip)


def make_clips() -> list[Clip]:
    """Two of equal length, which may share a batch, a shorter one, and one at another sample rate."""
    return [
        make_clip(1.2, seed=0),
        make_clip(1.2, seed=1),
        make_clip(0.7, seed=2),
        make_clip(1.0, seed=3, sample_rate=44_100),
    ]


def empty_clip() -> Clip:
    """A clip without any modality, each with its reason."""
    modalities: tuple[Modality, ...] = ("audio", "video", "face", "text")
    return Clip(id="nothing", missing=dict.fromkeys(modalities, WHY))


def blank_clip() -> Clip:
    """A clip whose tracks are there and hold nothing: no sample, no frame, no word."""
    return Clip(
        id="blank",
        audio=AudioSignal(samples=np.zeros(0, np.float32), sample_rate=16_000),
        video=VideoFrames(frames=np.zeros((0, 48, 64, 3), np.uint8), fps=FPS),
        faces=FaceTrack(
            times=np.zeros(0),
            boxes=np.zeros((0, 4), np.float32),
            crops=np.zeros((0, 32, 32, 3), np.uint8),
            landmarks=np.zeros((0, 478, 3), np.float32),
        ),
        text="",
    )


def make_evidence() -> list[Evidence]:
    """Three clips with features of two widths and clocks; the last lacks its face."""
    complete = [_evidence(clip, ("speech", "face")) for clip in make_clips()[:2]]
    return [*complete, _evidence(make_clip(0.7, seed=2), ("speech",), missing={"face": WHY})]


def no_evidence() -> Evidence:
    """Nothing is known of the clip, each slot with its reason."""
    return Evidence(clip=empty_clip(), missing={"speech": WHY, "face": WHY})


def make_pairs() -> list[tuple[EmotionPrediction, str]]:
    """Predictions and their reference labels; some are wrong."""
    pairs = []
    for index, truth in enumerate(("happy", "sad", "happy", "angry", "sad", "angry")):
        scores = {"happy": 0.2, "sad": 0.5, "angry": 0.3} if index % 3 else {"happy": 0.6, "sad": 0.1, "angry": 0.3}
        label = max(scores, key=lambda emotion: scores[emotion])
        pairs.append((EmotionPrediction(scores=scores, labels=(label,), rationale="the voice is raised"), truth))
    return pairs


def _evidence(clip: Clip, slots: tuple[str, ...], missing: dict[str, str] | None = None) -> Evidence:
    features = {}
    for width, slot in enumerate(slots, start=4):
        generator = np.random.default_rng([len(clip.id), width, round(clip.duration * 10)])
        rows = round(clip.duration * 10)
        values = generator.standard_normal((rows, width)).astype(np.float32)
        features[slot] = Features(values=values, hop=clip.duration / rows, source=slot)
    return Evidence(clip=clip, features=features, missing=missing or {})


def _voice(seconds: float, seed: int, sample_rate: int) -> Float32[np.ndarray, "time"]:
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    pitch = 120 + 30 * seed + 15 * np.sin(2 * np.pi * 3 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / sample_rate
    harmonics = sum(np.sin(k * phase) / k for k in range(1, 12))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * time + seed)
    noise = 0.01 * np.random.default_rng(seed).standard_normal(len(time))
    return (0.15 * syllables * harmonics + noise).astype(np.float32)


def _pictures(count: int, seed: int) -> UInt8[np.ndarray, "time height width 3"]:
    time, row, column = np.meshgrid(np.arange(count), np.arange(48), np.arange(64), indexing="ij")
    layers = [127 + 120 * np.sin((row * (1 + k) + column * (2 + seed) + 9 * time) / 17 + k) for k in range(3)]
    return np.stack(layers, axis=-1).astype(np.uint8)


def _face(video: VideoFrames) -> FaceTrack:
    count = len(video.frames)
    angle = np.linspace(0, 40 * np.pi, 478)
    radius = np.linspace(1, 14, 478)
    mesh = np.stack([32 + radius * np.cos(angle), 24 + radius * np.sin(angle), 0 * angle], axis=1)
    return FaceTrack(
        times=video.at().astype(np.float64),
        boxes=np.tile(np.array([16, 8, 32, 32], np.float32), (count, 1)),
        crops=np.ascontiguousarray(video.frames[:, 8:40, 16:48]),
        landmarks=np.tile(mesh.astype(np.float32), (count, 1, 1)),
        choice="the only face",
    )


def _words(seconds: float) -> tuple[Word, ...]:
    texts = SENTENCE.split()
    each = seconds / len(texts)
    return tuple(
        Word(start=index * each, end=(index + 1) * each, text=text, probability=0.9) for index, text in enumerate(texts)
    )
