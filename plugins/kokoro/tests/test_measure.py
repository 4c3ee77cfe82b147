"""A reduced run of `python -m affekt_kokoro.measure`: one sentence, and the emotions that move most."""

import pytest
from affekt import WeightsError, plugins
from affekt_kokoro.speaker import KokoroSpeaker

pytest.importorskip("librosa", reason="needs affekt-kokoro[measure]")


@pytest.mark.slow
@pytest.mark.parametrize("voice", ["jf_alpha", "jm_kumo"])
def test_words_stay_right_and_pitch_range_rate_and_energy_move_as_asked(voice: str, speaker: KokoroSpeaker):
    from affekt_kokoro.measure import measure

    if ("preparer", "whisper") not in plugins().components:
        pytest.skip("needs affekt-whisper")
    try:
        rows = list(measure([voice], ["happy", "sad"], 1.0, ["I have been waiting for you since this morning."]))
    except WeightsError as error:
        pytest.skip(f"needs the weights of Whisper: {error}")
    assert {row.emotion: row.failures for row in rows} == {"neutral": [], "happy": [], "sad": []}
