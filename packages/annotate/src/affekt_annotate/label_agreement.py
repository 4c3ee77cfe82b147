"""How often labels that were computed are those that people gave: of all clips, and of those that are not neutral."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from affekt import DataError, EmotionPrediction, Reference
from affekt_metrics.accuracy import Accuracy
from affekt_metrics.intervals import Intervals

from affekt_annotate.annotation import Annotation
from affekt_annotate.merr_labels import in_merr

NONE = "none"
"""What stands where no label was computed. It is never taken for neutral."""


@dataclass(frozen=True, kw_only=True)
class LabelAgreement:
    """Computed labels against given ones, in MERR's words."""

    clips: int
    named: int
    """Clips for which a label was computed."""
    agreement: Mapping[str, float]
    """Share of all clips as `accuracy`, with `.low` and `.high`; a clip without a computed label disagrees."""
    agreement_without_neutral: Mapping[str, float]
    """The agreement on the clips whose given label is not neutral, for which the action-unit rule has no units."""
    confusion: Mapping[str, Mapping[str, int]]
    """Given label → computed label → clips."""


def agreement(
    computed: Sequence[str], given: Sequence[str], intervals: Intervals, groups: Sequence[str] = ()
) -> LabelAgreement:
    """Compares two labels of each clip.

    Args:
        groups: who speaks in each clip; clips of one person are drawn together. Each stands alone without.
    """
    confusion = {label: dict(sorted(Counter(c for c, g in zip(computed, given, strict=True) if g == label).items()))
                 for label in sorted({*given})}  # fmt: skip
    groups = groups or [""] * len(given)
    kept = [index for index, label in enumerate(given) if label != "neutral"]
    emotional = [[column[index] for index in kept] for column in (computed, given, groups)]
    return LabelAgreement(
        clips=len(given),
        named=sum(label != NONE for label in computed),
        agreement=_share(computed, given, groups, intervals),
        agreement_without_neutral=_share(emotional[0], emotional[1], emotional[2], intervals),
        confusion=confusion,
    )


def of_annotations(annotations: Sequence[Annotation], intervals: Intervals) -> dict[str, LabelAgreement]:
    """The action-unit rule and the recogniser against the given labels; other clips are left out.

    Raises:
        DataError: no clip has a given label that MERR has a word for.
    """
    labelled = [(clip, label) for clip in annotations if clip.label and (label := in_merr(clip.label)) is not None]
    if not labelled:
        raise DataError(
            f"none of {len(annotations)} clips has a given label that MERR has a word for",
            hint="affekt annotate FOLDER -o DIR --labels CSV",
        )
    given, groups = [label for _, label in labelled], [clip.speaker or "" for clip, _ in labelled]
    rule = [clip.face.label or NONE for clip, _ in labelled]
    recogniser = [in_merr(clip.recognised.label or "") or NONE for clip, _ in labelled]
    return {
        source: agreement(computed, given, intervals, groups)
        for source, computed in (("rule", rule), ("recogniser", recogniser))
    }


def _share(
    computed: Sequence[str], given: Sequence[str], groups: Sequence[str], intervals: Intervals
) -> dict[str, float]:
    if not given:
        return {}
    labels = sorted({*computed, *given})
    predictions = [EmotionPrediction(scores={label: float(label == own) for label in labels}) for own in computed]
    truth = [Reference(label=label, group=group) for label, group in zip(given, groups, strict=True)]
    measures = Accuracy(intervals=intervals).evaluate(predictions, truth)
    return {key: float(measures[key]) for key in ("accuracy", "accuracy.low", "accuracy.high") if key in measures}
