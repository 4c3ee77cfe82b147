"""The engine `openai-whisper`: the package that Whisper's authors published, for exact comparisons."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
import whisper  # type: ignore[import-untyped]
from affekt import WeightsError, Word
from affekt_encoding.devices import device_of
from affekt_weights import UnsafeWeights
from jaxtyping import Float32
from safetensors.torch import load_file
from transformers import GenerationConfig, WhisperConfig

from affekt_whisper.openai_names import as_openai, dimensions
from affekt_whisper.spoken import Doubt, Heard, Spoken, Task, stretches


class OpenAIWhisper:
    """A model in memory, from a `.pt` file or from a folder of transformers."""

    def __init__(self, path: Path, *, device: str, doubt: Doubt) -> None:
        self._doubt = doubt
        where = device_of(device)
        self._model = _from_file(path) if path.is_file() else _from_folder(path)
        self._model.to(where).eval()

    def listen(
        self, samples: Float32[np.ndarray, "time"], *, language: str | None, task: Task, beam_size: int, least: float
    ) -> Heard:
        """Transcribes a sound, one stretch of speech after the other."""
        parts = list(stretches(samples))
        seconds = sum(len(part.samples) for part in parts) / whisper.audio.SAMPLE_RATE
        spoken: list[Spoken] = []
        for part in parts if seconds >= least else ():
            transcription = whisper.transcribe(
                self._model,
                part.samples,
                language=language,
                task=task,
                beam_size=beam_size if beam_size > 1 else None,
                temperature=0.0,
                word_timestamps=True,
                condition_on_previous_text=False,
                fp16=self._model.device.type == "cuda",
                no_speech_threshold=self._doubt.no_speech,
                logprob_threshold=self._doubt.logprob,
            )
            language = language or transcription["language"]
            for segment in transcription["segments"]:
                words = tuple(part.placed(_word(word)) for word in segment["words"])
                spoken.append(
                    Spoken(
                        text=segment["text"],
                        words=words,
                        logprob=segment["avg_logprob"],
                        no_speech=segment["no_speech_prob"],
                    )
                )
        return Heard(spoken=tuple(spoken), language=language, seconds=seconds)


def _word(word: dict[str, Any]) -> Word:
    return Word(
        start=float(word["start"]),
        end=float(max(word["start"], word["end"])),
        text=word["word"].strip(),
        probability=float(word["probability"]),
    )


def _from_file(path: Path) -> Any:
    try:
        # The library asks torch for tensors only; said here first, since an environment variable could undo it there.
        torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        return whisper.load_model(str(path), device="cpu")
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, TypeError, ValueError) as error:
        raise UnsafeWeights(
            f'"{path}" is no checkpoint of openai-whisper, or holds more than tensors: '
            f"{' '.join(str(error).split())[:200]}",
            hint='a file with "dims" and "model_state_dict", such as base.pt',
        ) from error


def _from_folder(folder: Path) -> Any:
    try:
        config = WhisperConfig.from_pretrained(folder)
        state = load_file(folder / "model.safetensors")
        model = whisper.model.Whisper(whisper.model.ModelDimensions(**dimensions(config)))
        model.load_state_dict({name: weight.float() for name, weight in as_openai(state).items()})
        settings: Any = GenerationConfig.from_pretrained(folder)
        heads = settings.alignment_heads
    except (OSError, RuntimeError, AttributeError) as error:
        raise WeightsError(
            f'"{folder}" does not load into openai-whisper: {" ".join(str(error).split())[:200]}',
            hint="model: whisper-base; a whole Whisper in one model.safetensors; or a .pt file",
        ) from error
    mask = torch.zeros(config.decoder_layers, config.decoder_attention_heads, dtype=torch.bool)
    for layer, head in heads:
        mask[layer, head] = True
    model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    return model
