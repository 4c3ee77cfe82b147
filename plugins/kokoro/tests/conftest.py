"""The real speaker, loaded once."""

import pytest
from affekt import WeightsError
from affekt_kokoro.speaker import KokoroSpeaker
from affekt_kokoro.weights import KOKORO
from affekt_weights import fetch


@pytest.fixture(scope="session")
def speaker() -> KokoroSpeaker:
    try:
        fetch(KOKORO)
    except WeightsError as error:
        pytest.skip(f"needs the weights of Kokoro: {error}")
    return KokoroSpeaker()
