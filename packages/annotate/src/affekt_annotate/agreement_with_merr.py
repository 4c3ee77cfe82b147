"""MERR's own annotations as a measure of this package: rule against `pseu_emotion`, coarse text against the fine.

The released entries hold the names of action units without their heights: `AU_list`, those that spoke for the label,
and `peak_AU_list`, all of the peak frame. On `AU_list` the rule is read
backwards, so agreement there is an upper bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from affekt import EmotionPrediction, Reference
from affekt_clues.facs import PHRASES
from affekt_datasets.catalogue import examine
from affekt_metrics.emer_proxy import EmerProxy
from affekt_metrics.intervals import Intervals

from affekt_annotate.action_unit_rule import candidates
from affekt_annotate.annotation import Observation, Recognised, Spoken
from affekt_annotate.label_agreement import NONE, LabelAgreement, agreement
from affekt_annotate.writing import Clues, coarse

Units = Literal["AU_list", "peak_AU_list"]


@dataclass(frozen=True, kw_only=True)
class RuleAgreement:
    """The rule on one field of the annotations."""

    units: Units
    least_share: float
    while_talking: bool
    """Whether AU25 alone names doubt."""
    labels: LabelAgreement


def entries(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Name → the fields of the fine annotations.

    Raises:
        DatasetError: the folder does not hold them.
    """
    return {
        sample.id: {"text": sample.text, "pseu_emotion": sample.label, **sample.notes}
        for sample in examine("merr", folder)
    }


def rule_agreement(
    annotations: Mapping[str, Mapping[str, Any]],
    units: Units,
    *,
    least_share: float,
    intervals: Intervals,
    while_talking: bool = True,
) -> RuleAgreement:
    """How often the action-unit rule names MERR's label."""
    true = [str(entry["pseu_emotion"]) for entry in annotations.values()]
    predicted = [
        next(
            iter(candidates(dict.fromkeys(entry[units], 1.0), least_share=least_share, while_talking=while_talking)),
            NONE,
        )
        for entry in annotations.values()
    ]
    return RuleAgreement(
        units=units,
        least_share=least_share,
        while_talking=while_talking,
        labels=agreement(predicted, true, intervals),
    )


def coarse_agreement(annotations: Mapping[str, Mapping[str, Any]], intervals: Intervals) -> dict[str, float]:
    """The EMER proxy's overlap of the combiner's coarse text with `smp_reason_caption`."""
    predictions, truth = [], []
    for entry in annotations.values():
        text = coarse_of(entry)
        predictions.append(EmotionPrediction(scores={"unknown": 1.0}, rationale=text))
        truth.append(Reference(description=" ".join(str(entry["smp_reason_caption"]).split())))
    return dict(EmerProxy(intervals=intervals).evaluate(predictions, truth))


def coarse_of(entry: Mapping[str, Any]) -> str:
    """The combiner's coarse text of an entry's action units, tone and words."""
    absent = Observation(state="not looked at")
    tone = str(entry["audio_prior_list"]).strip()
    words = str(entry.get("text") or "").strip()
    clues = Clues(
        findings=(),
        tone=Observation(state="measured", text=tone) if tone else absent,
        scene=absent,
        words=Spoken(state="measured", text=words) if words else Spoken(state="absent"),
        recognised=Recognised(state="not looked at"),
    )
    return coarse(clues, [PHRASES[unit] for unit in entry["AU_list"] if unit in PHRASES])
