"""Questions and scores of the tasks. lmms-eval loads this file by itself, so it imports nothing of affekt."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

TAGGED = re.compile(r"answer\s*:[ \t*]*([^\n]+)", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+(?:[ '-][^\W\d_]+)*")
SYNONYMS: dict[str, str] = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
"""Word → what stands for it and its synonyms."""


def doc_to_visual(doc: dict[str, Any]) -> list[Any]:
    """What the model is shown: a video's path, or sound as lmms-eval's models of sound take it."""
    if doc["kind"] == "video":
        return [doc["media"]]
    if doc["kind"] == "audio":
        import soundfile  # type: ignore[import-untyped]

        array, rate = soundfile.read(doc["media"], dtype="float32")
        return [{"array": array if array.ndim == 1 else array.mean(axis=1), "sampling_rate": rate}]
    return []


def _quoted(doc: dict[str, Any]) -> str:
    return f'What is said, as a quotation: "{doc["text"]}"\n' if doc["text"] else ""


def closed_text(doc: dict[str, Any], lmms_eval_specific_kwargs: dict[str, Any] | None = None) -> str:
    """The question about a label of the closed set."""
    return f"{_quoted(doc)}Which emotion does the person feel? Answer with one of: {', '.join(doc['choices'])}."


def open_text(doc: dict[str, Any], lmms_eval_specific_kwargs: dict[str, Any] | None = None) -> str:
    """The question about words of the model's own."""
    return f"{_quoted(doc)}Which emotions does the person feel? Answer with words for them, separated by commas."


def reasoning_text(doc: dict[str, Any], lmms_eval_specific_kwargs: dict[str, Any] | None = None) -> str:
    """The question about reasons and a label."""
    return (
        f"{_quoted(doc)}Which emotion does the person feel, and which clues of face, voice and words show it? Give the "
        f'clues first. Then write a last line with "Answer:" and one of: {", ".join(doc["choices"])}.'
    )


def doc_to_target(doc: dict[str, Any]) -> str:
    """What is true."""
    return str(doc["label"] or ", ".join(doc["labels"]))


def label_of(answer: str, choices: list[str]) -> str | None:
    """The one label that an answer names, in its last line with "Answer:" if it has one; None where it is not one."""
    tagged = TAGGED.findall(answer)
    read = (tagged[-1] if tagged else answer).lower()
    named = [label for label in choices if re.search(rf"\b{re.escape(label.lower())}\b", read)]
    return named[0] if len(named) == 1 else None


def _labelled(doc: dict[str, Any], results: list[str]) -> dict[str, Any]:
    answer = label_of(results[0], doc["choices"])
    cell = {"id": doc["id"], "speaker": doc["speaker"] or doc["id"], "truth": doc["label"], "said": answer}
    right = {**cell, "score": float(answer == doc["label"])}
    return {"accuracy": right, "uar": right, "unreadable": {**cell, "score": float(answer is None)}}


def closed_results(doc: dict[str, Any], results: list[str]) -> dict[str, Any]:
    """Right or wrong; an answer that names no label, or several, is wrong and counted as unreadable."""
    return _labelled(doc, results)


def open_results(doc: dict[str, Any], results: list[str]) -> dict[str, Any]:
    """Precision and recall of sets of words, and their mean; synonyms are one word."""
    named = {SYNONYMS.get(word, word) for word in WORD.findall(results[0].lower())}
    true = {SYNONYMS.get(word.lower(), word.lower()) for word in doc["labels"] or [doc["label"]]}
    both = len(named & true)
    precision, recall = both / len(named) if named else 0.0, both / len(true)
    cell = {"id": doc["id"], "speaker": doc["speaker"] or doc["id"]}
    return {
        "precision": {**cell, "score": precision},
        "recall": {**cell, "score": recall},
        "average": {**cell, "score": (precision + recall) / 2},
    }


def reasoning_results(doc: dict[str, Any], results: list[str]) -> dict[str, Any]:
    """The label as in the closed set, and how many words of a person's description the reasons have."""
    scored = _labelled(doc, results)
    described = set(WORD.findall((doc["description"] or "").lower().replace("-", " "))) and {
        word for part in WORD.findall(doc["description"].lower()) for word in part.split() if len(word) > 3
    }
    if described:
        written = {word for part in WORD.findall(results[0].lower()) for word in part.split()}
        cell = {"id": doc["id"], "speaker": doc["speaker"] or doc["id"]}
        scored["word_recall"] = {**cell, "score": len(described & written) / len(described)}
    return scored


def mean(items: list[dict[str, Any]]) -> float:
    """The mean of the scores."""
    total: float = sum(item["score"] for item in items)
    return total / len(items)


def uar(items: list[dict[str, Any]]) -> float:
    """The mean recall of the labels (unweighted average recall)."""
    by_label: dict[str, list[float]] = defaultdict(list)
    for item in items:
        by_label[item["truth"]].append(item["score"])
    return sum(sum(scores) / len(scores) for scores in by_label.values()) / len(by_label)
