import json
from pathlib import Path

import pytest
from affekt_exchange.results import from_result
from affekt_exchange.timeline import Span, Timeline, Track

HERE = Path(__file__).parent
RESULT = HERE / "data/white_house_statement.json"
"""What `affekt analyze` answered for the public-domain sample that comes with affekt-cli."""


@pytest.fixture(scope="session")
def result():
    return json.loads(RESULT.read_text(encoding="utf-8"))


@pytest.fixture
def analysed(result):
    return from_result(result)


@pytest.fixture
def interview():
    """Two people who talk at once, two annotators, a gap, and a moment without length."""
    said = (Span(start=0, end=2.5, label="Good evening.", evidence="turn-1"),)
    answered = (Span(start=2.1, end=4, label="Good evening — “Grüß Gott”.", evidence="turn-2"),)
    felt = (
        Span(start=0, end=1.5, label="happy", scores={"happy": 0.8, "sad": 0.2}, evidence="moment-1"),
        Span(start=1.5, end=3, label="sad", scores={"happy": 0.25, "sad": 0.75}, evidence="moment-2"),
        Span(start=2.0, end=3.5, label="happy", scores={"happy": 0.6, "sad": 0.4}, evidence="moment-3"),
    )
    coded = (Span(start=0, end=1.5, label="happy"), Span(start=1.5, end=3.5, label="happy"))
    labels = ("happy", "sad")
    return Timeline(
        media="interview.wav",
        duration=5,
        tracks=(
            Track(name="Ann", kind="speech", spans=said, person="Ann", annotator="whisper", language="en"),
            Track(name="Ben", kind="speech", spans=answered, person="Ben", annotator="whisper"),
            Track(name="emotion", kind="emotion", spans=felt, annotator="emotion-llama", vocabulary=labels),
            Track(name="emotion by Cleo", kind="emotion", spans=coded, annotator="Cleo", vocabulary=labels),
            Track(name="peak", kind="event", spans=(Span(start=1.25, end=1.25, label="laugh"),)),
            Track(name="to do", kind="note"),
        ),
        provenance={"reasoner": "emotion-llama (affekt-emotion-llama 0.1.0)"},
    )
