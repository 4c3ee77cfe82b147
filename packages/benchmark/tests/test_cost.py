import wave

import numpy as np
import pytest
from affekt import AffektError
from affekt_benchmark.costs import cost

PIPELINE = "encoders: {speech: loudness}\nreasoner: loud-is-excited\n"


@pytest.fixture
def tone(tmp_path):
    path = tmp_path / "tone.wav"
    samples = (8000 * np.sin(np.arange(32_000) * 0.1)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return path


def test_an_analysis_is_measured_in_a_process_of_its_own(tone, tmp_path):
    (tmp_path / "p.yaml").write_text(PIPELINE)
    found = cost.of_analysis(tone, str(tmp_path / "p.yaml"), repeats=2)
    assert found.seconds_of_clip == pytest.approx(2.0, abs=0.05)
    assert len(found.warm) == 2
    assert found.peak_memory > 20e6


def test_a_failed_analysis_is_an_error_that_says_why(tone):
    with pytest.raises(AffektError, match="neither a file nor a pipeline"):
        cost.of_analysis(tone, "no-such-pipeline", repeats=1)


def test_help_and_listing_import_no_framework():
    for name in ("--help", "plugins"):
        assert cost.of_command([name])[1] == []
