"""Everything known of clips before anything is concluded: they are prepared, encoded and fused as one batch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from affekt.calling import Step, call
from affekt.data import Clip
from affekt.evidence import Evidence, Features, FusedSequence, Missing
from affekt.roles import Encoder, Fuser, Preparer
from affekt.scheduling import groups, joined, side_by_side


def gather(
    preparers: Mapping[str, Preparer],
    encoders: Mapping[str, Encoder],
    fuser: Fuser | None,
    clips: Sequence[Clip],
    step: Step,
) -> list[Evidence]:
    """The evidence of each clip, in order; `step` is called with the slot that begins.

    Preparers that need nothing of one another run side by side, and so do encoders; see `scheduling`.
    """
    for group in groups(preparers):
        prepared = _call_all({slot: preparers[slot] for slot in group}, "prepare", clips, (Clip,), step)
        clips = [joined(clip, after) for clip, *after in zip(clips, *prepared.values(), strict=True)]
    encoded = _call_all(encoders, "encode", clips, (Features, Missing), step)
    columns = {slot: [_with_source(each, repr(encoders[slot])) for each in column] for slot, column in encoded.items()}
    evidence = [
        _evidence(clip, {slot: column[number] for slot, column in columns.items()}) for number, clip in enumerate(clips)
    ]
    if fuser is not None:
        step("fuser")
        fused = call("fuser", fuser, "fuse", evidence, (FusedSequence,))
        evidence = [replace(known, fused=tokens) for known, tokens in zip(evidence, fused, strict=True)]
    return evidence


def _call_all(
    components: Mapping[str, Any], method: str, batch: Sequence[Any], kinds: tuple[type, ...], step: Step
) -> dict[str, list[Any]]:
    """Calls the same method of several components side by side; see `calling`."""

    def begin(slot: str) -> list[Any]:
        step(slot)
        return call(slot, components[slot], method, batch, kinds)

    results = side_by_side([partial(begin, slot) for slot in components], components.values())
    return dict(zip(components, results, strict=True))


def _with_source(encoded: Features | Missing, source: str) -> Features | Missing:
    return replace(encoded, source=encoded.source or source) if isinstance(encoded, Features) else encoded


def _evidence(clip: Clip, encoded: Mapping[str, Features | Missing]) -> Evidence:
    return Evidence(
        clip=clip,
        features={slot: each for slot, each in encoded.items() if isinstance(each, Features)},
        missing={slot: each.reason for slot, each in encoded.items() if isinstance(each, Missing)},
    )
