"""What reviewers decided, as lines of JSON that are only ever added: edits as diffs, with who and when.

Agreement between reviewers is Krippendorff's alpha of accept, edit and reject, as affekt-metrics computes it.
"""

import difflib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from affekt import DataError, EmotionPrediction, Reference
from affekt_metrics.agreement import Agreement
from affekt_metrics.intervals import Intervals

from affekt_annotate.annotation import Annotation, Record
from affekt_annotate.cache import to_json, write_whole

Action = Literal["accept", "edit", "reject"]
ACTIONS: tuple[Action, ...] = ("accept", "edit", "reject")
LONGEST = 2000
"""Characters of an edited sentence."""


class Decision(Record):
    """One reviewer's decision on one sentence; the last one of each reviewer counts."""

    item: str
    sentence: int
    """Index in the draft of the description that was written without the label."""
    of: str
    """Hash of the sentence as it was: a decision on a sentence that has changed since does not count."""
    action: Action
    diff: tuple[str, ...] = ()
    """Words removed ("- sad") and added ("+ weary"), and those kept ("  looks"), where it was edited."""
    by: str
    at: str
    """ISO 8601, UTC."""
    adjudicates: bool = False
    """Settles what reviewers decided differently."""

    @property
    def text(self) -> str:
        """The sentence after the edit; "" where it was not edited."""
        return " ".join(word[2:] for word in self.diff if word[0] in " +")


class Decisions:
    """The file `review/decisions.jsonl` of an annotation folder."""

    def __init__(self, out: Path) -> None:
        """Reads the annotations and all decisions.

        Raises:
            DataError: the folder holds no annotations.
        """
        self.out = out
        self.path = out / "review" / "decisions.jsonl"
        try:
            lines = (out / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise DataError(f'"{out}" holds no annotations: {error}', hint="affekt annotate FOLDER -o DIR") from error
        self.annotations = {annotation.name: annotation for annotation in map(Annotation.model_validate_json, lines)}

    def all(self) -> list[Decision]:
        """Every decision in order; a last line that a kill cut off is left out."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        decisions = []
        for line in lines:
            try:
                decisions.append(Decision.model_validate_json(line))
            except ValueError:
                continue
        return decisions

    def add(
        self, *, item: str, sentence: int, action: str, by: str, text: str = "", adjudicates: bool = False
    ) -> Decision:
        """Stores a decision; when it returns, the decision survives a kill.

        Raises:
            DataError: there is no such clip, sentence or action, or something is left out.
        """
        annotation = self.annotations.get(item)
        sentences = annotation.blind.sentences if annotation is not None else ()
        if not 0 <= sentence < len(sentences):
            raise DataError(f'there is no sentence {sentence} of a clip "{item}"', hint="reload the page")
        by, text = " ".join(by.split()), " ".join(text.split())
        if action not in ACTIONS or not by or len(by) > 80 or len(text) > LONGEST or (action == "edit") != bool(text):
            raise DataError(
                f'a decision needs one of {ACTIONS}, a name, and a text for edits alone; found "{action}" by "{by}"',
                hint="a name at the top of the page",
            )
        before = sentences[sentence].text
        diff = tuple(line for line in difflib.ndiff(before.split(), text.split()) if line[0] != "?") if text else ()
        decision = Decision(
            item=item, sentence=sentence, of=hash_of(before), action=action, diff=diff, by=by,
            at=datetime.now(UTC).isoformat(timespec="seconds"), adjudicates=adjudicates,
        )  # fmt: skip
        self.path.parent.mkdir(parents=True, exist_ok=True)
        torn = self.path.exists() and self.path.stat().st_size and not self.path.read_bytes().endswith(b"\n")
        with self.path.open("ab") as file:
            file.write(b"\n" * bool(torn) + to_json(decision.model_dump(mode="json"), indent=None).encode())
            file.flush()
            os.fsync(file.fileno())
        return decision

    def valid(self) -> dict[tuple[str, int], dict[str, Decision]]:
        """(clip, sentence) → reviewer, or "adjudication" → the last decision, of sentences as they are now."""
        by_sentence: dict[tuple[str, int], dict[str, Decision]] = {}
        for decision in self.all():
            annotation = self.annotations.get(decision.item)
            sentences = annotation.blind.sentences if annotation is not None else ()
            if decision.sentence < len(sentences) and hash_of(sentences[decision.sentence].text) == decision.of:
                who = "adjudication" if decision.adjudicates else f"by {decision.by}"
                by_sentence.setdefault((decision.item, decision.sentence), {})[who] = decision
        return by_sentence

    def agreement(self, intervals: Intervals | None = None) -> dict[str, Any]:
        """Alpha of all reviewers with its interval; where it cannot be computed, the reason in its place."""
        decisions = self.valid()
        reviewers = sorted({who for own in decisions.values() for who in own if who != "adjudication"})
        summary: dict[str, Any] = {
            "reviewers": [who.removeprefix("by ") for who in reviewers],
            "sentences": len(decisions),
            "disputed": sum(self.disputed(own) for own in decisions.values()),
        }
        if len(reviewers) < 2:
            return summary | {"status": "needs two reviewers"}
        truth, machine = references(decisions, reviewers, self.annotations)
        try:
            measures = Agreement(intervals=intervals or Intervals()).evaluate(machine, truth)
        except DataError as error:
            return summary | {"status": error.message}
        names = ("alpha_raters", "alpha_raters.low", "alpha_raters.high")
        if "alpha_raters" not in measures:
            return summary | {"status": "no sentence was decided by two reviewers, or all decided the same"}
        return summary | {"status": "measured"} | {name: measures[name] for name in names if name in measures}

    @staticmethod
    def disputed(own: Mapping[str, Decision]) -> bool:
        """Whether reviewers differ and nobody has settled it."""
        answers = {(decision.action, decision.text) for who, decision in own.items() if who != "adjudication"}
        return len(answers) > 1 and "adjudication" not in own

    def settled(self, annotation: Annotation) -> str:
        """The description after the review: an adjudication counts, else the majority; a tie changes nothing."""
        decisions, kept = self.valid(), []
        for number, sentence in enumerate(annotation.blind.sentences):
            own = decisions.get((annotation.name, number), {})
            action, text = _settled(own)
            if action == "edit":
                kept.append(text)
            elif action == "accept" or (action == "" and not sentence.cut):
                kept.append(sentence.text)
        return " ".join(kept)

    def apply(self) -> int:
        """Writes the reviewed descriptions into MERR_fine_grained.json and returns how many of them changed.

        Raises:
            DataError: the file is not there.
        """
        path = self.out / "MERR_fine_grained.json"
        try:
            items = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f'"{path}" cannot be read: {error}', hint="affekt annotate FOLDER -o DIR") from error
        changed = 0
        for name, item in items.items():
            text = self.settled(self.annotations[name])
            changed += text != item["smp_reason_caption"]
            item["smp_reason_caption"] = text
        write_whole(path, to_json(items))
        return changed


def hash_of(sentence: str) -> str:
    """Short, and the same for the same sentence."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:16]


def references(
    decisions: Mapping[tuple[str, int], Mapping[str, Decision]],
    reviewers: Sequence[str],
    annotations: Mapping[str, Annotation],
) -> tuple[list[Reference], list[EmotionPrediction]]:
    """Reviewers' actions as raters of every sentence, and what the check decided as the machine's answer."""
    truth, machine = [], []
    for (item, number), own in sorted(decisions.items()):
        raters = tuple(own[who].action if who in own else "" for who in reviewers)
        if not any(raters):
            continue
        cut = bool(annotations[item].blind.sentences[number].cut)
        truth.append(Reference(label=next(filter(None, raters)), raters=raters, group=item))
        machine.append(
            EmotionPrediction(scores={action: float(action == ("reject" if cut else "accept")) for action in ACTIONS})
        )
    return truth, machine


def _settled(own: Mapping[str, Decision]) -> tuple[str, str]:
    """The action that counts, and its text; ("", "") where there is none or a tie."""
    if (last := own.get("adjudication")) is not None:
        return last.action, last.text
    ranked = Counter((decision.action, decision.text) for decision in own.values()).most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return "", ""
    return ranked[0][0]
