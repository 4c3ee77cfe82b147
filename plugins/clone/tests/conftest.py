"""Two voices of Kokoro's, which belong to nobody: speech is costly to make, and made once for all tests."""

import pytest
from affekt import AudioSignal, SpeechRequest, WeightsError, plugins

READ = (
    "The north wind and the sun were arguing which of them was the stronger, when a traveller came along wrapped in a "
    "warm cloak. They agreed that the one who first made him take it off should be considered stronger."
)
"""Aesop's fable."""
SAID = "The train to the coast leaves early in the morning. We could walk along the river after lunch."


@pytest.fixture(scope="session")
def kumo() -> AudioSignal:
    """`READ` in a man's voice."""
    return _spoken(READ, "jm_kumo")


@pytest.fixture(scope="session")
def alpha() -> AudioSignal:
    """`SAID` in a woman's voice."""
    return _spoken(SAID, "jf_alpha")


@pytest.fixture(scope="session")
def spoken():
    """Says a text in one of the two voices."""
    return _spoken


def _spoken(text: str, voice: str) -> AudioSignal:
    try:
        (made,) = plugins().create("speaker", "kokoro", voice=voice).speak([SpeechRequest(text=text)])
    except WeightsError as error:
        pytest.skip(f"needs the weights of Kokoro: {error}")
    return made.audio
