"""The engine `transformers`: runs wherever torch does, and reads every fine-tuned Whisper of the hub."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from affekt import WeightsError
from affekt_encoding.checkpoints import load_pretrained, silent_loading
from jaxtyping import Float32
from tokenizers import Tokenizer
from torch import Tensor
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration

from affekt_whisper.alignment import align, words_of
from affekt_whisper.clock import ROW, SAMPLE_RATE
from affekt_whisper.spoken import TRANSLATED, Heard, Spoken, Stretch, Task, stretches


class Transformers:
    """A folder of transformers in memory."""

    def __init__(self, folder: Path, *, device: str) -> None:
        self._model: Any = load_pretrained(WhisperForConditionalGeneration, folder, device=device)
        self._model.set_attn_implementation("eager")  # the others do not tell what was attended to
        try:
            self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises nothing more specific
            raise WeightsError(f'"{folder}" has no tokenizer.json: {error}', hint="model: whisper-base") from error
        self._mel = WhisperFeatureExtractor(feature_size=self._model.config.num_mel_bins)  # type: ignore[no-untyped-call]

    def listen(
        self, samples: Float32[np.ndarray, "time"], *, language: str | None, task: Task, beam_size: int, least: float
    ) -> Heard:
        """Transcribes a sound, one stretch of speech after the other."""
        parts = list(stretches(samples))
        seconds = sum(len(part.samples) for part in parts) / SAMPLE_RATE
        spoken: list[Spoken] = []
        for part in parts if seconds >= least else ():
            features = self._features(part.samples).to(self._model.device)
            language = language or self._language(features)
            spoken += self._spoken(part, features, language, task, beam_size)
        return Heard(spoken=tuple(spoken), language=language, seconds=seconds)

    def _features(self, samples: Float32[np.ndarray, "time"]) -> Tensor:
        """As long as the sound: what follows is zero for Whisper's authors, not the spectrum of silence."""
        longer = np.pad(samples, (0, self._mel.n_fft))
        spectrogram = self._mel(
            longer, sampling_rate=SAMPLE_RATE, padding="do_not_pad", return_tensors="pt"
        ).input_features
        window: Tensor = spectrogram[..., : len(samples) // self._mel.hop_length]
        return window

    def _language(self, features: Tensor) -> str:
        (index,) = self._model.detect_language(self._window(features)).tolist()
        return str(self._tokens.id_to_token(index)).strip("<|>")

    def _window(self, features: Tensor) -> Tensor:
        return torch.nn.functional.pad(features, (0, self._mel.nb_max_frames - features.shape[-1]))

    def _segments(self, features: Tensor, language: str, task: Task, beam_size: int) -> list[list[int]]:
        """The tokens of the text of every segment, searched for as Whisper's authors do."""
        settings = self._model.generation_config
        with silent_loading():
            generated = self._model.generate(
                features,
                language=language if settings.is_multilingual else None,
                task=task if settings.is_multilingual else None,
                num_beams=beam_size,
                early_stopping=True if beam_size > 1 else None,
                renormalize_logits=True,
                return_timestamps=True,
                return_segments=True,
            )
        kept = [segment["tokens"].tolist() for segment in generated["segments"][0] if segment["end"] > segment["start"]]
        return [[token for token in tokens if token < settings.eos_token_id] for tokens in kept]

    @torch.inference_mode()
    def _spoken(self, part: Stretch, features: Tensor, language: str, task: Task, beam_size: int) -> list[Spoken]:
        segments = self._segments(features, language, task, beam_size)
        settings = self._model.generation_config
        text, end = [token for tokens in segments for token in tokens], settings.eos_token_id
        start = [self._model.config.decoder_start_token_id]
        if settings.is_multilingual:
            start += [settings.lang_to_id[f"<|{language}|>"], settings.task_to_id[task]]
        prompt = [*start, settings.no_timestamps_token_id]
        # One more pass over the finished text says how likely each token was, and where in the sound it was heard.
        output = self._model(
            input_features=self._window(features),
            decoder_input_ids=torch.tensor([[*prompt, *text]], device=features.device),
            output_attentions=True,
        )
        chances = output.logits[0].float().log_softmax(dim=-1)
        positions = torch.arange(len(prompt) - 1, len(prompt) + len(text))
        logs = chances[positions, torch.tensor([*text, end])].cpu()
        rows = min(-(-len(part.samples) // ROW), output.cross_attentions[0].shape[-1])
        attended = torch.stack([output.cross_attentions[layer][0, head] for layer, head in settings.alignment_heads])
        times = align(attended[:, len(prompt) - 1 :, :rows].float().cpu().numpy()) * ROW / SAMPLE_RATE
        silence = self._tokens.token_to_id("<|nospeech|>") or self._tokens.token_to_id("<|nocaptions|>")
        no_speech = float(chances[0, silence].exp()) if silence else 0.0
        written = language if task == "transcribe" else TRANSLATED
        spoken, first = [], 0
        for tokens in segments:
            last = first + len(tokens)
            words = words_of(
                tokens, times[first : last + 1], logs[first:last].exp().numpy(), self._tokens.decode, written
            )
            spoken.append(
                Spoken(
                    text=self._tokens.decode(tokens),
                    words=tuple(part.placed(word) for word in words),
                    logprob=float(logs.mean()),
                    no_speech=no_speech,
                )
            )
            first = last
        return spoken
