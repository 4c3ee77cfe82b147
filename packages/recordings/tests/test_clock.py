"""Times in sentences, as a person reads them, and moved from a window's clock to the recording's."""

import pytest
from affekt_recordings.clock import clock, moved, span


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("softer from 4.0 to 9.0 s.", "softer from 1:34 to 1:39."),
        ("From bored to neutral at about 2 s.", "From bored to neutral at about 1:32."),
        ("happy until 2 s, then sad", "happy until 1:32, then sad"),
        ("pitch is 14 semitones above, 6 dB softer, 28%", "pitch is 14 semitones above, 6 dB softer, 28%"),
        ("nobody speaks in 8.7 s of sound", "nobody speaks in 8.7 s of sound"),
        ("the words “be there at 5 s” from 1.0 to 2.0 s", "the words “be there at 5 s” from 1:31 to 1:32"),
    ],
)
def test_times_in_sentences_move_and_nothing_else_does(text, expected):
    assert moved(text, 90.0) == expected
    assert moved(text, 0.0) == text


@pytest.mark.parametrize(
    ("time", "expected"),
    [(0, "0 s"), (8.74, "8.7 s"), (59.96, "1:00"), (60, "1:00"), (725, "12:05"), (3723, "1:02:03")],
)
def test_a_time_reads_like_one(time, expected):
    assert clock(time) == expected


def test_a_span_reads_like_one():
    assert [span(1.24, 3.4), span(50, 59.96), span(58, 65)] == ["1.2–3.4 s", "50 s–1:00", "58 s–1:05"]
