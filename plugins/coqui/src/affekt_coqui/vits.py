"""VITS (Kim et al., 2021, arXiv:2106.06103) and YourTTS (Casanova et al., 2022, arXiv:2112.02418).

YourTTS is a VITS whose speaker is a d-vector, so that it also speaks in voices that it has only heard.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from affekt import AudioSignal, WeightsError
from TTS.tts.models.vits import Vits  # type: ignore[import-untyped]

from affekt_coqui.characters import missing_letters, outputs_of
from affekt_coqui.controls import Controls
from affekt_coqui.engine import Arrays, Family, Sound
from affekt_coqui.sound import as_tensor, at_rate

LONGEST = 400
"""Characters of a sentence: longer ones take much memory at once."""


class VitsEngine:
    """A loaded VITS of one speaker, or of several by their numbers."""

    def __init__(self, network: Vits) -> None:
        self.network = network
        self.sample_rate = int(network.config.audio.sample_rate)
        self.languages = tuple(network.language_manager.language_names)
        self.voices = tuple(network.speaker_manager.speaker_names) if network.speaker_manager else ()
        self.family = Family(
            name="vits", controls=("speed", "variation"), sources=("voice",) if len(self.voices) > 1 else ()
        )

    def own(self, name: str) -> Arrays:
        """The arrays of a speaker, by number."""
        return {"number": np.array(self.network.speaker_manager.name_to_id[name])} if name else {}

    def learnt(self, sounds: Sequence[AudioSignal]) -> Arrays:
        """Never asked for: `family` has no clips."""
        raise NotImplementedError

    def mixed(self, voice: Arrays, style: Arrays, intensity: float) -> Arrays:
        """The other speaker: there is nothing between two numbers."""
        return style

    def unsayable(self, text: str, language: str) -> set[str]:
        """Letters that are not in the model's alphabet."""
        return missing_letters(self.network, text, language)

    def fits(self, sentence: str, language: str) -> bool:
        """Whether the sentence is short enough."""
        return len(sentence) <= LONGEST

    def say(self, sentence: str, language: str, voice: Arrays, how: Controls, stream: bool) -> Iterator[Sound]:
        """The whole sentence at once: the network knows no parts."""
        network, inputs = self.network, self._known(voice)
        before = network.length_scale, network.inference_noise_scale
        network.length_scale = before[0] / how.speed
        network.inference_noise_scale = before[1] * how.variation
        try:
            yield outputs_of(network, sentence, language, inputs)["model_outputs"][0, 0].cpu().numpy()
        finally:
            network.length_scale, network.inference_noise_scale = before

    def _known(self, voice: Arrays) -> dict[str, Any]:
        names = {"number": "speaker_ids", "speaker": "d_vectors"}
        return {names[key]: torch.from_numpy(value)[None].to(self.network.device) for key, value in voice.items()}


class YourTtsEngine:
    """A loaded YourTTS."""

    family = Family(name="yourtts", clones=True, controls=("speed", "variation"), sources=("voice", "clip"))

    def __init__(self, network: Vits) -> None:
        self._vits = VitsEngine(network)
        self.network = network
        self.sample_rate, self.languages = self._vits.sample_rate, self._vits.languages
        self.voices = tuple(network.speaker_manager.embedding_names)
        self.unsayable, self.fits = self._vits.unsayable, self._vits.fits

    def own(self, name: str) -> Arrays:
        """The mean of a speaker's d-vectors."""
        return {"speaker": _unit(np.asarray(self.network.speaker_manager.get_mean_embedding(name)))}

    def learnt(self, sounds: Sequence[AudioSignal]) -> Arrays:
        """The vector that `SpeakerManager.compute_embedding_from_clip` computes, without a file.

        Raises:
            WeightsError: the folder holds no speaker encoder.
        """
        manager = self.network.speaker_manager
        if manager.encoder is None:
            raise WeightsError(
                "this YourTTS has no speaker encoder, and cannot hear a voice", hint="model_se.pth and config_se.json"
            )
        rate, device = manager.encoder_ap.sample_rate, str(self.network.device)
        raw = manager.encoder_config.model_params.get("use_torch_spec", False)
        with torch.inference_mode():
            heard = [
                as_tensor(sound, rate, device)
                if raw
                else torch.from_numpy(manager.encoder_ap.melspectrogram(at_rate(sound, rate)))[None].to(device)
                for sound in sounds
            ]
            vectors = [manager.encoder.compute_embedding(sound_input)[0].cpu().numpy() for sound_input in heard]
        return {"speaker": _unit(np.mean(vectors, axis=0))}

    def mixed(self, voice: Arrays, style: Arrays, intensity: float) -> Arrays:
        """A d-vector between both."""
        return {"speaker": _unit(voice["speaker"] + intensity * (style["speaker"] - voice["speaker"]))}

    def say(self, sentence: str, language: str, voice: Arrays, how: Controls, stream: bool) -> Iterator[Sound]:
        """The whole sentence at once: the network knows no parts."""
        return self._vits.say(sentence, language, voice, how, stream)


def _unit(vector: np.ndarray) -> np.ndarray:
    unit: np.ndarray = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit
