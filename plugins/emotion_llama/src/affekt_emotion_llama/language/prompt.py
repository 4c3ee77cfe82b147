"""The prompt: one function for training and for inference.

    <s> [INST] <video> ⟨video tokens⟩ </video> <feature> ⟨feature tokens⟩ </feature>
    The person in video says: … .  [emotion] … [/INST] answer </s>

`<video>` and its like are plain text. Each piece of text between fused tokens is tokenised by itself, without special
tokens, as Emotion-LLaMA does in training. What people say is data: control marks in it are made harmless.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from affekt import OptionsError
from pydantic import BaseModel, ConfigDict, Field, field_validator
from transformers import PreTrainedTokenizerBase

Layout = Literal["paper", "upstream-eval", "v2", "short"]
Task = Literal["emotion", "reason", "reason_v2"]
Targets = Literal["upstream", "written"]
LONGEST_TARGET = 200
"""Words of a description that are trained, as upstream has it."""
LABELS = ("happy", "sad", "neutral", "angry", "worried", "surprise", "fear", "contempt", "doubt")
"""MERR's nine, in the order in which upstream asks for them."""
REASONS = {
    "reason": "Which emotion does the person in the video feel, and which clues of face, voice and words show it?",
    "reason_v2": "Describe what face, voice and words show, and infer the emotion of the person in the video.",
}


class PromptForm(BaseModel):
    """How a model is spoken to; saved with it, because it must be asked as it was trained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Layout = "paper"
    """`paper`: video tokens at `<VideoHere>`, feature tokens at `<FeatureHere>`, one BOS; what training does.
    `upstream-eval`: all tokens at `<VideoHere>`, a literal `<FeatureHere>` and two BOS; what upstream's `generate`
    really does. `v2`: Emotion-LLaMA-v2, all tokens between `<Vid>` and `</Vid>`. `short`: the tokens, what was
    measured and the task's name, with neither transcript nor instruction; for small models on slow machines."""
    template: str = "[INST] {} [/INST]"
    """Around the prompt; the chat format of Llama 2."""
    video_tokens: int = Field(default=256, ge=0)
    feature_tokens: int = Field(default=4, ge=0)
    longest: int = Field(default=300, gt=0)
    """Words of the transcript that are shown; of a longer one, the last."""
    targets: Targets = "upstream"
    """How descriptions are trained: `upstream`, in lower case and without full stops, as the original does; `written`,
    as they are, so that what the model writes has sentences."""
    instructions: dict[Task, str] = Field(default_factory=dict)
    """Task → what is asked, instead of the default; `{labels}` stands for the labels."""

    @field_validator("template")
    @classmethod
    def _one_place(cls, template: str) -> str:
        if template.count("{}") != 1 or template.startswith(" "):
            raise ValueError("the template should hold {} once, where the prompt goes, and not begin with a space")
        return template

    @property
    def tokens(self) -> int:
        """The number of fused tokens of a clip."""
        return self.video_tokens + self.feature_tokens


@dataclass(frozen=True)
class Prompt:
    """Token ids, and between them ranges of the clip's fused tokens."""

    pieces: tuple[tuple[int, ...] | range, ...]

    def __len__(self) -> int:
        return sum(len(piece) for piece in self.pieces)


def build(
    tokenizer: PreTrainedTokenizerBase,
    form: PromptForm,
    task: Task,
    transcript: str | None = None,
    labels: Sequence[str] = LABELS,
    measured: str | None = None,
    asked: str | None = None,
) -> Prompt:
    """The prompt up to where the answer follows.

    Args:
        transcript: the transcript; without one the sentence about it is left out.
        labels: named by the task `emotion`.
        measured: what was measured in the clip, in words; shown before the transcript.
        asked: instead of the task's instruction; `{labels}` stands for the labels.

    Raises:
        OptionsError: there is no such task.
    """
    before, after = form.template.split("{}")
    text = f"{_described(tokenizer, measured)}{_sentence(tokenizer, transcript, form.longest)}"
    body = f" {text} [{task}] {instruction(form, task, labels, asked)} {after}"
    parts: list[str | range]
    everything, video = range(form.tokens), range(form.video_tokens)
    if form.layout == "upstream-eval":
        parts = [f"{before}<video>", everything, f"</video> <feature><FeatureHere></feature>{body}"]
    elif form.layout == "short":
        parts = [before, everything, f" {_described(tokenizer, measured)}{task}:{after}"]
    elif form.layout == "v2":
        parts = [f"{before}<Vid>", everything, f"</Vid>{body}"]
    elif not form.feature_tokens:
        parts = [f"{before}<video>", video, f"</video>{body}"]
    else:
        feature = range(form.video_tokens, form.tokens)
        start = [f"{before}<video>", video, "</video> <feature>"] if form.video_tokens else [f"{before}<feature>"]
        parts = [*start, feature, f"</feature>{body}"]
    pieces = [encode(tokenizer, part) if isinstance(part, str) else part for part in parts]
    beginning = () if tokenizer.bos_token_id is None else (int(tokenizer.bos_token_id),)
    return Prompt(((beginning * (2 if form.layout == "upstream-eval" else 1)) + pieces[0], *pieces[1:]))  # type: ignore[operator]


def instruction(form: PromptForm, task: Task, labels: Sequence[str] = LABELS, asked: str | None = None) -> str:
    """The instruction that is asked.

    Raises:
        OptionsError: there is no such task.
    """
    default = {"emotion": "Please determine which emotion label in the video represents: {labels}.", **REASONS}
    asked = asked or form.instructions.get(task) or default.get(task)
    if asked is None:
        raise OptionsError(f'there is no task "{task}"', hint=f"one of {', '.join(default)}")
    return asked.replace("{labels}", ", ".join(labels))


def encode(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[int, ...]:
    """Ids of one piece of text, without special tokens.

    Slow and fast tokenizers agree on it unless it begins with a space, which fast ones take for the mark that
    SentencePiece puts before a piece. No piece of a prompt begins with one.
    """
    return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])


def answer_ids(tokenizer: PreTrainedTokenizerBase, text: str, *, end: bool = True) -> tuple[int, ...]:
    """Ids of an answer as it follows the prompt, for training (with the end of the sequence) and for scoring.

    Tokenizers that put no space mark before a piece by themselves (all but SentencePiece's) get a space, so that an
    answer begins with a whole word.
    """
    first, text = str(tokenizer.convert_ids_to_tokens(list(encode(tokenizer, "a")))[0]), text.strip()
    ids = encode(tokenizer, text if first.startswith("▁") else f" {text}")
    return (*ids, int(tokenizer.eos_token_id)) if end else ids


def target(text: str, form: Targets = "upstream") -> str:
    """A description as an answer to train, at most 200 words.

    Upstream's are in lower case and without `. ! " ( ) * # : ; ~`.
    """
    if form == "upstream":
        text = re.sub(r"[.!\"()*#:;~]", " ", text.lower())
    return " ".join(text.split()[:LONGEST_TARGET])


def harmless(tokenizer: PreTrainedTokenizerBase, text: str) -> str:
    """Words of a stranger as plain text: no special tokens, placeholders or marks of a turn, no line breaks."""
    marks = [*tokenizer.all_special_tokens, "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"]
    pattern = "|".join(map(re.escape, marks))
    text = re.sub(rf"{pattern}|</?(video|feature|vid|videohere|featurehere)>|\[(emotion|reason|reason_v2)\]", " ", text,
                  flags=re.IGNORECASE)  # fmt: skip
    return " ".join(text.split())


def _described(tokenizer: PreTrainedTokenizerBase, measured: str | None) -> str:
    return f"{harmless(tokenizer, measured)} " if measured else ""


def _sentence(tokenizer: PreTrainedTokenizerBase, transcript: str | None, longest: int) -> str:
    words = harmless(tokenizer, transcript or "").split()
    return f"The person in video says: {' '.join(words[-longest:])}. " if words else ""
