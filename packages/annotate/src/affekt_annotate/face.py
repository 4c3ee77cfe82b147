"""The step `face`: action units of every face, the peak frame by two rules, and the first label.

Heights are those of the encoder at hand: of affekt-face, read from blendshapes, or of OpenFace; both from 0 to 1. They
are not the same measurement, and `Face.detector` says whose they are. Rows where the encoder saw no face, or was not
sure of it, are not there, so they take no part.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from affekt import Evidence, Features
from affekt_clues.check import with_columns
from affekt_clues.episodes import smooth
from affekt_clues.facs import code
from affekt_clues.prosody import LOUDNESS, PITCH, voiced
from jaxtyping import Float64

from affekt_annotate.action_unit_rule import UNITS_OF, candidates
from affekt_annotate.annotation import Face, Peak, Track
from affekt_annotate.config import FaceStep

HEIGHT = re.compile(r"AU\d{1,2}")
TALKING = frozenset({"AU25", "AU26", "AU45"})
"""What lips, jaw and lids do in anyone who speaks and blinks."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Heights:
    """Action units of one face over time."""

    times: Float64[np.ndarray, "time"]
    """Seconds from the start of the clip."""
    names: tuple[str, ...]
    values: Float64[np.ndarray, "time unit"]
    """0 where the detector says that the unit is absent."""

    def at(self, row: int, threshold: float) -> dict[str, float]:
        """Unit → height, of those present in a row, the highest first."""
        own = {name: round(float(self.values[row, column]), 4) for column, name in enumerate(self.names)}
        return {name: own[name] for name in sorted(own, key=lambda name: (-own[name], name)) if own[name] >= threshold}

    def ever(self, threshold: float) -> tuple[str, ...]:
        """The units that are present in at least a tenth of the rows."""
        shares = (self.values >= threshold).mean(axis=0)
        return tuple(name for name, share in zip(self.names, shares, strict=True) if share >= 0.1)


def heights_of(features: Features, step: FaceStep) -> Heights:
    """Heights above the face's own resting level; where the detector has columns of presence, as it says."""
    names = [name for name in features.names or () if HEIGHT.fullmatch(name)]
    values = np.stack([features.column(name).astype(np.float64) for name in names], axis=1)
    present = {
        code(name.removesuffix("_c")): features.column(name)
        for name in features.names or ()
        if name.endswith("_c") and HEIGHT.fullmatch(name.removesuffix("_c"))
    }
    if step.resting is not None and not present:
        values = np.clip(values - np.percentile(values, step.resting, axis=0), 0.0, 1.0)
    codes = tuple(code(name) for name in names)
    for column, unit in enumerate(codes):
        if unit in present:
            values[:, column] = np.where(present[unit] > 0.5, np.maximum(values[:, column], step.threshold), 0.0)
    if only := sorted(present.keys() - set(codes)):  # AU28 has presence alone
        values = np.hstack([values, np.stack([np.where(present[unit] > 0.5, 1.0, 0.0) for unit in only], axis=1)])
        codes = (*codes, *only)
    return Heights(times=features.clock().mean(axis=1), names=codes, values=values)


def look(
    evidence: Evidence,
    others: Sequence[tuple[Features, str]],
    step: FaceStep,
    *,
    fps: float | None,
    choice: str = "",
) -> Face:
    """What the face does, and when most.

    Args:
        others: action units of the faces that were not chosen, and how each was found.
        fps: of the recording's picture; None where it has none.
        choice: why this face was chosen; "" where nobody chose.
    """
    features = with_columns(evidence, lambda name: bool(HEIGHT.fullmatch(name)))
    if features is None or not len(features.values):
        reason = _why_no_face(evidence)
        peaks = tuple(_from_voice(evidence, rule, reason, fps) for rule in ("upstream", "speech-robust"))
        return Face(state="absent", reason=reason, peaks=peaks)
    heights = heights_of(features, step)
    peaks = tuple(_peak(rule, heights, evidence, step, fps) for rule in ("upstream", "speech-robust"))
    chosen = next(peak for peak in peaks if peak.rule == step.peak)
    scores = _rule(heights, chosen.units, step)
    own = Track(
        chosen=True,
        why=choice or "the only face that is looked at",
        start=_rounded(heights.times[0]),
        end=_rounded(heights.times[-1]),
        sightings=len(heights.times),
        units=tuple(chosen.units),
        label=next(iter(scores), None),
    )
    return Face(
        state="measured",
        detector=features.source,
        peaks=peaks,
        units=heights.ever(step.threshold),
        label=next(iter(scores), None),
        rule=scores,
        tracks=(own, *(_track(units, why, step) for units, why in others)),
    )


def _track(features: Features, why: str, step: FaceStep) -> Track:
    heights = heights_of(features, step)
    at = heights.at(_highest(heights, "speech-robust"), step.threshold)
    return Track(
        chosen=False,
        why=why,
        start=_rounded(heights.times[0]),
        end=_rounded(heights.times[-1]),
        sightings=len(heights.times),
        units=tuple(at),
        label=next(iter(_rule(heights, at, step)), None),
    )


def _rule(heights: Heights, units: Mapping[str, float], step: FaceStep) -> dict[str, float]:
    unknown = {unit for own in UNITS_OF.values() for unit in own} - set(heights.names)
    return candidates(units, least_share=step.least_share, while_talking=step.while_talking, without=unknown)


def _highest(heights: Heights, rule: str) -> int:
    """The row with the largest sum: of all units upstream, of those that do not come with speech else."""
    kept = [column for column, name in enumerate(heights.names) if rule == "upstream" or name not in TALKING]
    return int(heights.values[:, kept].sum(axis=1).argmax())


def _peak(rule: str, heights: Heights, evidence: Evidence, step: FaceStep, fps: float | None) -> Peak:
    row = _highest(heights, rule)
    units = heights.at(row, step.threshold)
    telling = units.keys() - TALKING
    if rule == "speech-robust" and not telling:
        return _from_voice(evidence, rule, "no action unit beyond speech and blinking is present", fps, heights, step)
    time = float(heights.times[row])
    return Peak(rule=rule, state="measured", source="face", units=units, time=_rounded(time), frame=_frame(time, fps))


def _from_voice(
    evidence: Evidence,
    rule: str,
    reason: str,
    fps: float | None,
    heights: Heights | None = None,
    step: FaceStep | None = None,
) -> Peak:
    """The most aroused moment of the voice: loudness and pitch, each in its own standard deviations."""
    prosody = with_columns(evidence, lambda name: name == PITCH)
    if rule == "upstream" or prosody is None or LOUDNESS not in (prosody.names or ()) or not voiced(prosody).any():
        return Peak(rule=rule, state="absent", reason=reason)
    rows = voiced(prosody)
    clock = prosody.clock()[rows]
    arousal = np.zeros(len(clock))
    for name in (PITCH, LOUDNESS):
        values = smooth(clock, prosody.column(name)[rows].astype(np.float64), 0.5)
        arousal += (values - values.mean()) / max(float(values.std()), 1e-9)
    time = float(clock[int(arousal.argmax())].mean())
    units = {}
    if heights is not None and step is not None:
        units = heights.at(int(np.abs(heights.times - time).argmin()), step.threshold)
    when = _rounded(time)
    return Peak(
        rule=rule, state="measured", reason=reason, source="voice", units=units, time=when, frame=_frame(time, fps)
    )


def _frame(time: float, fps: float | None) -> int | None:
    return None if fps is None else int(time * fps + 1e-6)


def _why_no_face(evidence: Evidence) -> str:
    reasons = [reason for slot, reason in evidence.missing.items() if "unit" in slot or "face" in slot]
    return evidence.clip.missing.get("face") or next(iter(reasons), "no encoder of action units was asked")


def _rounded(value: float) -> float:
    return round(float(value), 3)
