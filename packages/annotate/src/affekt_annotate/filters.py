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


def of_clip(annotation: Annotation, measured: Measured, config: AnnotateConfig) -> tuple[Dropped, ...]:
    """What the filters that look at one clip find."""
    rules, drops = config.filters, []
    speaks = measured.speech >= LEAST_SPEECH or annotation.words.state == "measured"
    if not speaks:
        drops.append(_dropped(rules, "nobody_speaks", f"{measured.speech:.1f} s of voice and no words"))
    elif off := _off_screen(annotation, rules):
        drops.append(_dropped(rules, "speaker_off_screen", off))
    if annotation.emotion is not None and annotation.label_from == "given" and (against := _against(annotation)):
        drops.append(_dropped(rules, "label_and_text_disagree", against))
    rule, heard = annotation.face.label, annotation.recognised.label
    if rule is not None and heard is not None and common(rule) not in (None, heard):
        drops.append(_dropped(rules, "rule_and_recogniser_disagree", f"the rule says {rule}, the recogniser {heard}"))
    words = len(annotation.blind.text.split())
    if annotation.blind.state == "measured" and not rules.least_words <= words <= rules.most_words:
        drops.append(
            _dropped(rules, "description_length", f"{words} words, not {rules.least_words} to {rules.most_words}")
        )
    if annotation.blind.state != "measured":
        drops.append(Dropped(filter="no_description", reason=annotation.blind.reason, drops=True))
    if annotation.emotion is None:
        drops.append(Dropped(filter="no_label", reason=annotation.label_reason, drops=True))
    return tuple(item for item in drops if item is not None)


def duplicates(annotations: Sequence[Annotation], config: AnnotateConfig) -> list[Annotation]:
    """The annotations, with those marked whose media stand under another name before."""
    first: dict[str, str] = {}
    marked = []
    for annotation in annotations:
        other = first.setdefault(annotation.sha256, annotation.name)
        mark = _dropped(config.filters, "duplicate", f"the same file as {other}") if other != annotation.name else None
        marked.append(annotation.model_copy(update={"filters": (*annotation.filters, mark)}) if mark else annotation)
    return marked


def _dropped(rules: Filters, name: str, reason: str) -> Dropped | None:
    action = getattr(rules, name)
    return None if action == "off" else Dropped(filter=name, reason=reason, drops=action == "drop")


def _off_screen(annotation: Annotation, rules: Filters) -> str:
    """Why the speaker is off screen; a recording without any picture has no screen."""
    if annotation.frames is None:
        return ""
    if annotation.face.state != "measured":
        return annotation.face.reason
    own = next(track for track in annotation.face.tracks if track.chosen)
    visible = (own.end - own.start) / max(annotation.duration, 1e-6)
    if visible < rules.least_face:
        return f"the face is seen in {visible:.0%} of the clip"
    moves = TALKING & {
        unit for track in annotation.face.tracks if track.chosen for unit in (*track.units, *annotation.face.units)
    }
    return "" if moves else "a voice is heard and no mouth moves"


def _against(annotation: Annotation) -> str:
    """How the clues speak against the given label; "" where they do not."""
    sums = spoken_for(annotation.findings)
    label = common(annotation.emotion or "")
    if label is None or not sums or sums.get(label, 0.0) >= 0.5 * next(iter(sums.values())):
        return ""
    return f"the label says {annotation.emotion}, what was measured speaks for {next(iter(sums))}"
