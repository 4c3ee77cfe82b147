"""Why an item is left out of the exported files, or marked in them; nothing is dropped without its reason."""

from collections.abc import Sequence

from affekt_annotate.annotation import Annotation, Dropped
from affekt_annotate.config import AnnotateConfig, Filters
from affekt_annotate.face import TALKING
from affekt_annotate.measuring import Measured
from affekt_annotate.merr_labels import common
from affekt_annotate.writing import spoken_for

LEAST_SPEECH = 0.2
"""Seconds of voice from which somebody speaks."""


def of_clip(one: Annotation, measured: Measured, config: AnnotateConfig) -> tuple[Dropped, ...]:
    """What the filters that look at one clip find."""
    rules, found = config.filters, []
    speaks = measured.speech >= LEAST_SPEECH or one.words.state == "measured"
    if not speaks:
        found.append(_found(rules, "nobody_speaks", f"{measured.speech:.1f} s of voice and no words"))
    elif off := _off_screen(one, rules):
        found.append(_found(rules, "speaker_off_screen", off))
    if one.emotion is not None and one.label_from == "given" and (against := _against(one)):
        found.append(_found(rules, "label_and_text_disagree", against))
    rule, heard = one.face.label, one.recognised.label
    if rule is not None and heard is not None and common(rule) not in (None, heard):
        found.append(_found(rules, "rule_and_recogniser_disagree", f"the rule says {rule}, the recogniser {heard}"))
    words = len(one.blind.text.split())
    if one.blind.state == "measured" and not rules.least_words <= words <= rules.most_words:
        found.append(
            _found(rules, "description_length", f"{words} words, not {rules.least_words} to {rules.most_words}")
        )
    if one.blind.state != "measured":
        found.append(Dropped(filter="no_description", reason=one.blind.reason, drops=True))
    if one.emotion is None:
        found.append(Dropped(filter="no_label", reason=one.label_reason, drops=True))
    return tuple(item for item in found if item is not None)


def duplicates(annotations: Sequence[Annotation], config: AnnotateConfig) -> list[Annotation]:
    """The annotations, with those marked whose media stand under another name before."""
    first: dict[str, str] = {}
    marked = []
    for one in annotations:
        other = first.setdefault(one.sha256, one.name)
        mark = _found(config.filters, "duplicate", f"the same file as {other}") if other != one.name else None
        marked.append(one.model_copy(update={"filters": (*one.filters, mark)}) if mark else one)
    return marked


def _found(rules: Filters, name: str, reason: str) -> Dropped | None:
    action = getattr(rules, name)
    return None if action == "off" else Dropped(filter=name, reason=reason, drops=action == "drop")


def _off_screen(one: Annotation, rules: Filters) -> str:
    """Why the speaker is off screen; a recording without any picture has no screen."""
    if one.frames is None:
        return ""
    if one.face.state != "measured":
        return one.face.reason
    own = next(track for track in one.face.tracks if track.chosen)
    seen = (own.end - own.start) / max(one.duration, 1e-6)
    if seen < rules.least_face:
        return f"the face is seen in {seen:.0%} of the clip"
    moves = TALKING & {unit for track in one.face.tracks if track.chosen for unit in (*track.units, *one.face.units)}
    return "" if moves else "a voice is heard and no mouth moves"


def _against(one: Annotation) -> str:
    """How the clues speak against the given label; "" where they do not."""
    sums = spoken_for(one.findings)
    label = common(one.emotion or "")
    if label is None or not sums or sums.get(label, 0.0) >= 0.5 * next(iter(sums.values())):
        return ""
    return f"the label says {one.emotion}, what was measured speaks for {next(iter(sums))}"
