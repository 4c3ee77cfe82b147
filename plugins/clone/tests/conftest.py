"""Two voices of Kokoro's, which belong to nobody: speech is costly to make, and made once for all tests."""

import secrets
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from affekt import AudioSignal, SpeechRequest, WeightsError, plugins
from affekt_voices import ConsentRecord
from affekt_voices.store import embedding_hash

READ = (
    "The north wind and the sun were arguing which of them was the stronger, when a traveller came along wrapped in a "
    "warm cloak. They agreed that the one who first made him take it off should be considered stronger."
)
"""Aesop's fable."""
SAID = "The train to the coast leaves early in the morning. We could walk along the river after lunch."


def record(name: str, voice: np.ndarray, **changes: object) -> ConsentRecord:
    """What nobody said, but would have."""
    now = datetime.now(UTC)
    fields = {
        "id": secrets.token_hex(16),
        "voice": name,
        "person": "nobody",
        "purposes": ("replies",),
        "language": "en",
        "given": now - timedelta(minutes=1),
        "expires": now + timedelta(days=1),
        "phrase": "",
        "heard": "",
        "word_errors": 0.0,
        "similarity": 1.0,
        "encoder": "GE2E",
        "embedding_sha256": embedding_hash(voice),
    }
    return ConsentRecord.model_validate({**fields, **changes})


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
