"""Free text, token by token, behind a prompt or behind a beginning that several questions share."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import (
    DynamicCache,
    LogitsProcessorList,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

from affekt_emotion_llama.language.decoding import Decoder
from affekt_emotion_llama.language.scoring import Beginning

ENDED = re.compile(r".+?[.!?](?=\s)", re.DOTALL)
"""A sentence after which something else has begun; times such as "2.5 s" end none."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the next token is chosen. Greedy by default, as upstream evaluates; its demo has 0.2, 0.9 and 1.05."""

    temperature: float = 0.0
    """0 takes the likeliest token."""
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int = 0


@torch.inference_mode()
def tokens(
    model: PreTrainedModel,
    prompt: Tensor,
    *,
    most: int,
    ends: Sequence[int],
    sampling: Sampling | None = None,
    beginning: Beginning | None = None,
) -> Iterator[int]:
    """Ids one by one, until an end or `most` of them.

    Args:
        prompt: embeddings [position, hidden], those after the beginning where there is one, at least one.
        beginning: read by `scoring.read`; left as it was.
    """
    sampling = sampling or Sampling()
    cache = beginning.cache if beginning else DynamicCache(config=model.config)
    decoder = Decoder(model) if Decoder.fits(model) else None
    random = torch.Generator(device=prompt.device).manual_seed(sampling.seed)
    chosen: list[int] = []
    given, added = prompt[None], 0
    try:
        while len(chosen) < most:
            if decoder and chosen:
                logits = decoder.next_logits(given[0, 0], cache)
            else:
                output = model(inputs_embeds=given, past_key_values=cache, use_cache=True, logits_to_keep=1)
                logits = output.logits[0, -1]
            added += given.shape[1]
            token = _choose(logits, chosen, sampling, random)
            if token in ends:
                return
            chosen.append(token)
            yield token
            given = model.get_input_embeddings()(torch.tensor([[token]], device=prompt.device))
    finally:
        if beginning and added:
            cache.crop(-added)


def _choose(logits: Tensor, chosen: Sequence[int], sampling: Sampling, random: torch.Generator) -> int:
    steps = LogitsProcessorList()
    if sampling.repetition_penalty != 1.0:
        steps.append(RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty))
    if sampling.temperature and sampling.temperature != 1.0:
        steps.append(TemperatureLogitsWarper(sampling.temperature))
    if sampling.temperature and sampling.top_p < 1.0:
        steps.append(TopPLogitsWarper(sampling.top_p))
    before = torch.tensor([list(chosen)], dtype=torch.long, device=logits.device)
    scores: Tensor = steps(before, logits.float()[None])[0]  # type: ignore[arg-type]
    if not sampling.temperature:
        return int(scores.argmax())
    return int(torch.multinomial(scores.softmax(dim=-1), 1, generator=random))


def text(tokenizer: PreTrainedTokenizerBase, ids: Iterator[int]) -> Iterator[str]:
    """Pieces of text as they become final; a character that is cut in the middle waits for its rest."""
    read: list[int] = []
    written = ""
    for token in ids:
        read.append(token)
        decoded = str(tokenizer.decode(read, skip_special_tokens=True))
        if not decoded.endswith("�") and len(decoded) > len(written):
            yield decoded[len(written) :]
            written = decoded
    decoded = str(tokenizer.decode(read, skip_special_tokens=True))
    if len(decoded) > len(written):
        yield decoded[len(written) :]


def until_repeated(pieces: Iterator[str]) -> Iterator[str]:
    """Pieces up to where a sentence is written for the second time: a small model would go on with it for ever."""
    written, finished = "", 0
    for piece in pieces:
        written += piece
        yield piece
        lines = [line.strip().lower() for line in ENDED.findall(written)]
        if len(lines) > finished:
            finished = len(lines)
            if lines[-1] in lines[:-1]:
                return
