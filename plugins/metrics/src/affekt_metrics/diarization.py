"""Who spoke when, measured: diarization and Jaccard error, through pyannote.metrics.

Published figures differ by collar, overlap and pooling more than by system: all three are stated with each result.
"""

from collections.abc import Sequence

import numpy as np
from affekt import MissingDependency

from affekt_metrics.turns import Recording, Turn, require_recordings

try:
    from pyannote.core import Annotation, Segment, Timeline  # type: ignore[import-untyped]
    from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate
except ImportError as error:
    raise MissingDependency(
        "diarization error needs pyannote.metrics, which is not installed",
        hint='pip install "affekt-metrics[diarization]"',
    ) from error


def diarization_errors(
    recordings: Sequence[Recording], *, collar: float = 0.0, skip_overlap: bool = False
) -> dict[str, float]:
    """Diarization error (DER) and Jaccard error (JER) over recordings, people matched as well as they can be.

    Args:
        recordings: of each, the true turns and those of a system.
        collar: seconds on each side of a true boundary that do not count, as NIST's md-eval states it. The collar of
            pyannote.metrics is the whole width, twice this.
        skip_overlap: leaves out where several people truly speak at once.

    Returns:
        `der` and `jer` over all recordings together, `der_mean` of the recordings' own, `missed`, `false_alarm`,
        `confusion` and `total` in seconds, `people` and `people_found` as means, and `collar` and `skip_overlap` as
        they were. JER is the mean over people (Ryant et al., 2019); a person found nowhere counts as 1.

    Raises:
        DataError: no recording has a true turn.
    """
    require_recordings(recordings)
    error = DiarizationErrorRate(collar=2 * collar, skip_overlap=skip_overlap)
    jaccard = JaccardErrorRate(collar=2 * collar, skip_overlap=skip_overlap)  # type: ignore[no-untyped-call]
    single = []
    for reference, hypothesis in recordings:
        scored = Timeline([Segment(0, max((turn.end for turn in (*reference, *hypothesis)), default=0.0))])
        true, heard = _annotation(reference), _annotation(hypothesis)
        single.append(error(true, heard, uem=scored))
        jaccard(true, heard, uem=scored)
    seconds = {name: sum(result[1][name] for result in error.results_) for name in _PARTS.values()}
    return {
        "der": float(abs(error)),
        "der_mean": float(np.mean(single)),
        "jer": float(abs(jaccard)),
        **{name: float(seconds[part]) for name, part in _PARTS.items()},
        "people": float(np.mean([_people(reference) for reference, _ in recordings])),
        "people_found": float(np.mean([_people(hypothesis) for _, hypothesis in recordings])),
        "collar": collar,
        "skip_overlap": float(skip_overlap),
    }


_PARTS = {"missed": "missed detection", "false_alarm": "false alarm", "confusion": "confusion", "total": "total"}


def _annotation(turns: Sequence[Turn]) -> Annotation:
    """One person's turns that touch or overlap are one."""
    annotation = Annotation()
    for index, turn in enumerate(turns):
        if turn.end > turn.start:
            annotation[Segment(turn.start, turn.end), index] = turn.person
    return annotation.support()


def _people(turns: Sequence[Turn]) -> int:
    return len({turn.person for turn in turns if turn.end > turn.start})
