"""Another speaker's speech, with its emotion, in a voice that was only heard.

FreeVC (Li et al., 2023, arXiv:2210.15418), OpenVoice (Qin et al., 2023, arXiv:2312.01479) and YourTTS's own flow.
Everything is handed over as tensors: a lent voice lies on no disk in the clear.
"""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
import torch
from affekt import AudioSignal
from TTS.utils.audio.torch_transforms import wav_to_spec  # type: ignore[import-untyped]

from affekt_coqui.engine import Arrays, Sound
from affekt_coqui.sound import as_tensor
from affekt_coqui.vits import YourTtsEngine


class Converter(Protocol):
    """A loaded model that gives speech another voice."""

    name: str
    sample_rate: int

    def learnt(self, sounds: Sequence[AudioSignal]) -> Arrays:
        """A voice from recordings."""
        ...

    def converted(self, speech: AudioSignal, voice: Arrays) -> Sound:
        """The speech in the voice."""
        ...


class ToneConverter:
    """A loaded FreeVC or OpenVoice."""

    def __init__(self, name: Literal["freevc", "openvoice"], network: Any) -> None:
        self.name: str = name
        self._network = network
        self._heard_at = int(network.config.audio.input_sample_rate)
        self.sample_rate = int(network.config.audio.output_sample_rate)

    def learnt(self, sounds: Sequence[AudioSignal]) -> Arrays:
        """The mean of its speaker encoder's vectors."""
        with torch.inference_mode():
            return {"speaker": self._network._extract_target_se([self._heard(sound) for sound in sounds]).cpu().numpy()}

    def converted(self, speech: AudioSignal, voice: Arrays) -> Sound:
        """FreeVC's at 24 kHz, OpenVoice's at 22.05 kHz unless its configuration says otherwise."""
        network, target = self._network, _tensor(voice, str(self._network.device))
        with torch.inference_mode():
            if self.name == "freevc":
                sound = network.inference(network.extract_wavlm_features(self._heard(speech)), g=target)
            else:
                own, spectrum = network.extract_se(self._heard(speech))
                sound = network.inference(spectrum, {"g_src": own, "g_tgt": target})["model_outputs"]
            samples: Sound = sound[0, 0].cpu().numpy()
            return samples

    def _heard(self, sound: AudioSignal) -> torch.Tensor:
        return as_tensor(sound, self._heard_at, str(self._network.device))


class YourTtsConverter:
    """The flow of a loaded YourTTS, from one d-vector to another."""

    name = "yourtts"

    def __init__(self, engine: YourTtsEngine) -> None:
        self._engine = engine
        self.sample_rate = engine.sample_rate
        self.learnt = engine.learnt

    def converted(self, speech: AudioSignal, voice: Arrays) -> Sound:
        """The speech in the voice, at the model's own rate."""
        network, audio = self._engine.network, self._engine.network.config.audio
        device = str(network.device)
        rate = network.args.encoder_sample_rate or self.sample_rate
        own = _tensor(self.learnt([speech]), device)[None]
        with torch.inference_mode():
            spectrum = wav_to_spec(
                as_tensor(speech, rate, device), audio.fft_size, audio.hop_length, audio.win_length, center=False
            )
            lengths = torch.tensor([spectrum.shape[-1]], device=device)
            sound, _, _ = network.inference_voice_conversion(spectrum, lengths, own, _tensor(voice, device)[None])
        samples: Sound = sound.squeeze().cpu().numpy()
        return samples


def _tensor(voice: Arrays, device: str) -> torch.Tensor:
    return torch.from_numpy(np.array(voice["speaker"])).to(device)
