"""What to say in answer to a recording, by models that write freely; those that only choose sentences are not asked."""

import re
from collections.abc import Sequence

import torch
from affekt import DataError
from affekt_recordings import Analysis

from affekt_emotion_llama.language import generation
from affekt_emotion_llama.language.prompt import PromptForm, encode, harmless
from affekt_emotion_llama.model import EmotionLlama

ASKED = (
    "Answer this person aloud, in the language {language}: one or two short, kind sentences in plain words, without "
    "advice. The answer holds nothing but what is said."
)
SENTENCES = 2
"""The sentences of the answer that are kept."""


def written(model: EmotionLlama, felt: Analysis, transcripts: Sequence[str], language: str, most: int) -> str:
    """One or two sentences; none where the model found no words.

    Args:
        transcripts: the words of the recording, as the model may be shown them.
        most: tokens.

    Raises:
        DataError: the model only learnt to explain.
    """
    if model.config.opinions:
        raise DataError("the model only learnt to explain and writes no replies", hint="give the text of the reply")
    ids = [*encode(model.tokenizer, question(model, felt, transcripts, language))]
    if model.tokenizer.bos_token_id is not None:
        ids.insert(0, int(model.tokenizer.bos_token_id))
    embeddings = model.plain.get_input_embeddings()
    prompt = embeddings(torch.tensor(ids, device=next(embeddings.parameters()).device))
    ends = [int(model.tokenizer.eos_token_id)]
    pieces = generation.text(model.tokenizer, generation.tokens(model.plain, prompt, most=most, ends=ends))
    return _whole_sentences(" ".join("".join(pieces).split()))


def question(model: EmotionLlama, felt: Analysis, transcripts: Sequence[str], language: str) -> str:
    """The prompt: what was said, what seems to be felt and why, and what is asked for."""
    form: PromptForm = model.config.prompt
    words = harmless(model.tokenizer, " ".join(transcripts)).split()[-form.longest :]
    context = f"The person in video says: {' '.join(words).rstrip('.')}. " if words else ""
    if not felt.prediction.abstained:
        context += f"The person seems to feel: {felt.label}. {harmless(model.tokenizer, felt.rationale)} "
    before, after = form.template.split("{}")
    return f"{before}{context}{ASKED.replace('{language}', language)} {after}"


def _whole_sentences(text: str) -> str:
    """What was cut in the middle is left out, where there is a whole sentence before it."""
    finished = re.findall(r"[^.!?…]+[.!?…]+[\"”’')]*", text)[:SENTENCES]
    return "".join(finished).strip() or text
