"""What the language model is shown: the labels, what was measured, and what is said."""

from collections.abc import Sequence

from affekt import Clue
from transformers import PreTrainedTokenizerBase

LONGEST = 300
"""Words of the transcript that are shown; of a longer one, the last."""
PARTS = (("Voice", "audio"), ("Face", "face"))


def description(words: str | None, clues: Sequence[Clue]) -> str:
    """One line a modality; a missing one is left out."""
    lines = []
    for title, modality in PARTS:
        if texts := [clue.text for clue in clues if clue.modality == modality]:
            lines.append(f"{title}: {', '.join(texts)}.")
    if spoken := (words or "").split():
        lines.append(f'Words: "{" ".join(spoken[-LONGEST:])}"')
    return "\n".join(lines)


def prompt(tokenizer: PreTrainedTokenizerBase, shown: str, labels: Sequence[str]) -> list[int]:
    """Token ids up to where the label follows, in the model's own chat format where it has one."""
    task = f"You label emotions. Answer with one word: {', '.join(labels)}."
    if tokenizer.chat_template:
        turns = [{"role": "system", "content": task}, {"role": "user", "content": f"{shown}\nEmotion?"}]
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return list(tokenizer(str(text), add_special_tokens=False)["input_ids"])
    return list(tokenizer(f"{task}\n{shown}\nEmotion:")["input_ids"])


def answer(tokenizer: PreTrainedTokenizerBase, label: str) -> list[int]:
    """Token ids of a label, as they follow the prompt."""
    text = label if tokenizer.chat_template else f" {label}"
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def conversation(tokenizer: PreTrainedTokenizerBase, turns: Sequence[tuple[str, str]]) -> list[int]:
    """Token ids of a conversation up to where the model goes on; a last turn of the assistant is continued.

    Args:
        turns: (role, text), of the roles system, user and assistant.
    """
    *before, (role, text) = turns
    begun = text if role == "assistant" else ""
    finished = list(turns) if role != "assistant" else before
    if tokenizer.chat_template:
        messages = [{"role": role, "content": text} for role, text in finished]
        shown = str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
        return list(tokenizer(shown + begun, add_special_tokens=False)["input_ids"])
    shown = "\n\n".join([*(text for _, text in finished), begun]).rstrip()
    return list(tokenizer(shown)["input_ids"])


def continuation(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Token ids of words that follow other words; SentencePiece puts the space before them by itself."""
    first = str(tokenizer.convert_ids_to_tokens(list(tokenizer("a", add_special_tokens=False)["input_ids"]))[0])
    return list(tokenizer(text if first.startswith("▁") else f" {text}", add_special_tokens=False)["input_ids"])
