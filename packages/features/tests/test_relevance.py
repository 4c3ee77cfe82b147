"""Preparers that an encoder cannot notice are no part of its features' keys, and only what is encoded is counted."""

from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np
import pytest
from affekt import AudioSignal, Clip, OptionsError, Use, VideoFrames, plugins
from affekt_datasets import Sample
from affekt_features.extraction import extract
from affekt_features.job import Job
from affekt_features.relevance import relevant
from affekt_features.work import Work

TEXT = {"text": Use(use="given-text", text="well")}
Clips = Callable[[int], list[Sample]]
Make = Callable[..., Job]


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of clips in the order in which their loudness is measured."""
    loudness, called = plugins().load("encoder", "loudness"), list[str]()
    real = loudness.encode
    monkeypatch.setattr(
        loudness, "encode", lambda self, clips: called.extend(clip.id for clip in clips) or real(self, clips)
    )
    return called


@pytest.mark.parametrize("first", [{}, TEXT])
def test_a_transcript_is_no_part_of_the_key_of_what_is_heard(
    voices: Clips, job: Make, encoded: list[str], first: dict[str, Use]
) -> None:
    samples, second = voices(2), {} if first else TEXT
    assert extract(job("loudness", prepare=first), samples).computed == 2
    again = extract(job("loudness", prepare=second), samples)
    assert (again.computed, again.reused) == (0, 2)
    assert len(encoded) == 2
    assert Work(job("loudness", prepare=TEXT)).recipe("loudness") == Work(job("loudness")).recipe("loudness")


def test_what_another_recipe_led_to_is_not_counted_as_computed(
    voices: Clips, job: Make, encoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(plugins().load("preparer", "given-text"), "fills")  # a preparer that does not say what it does
    samples = voices(3)
    extract(job("loudness"), samples[:2])
    again = extract(job("loudness", prepare=TEXT), samples)
    assert (again.computed, again.reused) == (1, 2)
    third = extract(job("loudness", prepare=TEXT), samples)
    assert (third.computed, third.reused) == (0, 3)
    assert len(encoded) == 3


def test_the_same_clip_twice_is_counted_as_computed_once(voices: Clips, job: Make, encoded: list[str]) -> None:
    (one,) = voices(1)
    twin = Sample(id="twin", media=one.media)
    summary = extract(job("loudness", batch_size=2), [one, twin])
    assert (summary.computed, summary.reused) == (1, 1)
    assert len(encoded) == 1


def test_a_preparer_that_finds_no_faces_does_not_serve_an_encoder_of_faces(job: Make) -> None:
    pytest.importorskip("affekt_face")
    with pytest.raises(OptionsError, match='"expression" looks at faces, and nothing finds them'):
        Work(job("expression", prepare=TEXT))


class Filling:
    """Says what it fills, and may say what it reads."""

    def __init__(self, fills: Sequence[str], reads: Sequence[str] | None = None) -> None:
        self.fills = fills
        if reads is not None:
            self.reads = reads


def test_a_preparer_matters_through_the_one_that_reads_its_work() -> None:
    cleaner, tracker = Filling(["audio"], ["audio"]), Filling(["faces"], ["video"])
    recogniser, unknown = Filling(["text"], ["audio"]), object()
    chain = [("clean", cleaner), ("track", tracker), ("recognise", recogniser)]
    assert relevant(chain, ["text"]) == ("clean", "recognise")
    assert relevant(chain, ["video"]) == ()
    assert relevant(chain, ["faces"]) == ("track",)
    assert relevant([*chain, ("unknown", unknown)], ["text"]) == ("clean", "track", "recognise", "unknown")
    assert relevant([("clean", cleaner), ("track", Filling(["faces"]))], ["faces"]) == ("clean", "track")


@pytest.mark.parametrize(
    ("name", "options"), [("given-text", {"text": "well"}), ("face-track", {}), ("cropped-faces", {})]
)
def test_a_preparer_fills_what_it_says_and_nothing_else(name: str, options: dict[str, str]) -> None:
    if ("preparer", name) not in plugins().components:
        pytest.skip(f"{name} is not installed")
    sound = AudioSignal(samples=np.zeros(8000, np.float32), sample_rate=16_000)
    pictures = VideoFrames(frames=np.random.default_rng(0).integers(0, 255, (2, 48, 48, 3), np.uint8), fps=5)
    clip = Clip(id="a", audio=sound, video=pictures)
    preparer = plugins().create("preparer", name, **options)
    (prepared,) = preparer.prepare([clip])
    changed = {one.name for one in fields(Clip) if getattr(prepared, one.name) is not getattr(clip, one.name)}
    assert changed - {"missing"} <= set(preparer.fills)
    assert {f"{modality}s" if modality == "face" else modality for modality in prepared.missing} <= set(preparer.fills)
