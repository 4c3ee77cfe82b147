"""Reading for models with an alphabet of characters or phonemes: VITS, YourTTS, Tacotron 2."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from affekt import WeightsError
from torch import Tensor
from TTS.tts.models.base_tts import BaseTTS  # type: ignore[import-untyped]


def outputs_of(network: BaseTTS, sentence: str, language: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """The network's outputs for a sentence. As its own `synthesize`, which knows speakers by names or files only."""
    ids = _ids(network, sentence, language)
    number = network._get_language_id(language)
    given = {
        "x_lengths": torch.tensor(ids.shape[1:2], device=network.device),
        "speaker_ids": None,
        "d_vectors": None,
        "language_ids": None if number is None else torch.tensor([number], device=network.device),
        **inputs,
    }
    outputs: dict[str, Any] = network.inference(ids, aux_input=given)
    return outputs


def missing_letters(network: BaseTTS, text: str, language: str) -> set[str]:
    """Letters that are not in the alphabet; the network leaves them out without a word."""
    reader = network.tokenizer
    reader.not_found_characters = []
    with _silent("TTS.tts.utils.text.tokenizer"):
        _ids(network, text, language)
    return {sign for sign in reader.not_found_characters if sign.isalpha()}


def _ids(network: BaseTTS, text: str, language: str) -> Tensor:
    try:
        ids = network.tokenizer.text_to_ids(text, language=language)
    except Exception as error:
        # A phonemizer is a program of its own; what it raises is not ours to know.
        raise WeightsError(
            f'the reader of this model fails on "{text[:40]}": {error}', hint="what its phonemizer needs: espeak-ng"
        ) from error
    return torch.as_tensor(ids, dtype=torch.long, device=network.device)[None]


@contextmanager
def _silent(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
