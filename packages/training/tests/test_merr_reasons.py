"""What a model without eyes for clothes and rooms learns of MERR's reasoning."""

import pytest
from affekt_datasets import Sample, read
from affekt_training import merr_reasons


def entry(reasoning, units=("AU04",), tone="speaks in a normal tone.", text="How dare you.", label="angry"):
    notes = {"AU_list": list(units), "audio_prior_list": tone, "smp_reason_caption": reasoning}
    return Sample(id="sample_00000001", media=None, label=label, text=text, notes=notes)


def test_the_prompt_shows_units_tone_and_words():
    told = merr_reasons.shown(entry("", units=["AU04", "AU04", "AU12", "AU25"]))
    faces = "Face: the brows draw down (AU04), the lip corners rise (AU12)."
    assert told == f'{faces} Tone: neutral. Words: "How dare you.".'
    nothing = entry("", units=[], tone="does not speak with any of the emotions listed.", text="")
    assert merr_reasons.shown(nothing) == ""


@pytest.mark.parametrize(
    ("written", "learnt"),
    [
        (
            "In the video, a bald man displays a furrowed brow, and his words suggest that he is annoyed by it.",
            "The person displays a furrowed brow, and their words suggest that the person is annoyed by it.",
        ),
        (
            "In the video, an elderly woman in a red dress frowns. However, her tone and intonation are normal.",
            "The person frowns. Their tone and intonation are normal.",
        ),
        ("He stands in front of a traditional setting. His words show that he is angry about it, and his brow is low.",
         "Their words show that the person is angry about it, and their brow is low."),
        ("A woman's Brow Lowerer expression and the words “How dare you” both suggest a deep anger about it.",
         "The person's lowered brows and the words “How dare you” both suggest a deep anger about it."),
        ("The man wears a hat.", None),
        ("Signs of it are: * a low brow * a normal tone * words that are full of it and of more of it", None),
    ],
)  # fmt: skip
def test_only_what_the_prompt_shows_is_learnt(written, learnt):
    assert merr_reasons.reasoning(entry(written)) == learnt


def test_a_clause_that_the_entrys_own_units_contradict_is_left_out():
    text = "The person frowns at what is being said. She smiles broadly, and her tone is normal."
    told = merr_reasons.reasoning(entry(text))
    assert "frowns" in told
    assert "smile" not in told


def test_a_quotation_keeps_its_own_words():
    text = "Her words, “she trusted him before”, suggest that she feels betrayed by him."
    told = merr_reasons.reasoning(entry(text, text="She trusted him before."))
    assert told == "Their words, “she trusted him before”, suggest that the person feels betrayed by them."


def test_labels_become_adjectives():
    assert merr_reasons.label(entry("", label="surprise")) == "surprised"
    assert merr_reasons.label(entry("", label="sad")) == "sad"


def test_merrs_texts_are_read_without_its_clips(tmp_path):
    (tmp_path / "MERR_fine_grained.json").write_text(
        '{"sample_1": {"smp_reason_caption": "She smiles.", "pseu_emotion": "happy", "text": "Hello."}}'
    )
    (sample,) = read("merr", tmp_path, annotations_only=True)
    assert (sample.media, sample.label, sample.text) == (None, "happy", "Hello.")
    with pytest.raises(Exception, match="no such file"):
        read("merr", tmp_path)
