"""Audio language models of transformers that are asked about a sound: their answer goes into the clip's notes.

Needs transformers, which the plugins declare.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
from affekt import Clip, Missing, WeightsError
from pydantic import Field

from affekt_encoding.audio_towers import CLOCK, Network
from affekt_encoding.checkpoints import load_pretrained, pretrained_folder, silent_loading
from affekt_encoding.hearing import Samples
from affekt_encoding.sound import heard
from affekt_encoding.torch_builds import matching_builds

with matching_builds():
    from transformers import AutoProcessor

TONE = (
    "Describe the speaker's tone of voice in one sentence: pitch, loudness, pace, and the feeling they suggest. "
    "Do not repeat what is said."
)
"""What is asked unless told otherwise."""

Question = Annotated[str, Field(min_length=1, description="What the model is asked about the sound")]
MostTokens = Annotated[int, Field(ge=1, description="Length of the answer, at most")]


def load_describer(
    kind: type[Network], model: str | Path, *, revision: str | None, device: str, dtype: str
) -> tuple[Network, Any]:
    """The whole model, and the processor that writes its prompts.

    Raises:
        WeightsError: there is no such model, or the folder lacks the processor's files.
    """
    network = load_pretrained(kind, model, revision=revision, device=device, dtype=dtype)
    folder = pretrained_folder(model, revision)
    try:
        with silent_loading():
            return network, AutoProcessor.from_pretrained(folder)  # type: ignore[no-untyped-call, unused-ignore]
    except (OSError, ValueError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise WeightsError(
            f'"{folder}" has no processor: {" ".join(str(error).split())[:300]}',
            hint="a folder with tokenizer.json, preprocessor_config.json and a chat template",
        ) from error


def answers(
    clips: Sequence[Clip], describer: Callable[[], tuple[Any, Any]], question: str, most_tokens: int, name: str
) -> list[str | Missing]:
    """What the model answers about each clip, asked about one at a time, or why there is no answer.

    Args:
        describer: what `load_describer` gave; called only where something is to be heard.
        name: of the model, for the reason.
    """

    def about(clip: Clip) -> str | Missing:
        sound = heard(clip, CLOCK.sample_rate)
        if isinstance(sound, Missing):
            return sound
        words = answer(*describer(), sound, question, most_tokens)
        return words or Missing(reason=f"{name} answered nothing to: {question}")

    return [about(clip) for clip in clips]


def noted(clips: Sequence[Clip], answers: Sequence[str | Missing], name: str) -> list[Clip]:
    """The clips with the answers among their notes; without an answer a clip stays as it is."""
    return [
        clip if isinstance(words, Missing) else replace(clip, notes=(*clip.notes, f"{name} on the voice: {words}"))
        for clip, words in zip(clips, answers, strict=True)
    ]


@torch.inference_mode()
def answer(network: Any, processor: Any, sound: Samples, question: str, most_tokens: int) -> str:
    """What the model answers about the sound, in one line; the most likely words, so that it repeats itself."""
    content = [{"type": "audio", "audio_url": "the clip"}, {"type": "text", "text": question}]
    prompt = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )
    given = processor(text=[prompt], audio=[sound], sampling_rate=CLOCK.sample_rate, return_tensors="pt")
    given = given.to(network.device)
    given["input_features"] = given["input_features"].to(network.dtype)
    generated = network.generate(**given, max_new_tokens=most_tokens, do_sample=False)
    words = processor.tokenizer.decode(generated[0, given["input_ids"].shape[1] :], skip_special_tokens=True)
    return " ".join(words.split())
