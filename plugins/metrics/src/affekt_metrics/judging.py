"""Rating by a language model: prompts, strict parsing, repeats, and a count of everything that was no rating.

A judge is a function that answers a prompt. What it answers is a rating only when the last line is one; "10/10", an
empty answer or a page of HTML is counted under what it is, never read as a number.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean, pstdev
from typing import Literal

import yaml
from affekt import AffektError, DataError
from pydantic import BaseModel, ConfigDict, ValidationError

Judge = Callable[[str], str]
"""Answers a prompt, or raises `JudgeFailed`."""
RATING = re.compile(r"(?:(?:score|rating)\s*[:=]\s*)?(\d{1,2}(?:\.\d+)?)\.?", re.IGNORECASE)
HTML = re.compile(r"<\s*(?:!doctype|html|head|body|title)\b", re.IGNORECASE)
LOWEST, HIGHEST = 1.0, 10.0


class JudgeFailed(AffektError):
    """A judge could not answer; `kind` is what is counted: "rate_limit", "timeout", "refused"."""

    kind: str = "failed"


class Prompts(BaseModel):
    """What a judge is asked; `{truth}` and `{answer}` are filled in. The defaults are ours, not the official ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clue: str = (
        "Two descriptions of one person's emotional state follow.\n\nReference: {truth}\n\nAnswer: {answer}\n\n"
        "Sum up the clues in the face, the voice, the words and the situation that the reference names, then those "
        "that the answer names. Rate from 1 (no clue in common) to 10 (the same clues) how far they overlap.\n"
        "The last line must be the rating alone, as: Score: N"
    )
    words: str = (
        "List the words for emotions that describe the person in this text, separated by commas, and nothing else.\n\n"
        "Text: She frowns and her voice trembles; she seems worried, almost panicky.\nWords: worried, panicky\n\n"
        "Text: {answer}\nWords:"
    )
    label: str = (
        "Two lists of words for one person's emotional state follow.\n\nReference: {truth}\n\nAnswer: {answer}\n\n"
        "Rate from 1 (nothing in common) to 10 (the same emotions) how far their meanings overlap.\n"
        "The last line must be the rating alone, as: Score: N"
    )

    def fingerprint(self) -> str:
        """SHA-256 of the prompts, so that results of other prompts are never taken for comparable."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()

    @classmethod
    def read(cls, path: Path | None) -> "Prompts":
        """The default prompts, or those of a YAML file with `clue`, `words` and `label`.

        Raises:
            DataError: the file is missing, or is not that.
        """
        if path is None:
            return cls()
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            raise DataError(f'"{path}" should hold the prompts clue, words and label: {error}') from error


Fault = Literal["empty", "html", "malformed", "out_of_range"]


def parse_rating(reply: str) -> float | Fault:
    """The rating in the last line of a reply, or what is wrong with the reply."""
    lines = [line.strip(" *\t") for line in reply.strip().splitlines() if line.strip()]
    if useless := _useless(reply):
        return useless
    if (match := RATING.fullmatch(lines[-1])) is None:
        return "malformed"
    rating = float(match[1])
    return rating if LOWEST <= rating <= HIGHEST else "out_of_range"


def _useless(reply: str) -> Literal["empty", "html"] | None:
    return "html" if HTML.search(reply) else None if reply.strip() else "empty"


def rate(
    judge: Judge, texts: Sequence[tuple[str, str]], prompts: Prompts, repeats: int, log: Path | None = None
) -> dict[str, float]:
    """Clue and label overlap of (true, answered) descriptions.

    Every repeat rates every clip. A measure is the mean over clips of a clip's mean rating; `spread` is the standard
    deviation of the repeats' own means. What could not be rated is left out and counted.

    Raises:
        DataError: nothing at all could be rated.
    """
    book = _Book(judge, log, prompts.fingerprint())
    words = [tuple(book.words(prompts.words, text) for text in pair) for pair in texts]
    asked: dict[str, list[tuple[str, str, str] | None]] = {
        "clue": [(prompts.clue, truth, answer) for truth, answer in texts],
        "label": [(prompts.label, true, answered) if true and answered else None for true, answered in words],
    }
    ratings_summary: dict[str, float] = {"n": float(len(texts))}
    for name, questions in asked.items():
        ratings = [
            [book.rating(name, *question) if question else None for question in questions] for _ in range(repeats)
        ]
        ratings_summary |= _summary(name, ratings)
    ratings_summary |= {f"fault:{name}": float(count) for name, count in sorted(book.faults.items())}
    ratings_summary |= {"faults": float(book.faults.total()), "asked": float(book.asked)}
    if not ratings_summary["clue.rated"] and not ratings_summary["label.rated"]:
        raise DataError(
            f"the judge rated none of {len(texts)} clips: {dict(book.faults)}", hint="its address, its key, or its log"
        )
    return ratings_summary


def _summary(name: str, ratings: Sequence[Sequence[float | None]]) -> dict[str, float]:
    by_clip = [[rating for rating in clip if rating is not None] for clip in zip(*ratings, strict=True)]
    by_repeat = [[rating for rating in repeat if rating is not None] for repeat in ratings]
    means = [mean(clip) for clip in by_clip if clip]
    summary = {f"{name}.rated": float(len(means))}
    if means:
        summary |= {name: mean(means), f"{name}.spread": pstdev(mean(repeat) for repeat in by_repeat if repeat)}
    return summary


class _Book:
    """Asks, counts what went wrong, and writes every reply down."""

    def __init__(self, judge: Judge, log: Path | None, fingerprint: str) -> None:
        self.judge, self.log, self.fingerprint = judge, log, fingerprint
        self.faults: Counter[str] = Counter()
        self.asked = 0

    def words(self, prompt: str, text: str) -> str:
        """The words for emotions in a text; nothing when the judge gave none."""
        reply = self._reply("words", prompt, {"answer": text})
        fault = None if reply is None else _useless(reply)
        if reply is not None:
            self._note("words", {"answer": text}, reply, fault)
        return reply.strip() if reply and not fault else ""

    def rating(self, what: str, prompt: str, truth: str, answer: str) -> float | None:
        """The rating, or None."""
        filled = {"truth": truth, "answer": answer}
        reply = self._reply(what, prompt, filled)
        if reply is None:
            return None
        rating = parse_rating(reply)
        self._note(what, filled, reply, rating if isinstance(rating, str) else None)
        return None if isinstance(rating, str) else rating

    def _reply(self, what: str, prompt: str, filled: Mapping[str, str]) -> str | None:
        self.asked += 1
        try:
            return self.judge(_fill(prompt, filled))
        except JudgeFailed as error:
            self._note(what, filled, str(error), error.kind)
            return None

    def _note(self, what: str, filled: Mapping[str, str], reply: str, fault: str | None) -> None:
        if fault:
            self.faults[fault] += 1
        if self.log is not None:
            line = {"prompts": self.fingerprint, "asked": what, **filled, "reply": reply, "fault": fault}
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _fill(prompt: str, filled: Mapping[str, str]) -> str:
    # Not str.format, and in one pass: descriptions and users' prompts may hold braces.
    return re.sub(r"\{(truth|answer)\}", lambda match: filled.get(match[1], match[0]), prompt)
