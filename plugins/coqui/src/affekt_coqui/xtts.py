"""XTTS (Casanova et al., 2024): a GPT over codes of sound, conditioned on what it heard of a voice, and HiFi-GAN.

"XTTS: a massively multilingual zero-shot text-to-speech model", Interspeech 2024, arXiv:2406.04904. A voice is two
things: latents, which carry manner and timbre, and an embedding of the speaker. Styles change the latents only.
"""

import logging
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from affekt import AudioSignal, DataError, MissingDependency
from TTS.tts.models.xtts import Xtts  # type: ignore[import-untyped]

from affekt_coqui.controls import Controls
from affekt_coqui.engine import Arrays, Family, Sound, require_end
from affekt_coqui.folder import Folder
from affekt_coqui.sound import as_tensor

HEARD_AT = 22_050
XTTS = Family(name="xtts", clones=True, controls=("speed", "variation"), sources=("voice", "clip"))


class XttsEngine:
    """A loaded XTTS."""

    family = XTTS

    def __init__(self, network: Xtts, folder: Folder) -> None:
        self._network, self._folder = network, folder
        self.sample_rate = int(network.config.audio.output_sample_rate)
        self.languages = tuple(network.config.languages)
        self.voices = tuple(network.speaker_manager.speakers) if network.speaker_manager else ()
        self.temperature = float(network.config.temperature)

    def own(self, name: str) -> Arrays:
        """The arrays of a speaker of speakers_xtts.pth."""
        latents, speaker = self._network.speaker_manager.speakers[name].values()
        return {"latents": latents.float().cpu().numpy(), "speaker": speaker.float().cpu().numpy()}

    def learnt(self, sounds: Sequence[AudioSignal]) -> Arrays:
        """The latents of `Xtts.get_conditioning_latents`, without a file: a lent voice lies on no disk in the clear."""
        config, device = self._network.config, str(self._network.device)
        heard = [as_tensor(sound, HEARD_AT, device)[:, : HEARD_AT * config.max_ref_len] for sound in sounds]
        if config.sound_norm_refs:
            heard = [sound / sound.abs().max() * 0.75 for sound in heard]
        with torch.inference_mode():
            speakers = [self._network.get_speaker_embedding(sound, HEARD_AT) for sound in heard]
            latents = self._network.get_gpt_cond_latents(
                torch.cat(heard, dim=-1),
                HEARD_AT,
                length=config.gpt_cond_len,
                chunk_length=config.gpt_cond_chunk_len,
            )
            speaker = torch.stack(speakers).mean(dim=0)
        return {"latents": latents.cpu().numpy(), "speaker": speaker.cpu().numpy()}

    def mixed(self, voice: Arrays, style: Arrays, intensity: float) -> Arrays:
        """Latents on the line between both; the speaker stays."""
        if voice["latents"].shape != style["latents"].shape:
            raise DataError("latents of this XTTS have no fixed length and cannot be mixed", hint="XTTS-v2")
        latents = voice["latents"] + intensity * (style["latents"] - voice["latents"])
        return {"latents": latents.astype(np.float32), "speaker": voice["speaker"]}

    def unsayable(self, text: str, language: str) -> set[str]:
        """Letters that its vocabulary lacks."""
        reader = self._network.tokenizer
        cleaned = self._cleaned(text.lower(), language)
        encoded = reader.tokenizer.encode(cleaned)
        unknown = (
            cleaned[a:b] for token, (a, b) in zip(encoded.tokens, encoded.offsets, strict=True) if token == "[UNK]"
        )
        return {sign for part in unknown for sign in part if sign.isalpha()}

    def fits(self, sentence: str, language: str) -> bool:
        """Whether it is short enough, in the characters that the model was trained on and in its tokens."""
        short = language.split("-")[0]
        if len(sentence) > self._network.tokenizer.char_limits.get(short, 250):
            return False
        return bool(len(self._tokens(sentence, short)) < self._network.args.gpt_max_text_tokens)

    def say(self, sentence: str, language: str, voice: Arrays, how: Controls, stream: bool) -> Iterator[Sound]:
        """24 kHz; streamed in parts of about a second."""
        device = self._network.device
        given = {
            "text": sentence,
            "language": language,
            "gpt_cond_latent": torch.from_numpy(np.array(voice["latents"])).to(device),
            "speaker_embedding": torch.from_numpy(np.array(voice["speaker"])).to(device),
            "temperature": self.temperature * how.variation,
            "speed": how.speed,
            **{key: self._network.config[key] for key in ("length_penalty", "repetition_penalty", "top_k", "top_p")},
        }
        spoken = 0
        if stream:
            for part in self._network.inference_stream(**given):
                spoken += len(part)
                yield part.detach().cpu().numpy()
        else:
            sound = self._network.inference(**given)["wav"]
            spoken = len(sound)
            yield sound
        most = (self._network.gpt.max_gen_mel_tokens - 0.5) * self._samples_a_code / how.speed
        require_end(spoken < most, sentence)

    @property
    def _samples_a_code(self) -> float:
        arguments = self._network.args
        return float(arguments.gpt_code_stride_len * arguments.output_sample_rate / arguments.input_sample_rate)

    def _tokens(self, text: str, language: str) -> list[int]:
        logger = logging.getLogger("TTS.tts.layers.xtts.tokenizer")
        before, logger.disabled = logger.disabled, True  # it warns of lengths, which `fits` is asked about
        try:
            tokens: list[int] = self._network.tokenizer.encode(text.strip().lower(), lang=language)
            return tokens
        except ImportError as error:
            raise _reader_missing(language, error) from error
        finally:
            logger.disabled = before

    def _cleaned(self, text: str, language: str) -> str:
        try:
            return str(self._network.tokenizer.preprocess_text(text, language.split("-")[0]).replace(" ", ""))
        except ImportError as error:
            raise _reader_missing(language, error) from error


def _reader_missing(language: str, error: ImportError) -> MissingDependency:
    return MissingDependency(
        f'reading "{language}" needs more of coqui-tts: {error}', hint='pip install "coqui-tts[languages]"'
    )
