"""Tacotron 2 (Shen et al., 2018, arXiv:1712.05884) with global style tokens (Wang et al., 2018, arXiv:1803.09017).

A style is a recording whose manner the reference encoder takes over, or weights of the tokens. The network makes a
spectrogram; a vocoder, or Griffin and Lim's algorithm where there is none, makes sound of it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from affekt import AudioSignal, WeightsError
from TTS.tts.utils.synthesis import inv_spectrogram  # type: ignore[import-untyped]
from TTS.utils.synthesizer import Synthesizer  # type: ignore[import-untyped]

from affekt_coqui.characters import missing_letters, outputs_of
from affekt_coqui.controls import Controls
from affekt_coqui.engine import Arrays, Family, Sound, require_end
from affekt_coqui.sound import at_rate

LONGEST = 200
"""Characters of a sentence: its attention loses the thread in longer ones."""


class TacotronEngine:
    """A loaded Tacotron 2, of one speaker."""

    def __init__(self, loaded: Synthesizer) -> None:
        self._loaded, self._network = loaded, loaded.tts_model
        if self._network.num_speakers > 1:
            raise WeightsError("a Tacotron 2 of several speakers is not supported", hint="one of one speaker, or VITS")
        self.sample_rate = int(loaded.output_sample_rate)
        self.languages = tuple(self._network.language_manager.language_names)
        self.voices: tuple[str, ...] = ()
        styled = bool(self._network.gst and self._network.use_gst)
        self.tokens = self._network.gst.gst_num_style_tokens if styled else 0
        self.family = Family(name="tacotron2", sources=("clip", "tokens") if styled else ())

    def own(self, name: str) -> Arrays:
        """The arrays of its only voice."""
        return {}

    def learnt(self, sounds: Sequence[AudioSignal]) -> Arrays:
        """The spectrogram of a recording, whose manner is to be taken over."""
        read = self._network.ap
        return {"mel": read.melspectrogram(np.concatenate([at_rate(sound, read.sample_rate) for sound in sounds])).T}

    def mixed(self, voice: Arrays, style: Arrays, intensity: float) -> Arrays:
        """Weights of tokens grow with intensity; a recording has no degrees."""
        return style if "mel" in style else {"tokens": style["tokens"] * intensity}

    def unsayable(self, text: str, language: str) -> set[str]:
        """Letters that are not in the model's alphabet."""
        return missing_letters(self._network, text, language)

    def fits(self, sentence: str, language: str) -> bool:
        """Whether the sentence is short enough."""
        return len(sentence) <= LONGEST

    def say(self, sentence: str, language: str, voice: Arrays, how: Controls, stream: bool) -> Iterator[Sound]:
        """The whole sentence at once: the vocoder wants the whole spectrogram."""
        outputs = outputs_of(self._network, sentence, language, {"style_mel": self._style(voice), "style_text": None})
        require_end(outputs["alignments"].shape[1] < self._network.decoder.max_decoder_steps, sentence)
        spectrogram = outputs["model_outputs"][0]
        if self._loaded.vocoder_model is None:
            yield inv_spectrogram(spectrogram.detach().cpu().numpy(), self._network.ap, self._network.config)
        else:
            yield self._loaded._run_vocoder(spectrogram, self._network.device).detach().cpu().numpy().squeeze()

    def _style(self, voice: Arrays) -> Any:
        if "tokens" in voice:
            return {str(number): float(weight) for number, weight in enumerate(voice["tokens"]) if weight}
        if "mel" in voice:
            return torch.from_numpy(voice["mel"])[None].float().to(self._network.device)
        return None
