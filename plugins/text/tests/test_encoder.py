import subprocess
import sys

import numpy as np
import pytest
from affekt import Clip, Features, Missing, Translation, Word, plugins
from affekt_weights import fetch


@pytest.fixture
def encoder(tiny):
    return plugins().create("encoder", "minilm", model=str(tiny))


def test_a_row_a_sentence_of_length_one_with_its_time(encoder):
    words = (Word(start=0.5, end=1, text="we"), Word(start=1, end=2, text="won."), Word(start=3, end=4, text="bye"))
    (found,) = encoder.encode([Clip(id="a", text="we won. bye", words=words)])
    assert found.values.shape == (2, 16)
    assert found.values.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found.values, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(found.spans, [[0.5, 2], [3, 4]])


def test_a_sentence_means_the_same_in_any_batch(encoder):
    texts = ["a", "the longest of all of these sentences is this one here", "how dare you", *"bcdefgh" * 5]
    together = encoder.encode([Clip(id=text, text=text) for text in texts])
    for text, found in zip(texts, together, strict=True):
        (alone,) = encoder.encode([Clip(id=text, text=text)])
        np.testing.assert_allclose(found.values, alone.values, atol=1e-5)


def test_what_is_not_said_is_missing_with_its_reason(encoder):
    clips = [
        Clip(id="silent", missing={"text": "no speech in 8.7 s"}),
        Clip(id="said", text="hello"),
        Clip(id="german", text="Guten Tag", language="de"),
        Clip(id="empty", text=" … "),
    ]
    silent, said, german, empty = encoder.encode(clips)
    assert silent == Missing(reason="no speech in 8.7 s")
    assert isinstance(said, Features)
    assert isinstance(german, Missing)
    assert '"de"' in german.reason
    assert empty == Missing(reason="the clip has no text")
    assert encoder.encode([]) == []


def test_another_language_is_read_in_its_translation(encoder):
    said = (Word(start=0.5, end=1.5, text="Hello."),)
    translation = Translation(language="en", original="de", source="Whisper", text="Hello.", words=said)
    german = Clip(id="german", text="Guten Tag", language="de", translation=translation)
    english = Clip(id="english", text="Hello.", language="en", words=said)
    translated, plain = encoder.encode([german, english])
    np.testing.assert_allclose(translated.values, plain.values, atol=1e-5)
    np.testing.assert_array_equal(translated.spans, [[0.5, 1.5]])


def test_any_language_can_be_asked_for(tiny):
    encoder = plugins().create("encoder", "minilm", model=str(tiny), languages=())
    assert isinstance(encoder.encode([Clip(id="german", text="Guten Tag", language="de")])[0], Features)


def test_the_real_model_knows_what_is_alike():
    fetch("all-minilm-l6")
    texts = ["I am so happy today!", "What a joyful day this is.", "The invoice is due on Monday."]
    found = plugins().create("encoder", "minilm").encode([Clip(id=text, text=text) for text in texts])
    happy, joyful, invoice = (features.values[0] for features in found)
    assert happy.shape == (384,)
    assert happy @ joyful > 0.5 > 0.3 > happy @ invoice


def test_listing_imports_no_framework():
    code = "import sys, affekt_text.plugin; print('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
