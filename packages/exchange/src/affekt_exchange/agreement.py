"""How far two annotators agree, from two files or two tracks of one.

Both tracks are cut into frames. A frame that neither labelled says nothing; one that only one labelled counts as a
disagreement of coverage and is left out of kappa and alpha, which compare labels. Labels are compared without case.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from affekt import DataError, MissingDependency

from affekt_exchange.timeline import Timeline, Track


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Two tracks compared, frame by frame."""

    first: str
    second: str
    frame: float
    """The length of a frame in seconds."""
    both: float
    """Seconds that both labelled."""
    only_first: float
    only_second: float
    share: float | None
    """The share of the time labelled by both that has the same label; None where there is none."""
    kappa: float | None
    """Cohen's; None where no more than one label occurs."""
    alpha: float | None
    """Krippendorff's, nominal; None where no more than one label occurs."""
    confusions: tuple[tuple[str, str, float], ...]
    """(first's label, second's label, seconds), the longest first."""

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**self.__dict__, "confusions": [list(confusion) for confusion in self.confusions]}


def agreement(first: Track, second: Track, *, frame: float = 0.01) -> Agreement:
    """The agreement of two tracks. Where spans of one track overlap, their labels together are one.

    Raises:
        DataError: the frame is no time, or cuts a track into more than ten million.
        MissingDependency: krippendorff or scikit-learn is not installed.
    """
    last = max((span.end for track in (first, second) for span in track.spans), default=0.0)
    if not frame > 0 or last / frame > 1e7:
        raise DataError(f"a frame should last longer than {last / 1e7:g} s; found {frame}", hint="--frame 0.01")
    frames = round(last / frame)
    label_rows = [_frames(track, frames, frame) for track in (first, second)]
    pairs = [(left, right) for left, right in zip(*label_rows, strict=True) if left and right]
    only = [
        sum(bool(left) and not right for left, right in zip(*order, strict=True))
        for order in (label_rows, label_rows[::-1])
    ]
    kappa, alpha = _coefficients(pairs)
    confusions = [
        (*labels, round(count * frame, 3)) for labels, count in Counter(pairs).most_common() if labels[0] != labels[1]
    ]
    return Agreement(
        first=first.name,
        second=second.name,
        frame=frame,
        both=round(len(pairs) * frame, 3),
        only_first=round(only[0] * frame, 3),
        only_second=round(only[1] * frame, 3),
        share=sum(left == right for left, right in pairs) / len(pairs) if pairs else None,
        kappa=kappa,
        alpha=alpha,
        confusions=tuple(confusions),
    )


def tracks_to_compare(first: Timeline, second: Timeline, name: str | None = None) -> list[tuple[Track, Track]]:
    """The tracks of the same name in two files; without a name, those of emotions or, where there are none, all.

    Raises:
        DataError: the files share no such track.
    """
    shared = [(track, other) for track in first.tracks if (other := second.track(track.name))]
    if name is not None:
        chosen = [pair for pair in shared if pair[0].name == name]
    else:
        chosen = [pair for pair in shared if pair[0].kind == "emotion"] or shared
    if not chosen:
        names = [", ".join(f'"{track.name}"' for track in timeline.tracks) or "none" for timeline in (first, second)]
        wanted = f' "{name}"' if name else ""
        raise DataError(
            f"the files share no track{wanted}; they hold {names[0]}, and {names[1]}",
            hint="--track NAME, or renaming a tier",
        )
    return chosen


def _frames(track: Track, frames: int, frame: float) -> list[str]:
    """The label of each frame, by its middle; several as one, in the order of the alphabet."""
    labels: list[tuple[str, ...]] = [()] * frames
    for span in track.spans:
        label = span.label.strip().casefold()
        for index in range(max(0, round(span.start / frame)), min(frames, round(span.end / frame))):
            if label and label not in labels[index]:
                labels[index] = tuple(sorted((*labels[index], label)))
    return [" + ".join(names) for names in labels]


def _coefficients(pairs: Sequence[tuple[str, str]]) -> tuple[float | None, float | None]:
    words = sorted({word for pair in pairs for word in pair})
    if len(words) < 2:
        return None, None
    try:
        import krippendorff
        import numpy as np
        from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependency(
            f"agreement needs {error.name}, which is not installed", hint='pip install "affekt-exchange[agreement]"'
        ) from error
    number = {word: index for index, word in enumerate(words)}
    coded = np.array([[number[left] for left, _ in pairs], [number[right] for _, right in pairs]])
    counts = np.zeros((coded.shape[1], len(words)), dtype=np.int64)
    for row in coded:
        counts[np.arange(coded.shape[1]), row] += 1
    alpha = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    return float(cohen_kappa_score(*coded)), float(alpha)
