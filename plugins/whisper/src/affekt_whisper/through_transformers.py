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
from affekt_whisper.spoken import Heard, Spoken, Stretch, stretches


class Transformers:
    """A folder of transformers in memory."""

    def __init__(self, folder: Path, *, device: str) -> None:
        self._model: Any = load_pretrained(WhisperForConditionalGeneration, folder, device=device)
        self._model.set_attn_implementation("eager")  # the others do not tell what was attended to
        try:
            self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises nothing more specific
            raise WeightsError(f'"{folder}" has no tokenizer.json: {error}', hint="model: whisper-base") from error
        self._mel = WhisperFeatureExtractor(feature_size=self._model.config.num_mel_bins)

    def listen(
        self, samples: Float32[np.ndarray, "time"], *, language: str | None, beam_size: int, least: float
    ) -> Heard:
        parts = list(stretches(samples))
        seconds = sum(len(part.samples) for part in parts) / SAMPLE_RATE
        spoken = []
        for part in parts if seconds >= least else ():
            given = self._mel(part.samples, sampling_rate=SAMPLE_RATE, return_tensors="pt", return_attention_mask=True)
            features = given.input_features.to(self._model.device)
            language = language or self._language(features)
            spoken.append(self._spoken(part, features, given.attention_mask, language, beam_size))
        return Heard(spoken=tuple(spoken), language=language, seconds=seconds)

    def _language(self, features: Tensor) -> str:
        (index,) = self._model.detect_language(features).tolist()
        return str(self._tokens.id_to_token(index)).strip("<|>")

    @torch.inference_mode()
    def _spoken(self, part: Stretch, features: Tensor, mask: Tensor, language: str, beam_size: int) -> Spoken:
        settings = self._model.generation_config
        with silent_loading():
            found = self._model.generate(
                features,
                attention_mask=mask.to(features.device),
                language=language if settings.is_multilingual else None,
                task="transcribe" if settings.is_multilingual else None,
                num_beams=beam_size,
                return_timestamps=True,
            )
        end = settings.eos_token_id
        text = [token for token in found[0].tolist() if token < end]
        start = [self._model.config.decoder_start_token_id]
        if settings.is_multilingual:
            start += [settings.lang_to_id[f"<|{language}|>"], settings.task_to_id["transcribe"]]
        prompt = [*start, settings.no_timestamps_token_id]
        # One more pass over the finished text says how likely each token was, and where in the sound it was heard.
        output = self._model(
            input_features=features,
            decoder_input_ids=torch.tensor([[*prompt, *text]], device=features.device),
            output_attentions=True,
        )
        chances = output.logits[0].float().log_softmax(dim=-1)
        places = torch.arange(len(prompt) - 1, len(prompt) + len(text))
        logs = chances[places, torch.tensor([*text, end])].cpu()
        rows = min(-(-len(part.samples) // ROW), output.cross_attentions[0].shape[-1])
        attended = torch.stack([output.cross_attentions[layer][0, head] for layer, head in settings.alignment_heads])
        times = align(attended[:, len(prompt) - 1 :, :rows].float().cpu().numpy()) * ROW / SAMPLE_RATE
        words = words_of(text, times, logs.exp().numpy(), self._tokens.decode, language)
        silence = self._tokens.token_to_id("<|nospeech|>") or self._tokens.token_to_id("<|nocaptions|>")
        return Spoken(
            text=self._tokens.decode(text),
            words=tuple(part.placed(word) for word in words),
            logprob=float(logs.mean()),
            no_speech=float(chances[0, silence].exp()) if silence else 0.0,
        )
