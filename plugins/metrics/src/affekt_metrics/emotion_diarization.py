"""Which emotion when, and whose: emotion diarization error for any number of events and people.

EDER (Wang et al., 2023, "Speech emotion diarization") is missed + false alarm + confusion over the length of the
recording. The published implementation allows one event a recording and compares first letters of labels; here any
number of events counts, and whole labels without case. Attributed to people, a label is right only where the person is.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from affekt import DataError
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from affekt_metrics.pairs import tidy
from affekt_metrics.turns import Recording, Turn, pieces, require_recordings


def emotion_diarization_errors(
    recordings: Sequence[Recording], *, background: str | None = "neutral", durations: Sequence[float] = ()
) -> dict[str, float]:
    """EDER over recordings, whoever feels it.

    Args:
        recordings: of each, the true turns and those of a system, each with a label.
        background: the label of where there is no turn; None leaves that time out of what there is to find.
        durations: seconds of each recording; without them one ends with its last turn.

    Returns:
        `eder`, and `missed`, `false_alarm`, `confusion` and `total` in seconds.

    Raises:
        DataError: no recording has a true turn, or there are not as many durations as recordings.
    """
    require_recordings(recordings)
    if durations and len(durations) != len(recordings):
        raise DataError(f"found {len(durations)} durations for {len(recordings)} recordings", hint="one each, or none")
    sums = np.zeros(4)
    elsewhere = [tidy(background)] if background is not None else []
    for index, recording in enumerate(recordings):
        for seconds, sides in pieces(*recording, until=durations[index] if durations else 0.0):
            true, claimed = ({tidy(turn.label) for turn in side} or {*elsewhere} for side in sides)
            sums += seconds * _counts(len(true & claimed), len(true), len(claimed))
    return _named("eder", sums)


def attributed_emotion_errors(recordings: Sequence[Recording]) -> dict[str, float]:
    """EDER attributed to people: right only where the label is right and felt by the right person.

    A system's people are matched with the true ones by the time that they share, whatever is felt.

    Args:
        recordings: of each, the true turns and those of a system, each with a person and a label.

    Returns:
        `attributed_eder`, and in seconds `missed`, `false_alarm`, `confusion`, `total` (of all people together), and
        of `confusion` the part where the right label is given to the `wrong_person`.

    Raises:
        DataError: no recording has a true turn.
    """
    require_recordings(recordings)
    sums, wrong_person = np.zeros(4), 0.0
    for reference, hypothesis in recordings:
        cut = pieces(reference, hypothesis)
        people = _matched([(seconds, sides[0], sides[1]) for seconds, sides in cut])
        for seconds, sides in cut:
            true = {(turn.person, tidy(turn.label)) for turn in sides[0]}
            # A person that matches nobody keeps a name that nobody truly has.
            claimed = {(people.get(turn.person, ("nobody", turn.person)), tidy(turn.label)) for turn in sides[1]}
            right = len(true & claimed)
            sums += seconds * _counts(right, len(true), len(claimed))
            labels = Counter(label for _, label in true) & Counter(label for _, label in claimed)
            wrong_person += seconds * (labels.total() - right)
    return _named("attributed_eder", sums) | {"wrong_person": wrong_person}


def _counts(right: int, true: int, claimed: int) -> np.ndarray:
    """Missed, false alarm, confusion and total."""
    return np.array([max(0, true - claimed), max(0, claimed - true), min(true, claimed) - right, true])


def _matched(cut: Sequence[tuple[float, Sequence[Turn], Sequence[Turn]]]) -> dict[str, str]:
    """A system's person → the true one, so that the time they share is as long as can be."""
    shared: Counter[tuple[str, str]] = Counter()
    for seconds, true, claimed in cut:
        for pair in {(turn.person, other.person) for turn in true for other in claimed}:
            shared[pair] += seconds  # type: ignore[assignment]
    rows, columns = (sorted({pair[side] for pair in shared}) for side in (0, 1))
    if not rows:
        return {}
    table = np.array([[shared[row, column] for column in columns] for row in rows])
    chosen = linear_sum_assignment(table, maximize=True)
    return {columns[column]: rows[row] for row, column in zip(*chosen, strict=True) if table[row, column] > 0}


def _named(name: str, sums: np.ndarray) -> dict[str, float]:
    missed, false_alarm, confusion, total = map(float, sums)
    rate = (missed + false_alarm + confusion) / total
    return {name: rate, "missed": missed, "false_alarm": false_alarm, "confusion": confusion, "total": total}
