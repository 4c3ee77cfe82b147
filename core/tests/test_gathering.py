import threading
from dataclasses import replace
from typing import ClassVar

import pytest
from affekt import Clip, Component, ComponentError, Pipeline
from affekt.gathering import groups, joined, processors, side_by_side


class Hears(Component):
    reads: ClassVar = ("audio", "text")
    fills: ClassVar = ("text", "language")

    def prepare(self, clips):
        return [
            replace(clip, text="well then", language="en", notes=(*clip.notes, "two words were heard"))
            for clip in clips
        ]


class Sees(Component):
    reads: ClassVar = ("video", "audio", "faces")
    fills: ClassVar = ("faces",)

    def prepare(self, clips):
        return [replace(clip, missing={**clip.missing, "face": "nobody is seen"}) for clip in clips]


class Translates(Component):
    reads: ClassVar = ("text", "language")
    fills: ClassVar = ("translation",)

    def prepare(self, clips):
        return list(clips)


class Silent(Component):
    def prepare(self, clips):
        return list(clips)


def test_preparers_that_need_nothing_of_one_another_form_a_group():
    assert groups({"face": Sees(), "transcript": Hears()}) == [["face", "transcript"]]


def test_a_preparer_waits_for_what_it_reads():
    found = groups({"transcript": Hears(), "face": Sees(), "translation": Translates()})
    assert found == [["transcript", "face"], ["translation"]]


def test_a_preparer_that_says_nothing_of_its_needs_runs_alone():
    assert groups({"a": Silent(), "face": Sees(), "transcript": Hears()}) == [["a"], ["face", "transcript"]]
    assert groups({"face": Sees(), "a": Silent(), "transcript": Hears()}) == [["face"], ["a"], ["transcript"]]


def test_two_that_fill_the_same_run_in_their_order():
    assert groups({"first": Hears(), "second": Hears()}) == [["first"], ["second"]]


def test_what_each_filled_in_is_joined_with_notes_and_reasons():
    before = Clip(id="a", missing={"video": "no picture"}, notes=("cut short",))
    after = joined(before, [one.prepare([before])[0] for one in (Sees(), Hears())])
    assert (after.text, after.language) == ("well then", "en")
    assert dict(after.missing) == {"video": "no picture", "face": "nobody is seen"}
    assert after.notes == ("cut short", "two words were heard")


def test_a_reason_that_one_took_away_is_gone():
    before = Clip(id="a", missing={"text": "no transcript", "face": "not looked for"})
    after = joined(before, [replace(before, text="oh", missing={"face": "not looked for"}), before])
    assert after.missing == {"face": "not looked for"}
    assert after.text == "oh"


@pytest.mark.skipif(processors() < 2, reason="needs two processors")
def test_calls_meet_each_other():
    barrier = threading.Barrier(2, timeout=20)
    assert len(set(side_by_side([barrier.wait, barrier.wait], [Sees(), Hears()]))) == 2


def test_components_on_a_gpu_run_one_after_another():
    class OnGpu(Component):
        device: str = "cuda"

    threads = side_by_side([threading.get_ident] * 3, [OnGpu(), Sees(), Hears()])
    assert set(threads) == {threading.get_ident()}


def test_the_first_error_in_order_is_raised_with_its_slot(reasoner):
    class Breaks(Component):
        modality: ClassVar = "audio"
        word: str

        def encode(self, clips):
            raise RuntimeError(self.word)

    pipeline = Pipeline(reasoner=reasoner, encoders={"a": Breaks(word="one"), "b": Breaks(word="two")})
    with pytest.raises(ComponentError, match=r'"a".*one'):
        pipeline.gather([Clip(id="x")])


@pytest.fixture
def reasoner():
    class Nobody(Component):
        def reason(self, evidence):
            raise AssertionError("gather concludes nothing")

    return Nobody()
