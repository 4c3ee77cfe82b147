"""From a folder to an engine, through Coqui's own loaders. Only files of the folder are opened, and nothing is fetched.

A configuration may name files anywhere, also on the network; here each is looked for in the folder, by its last part.
"""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from affekt import AffektError, WeightsError
from affekt_encoding.devices import device_of
from coqpit import Coqpit
from TTS.config import load_config  # type: ignore[import-untyped]
from TTS.utils.synthesizer import Synthesizer  # type: ignore[import-untyped]

from affekt_coqui.conversion import Converter, ToneConverter, YourTtsConverter
from affekt_coqui.engine import Engine
from affekt_coqui.folder import Folder, missing_wavlm
from affekt_coqui.names import WAVLM, home
from affekt_coqui.tacotron import TacotronEngine
from affekt_coqui.vits import VitsEngine, YourTtsEngine
from affekt_coqui.xtts import XttsEngine

_FILES = {
    "d_vector_file": ("speakers.json", "speakers.pth"),
    "speakers_file": ("speaker_ids.json", "speaker_ids.pth", "speakers.pth"),
    "language_ids_file": ("language_ids.json",),
    "speaker_encoder_model_path": ("model_se.pth", "model_se.pth.tar"),
    "speaker_encoder_config_path": ("config_se.json",),
    "tokenizer_file": ("vocab.json",),
    "stats_path": ("scale_stats.npy",),
}
"""Option of a configuration → how the file is called where the name in it is not there."""


def engine(folder: Folder, vocoder: Folder | None, device: str) -> Engine:
    """A model that reads texts.

    Raises:
        OptionsError: this machine has no such device.
        WeightsError: what is in the folder does not fit together.
    """
    where = device_of(device)
    with _explained(folder), tempfile.TemporaryDirectory() as scratch:
        loaded = Synthesizer(
            tts_checkpoint=folder.path if folder.family == "xtts" else folder.checkpoint,
            tts_config_path=_local_config(folder, Path(scratch) / "config.json"),
            vocoder_checkpoint=str(vocoder.checkpoint) if vocoder else None,
            vocoder_config=str(_local_config(vocoder, Path(scratch) / "vocoder.json")) if vocoder else None,
        )
        loaded.to(where)
        match folder.family:
            case "xtts":
                return XttsEngine(loaded.tts_model, folder)
            case "yourtts":
                return YourTtsEngine(loaded.tts_model)
            case "vits":
                return VitsEngine(loaded.tts_model)
        return TacotronEngine(loaded)


def converter(folder: Folder, device: str) -> Converter:
    """A model that gives speech another voice.

    Raises:
        OptionsError: this machine has no such device.
        WeightsError: what is in the folder does not fit together.
    """
    if folder.family == "yourtts":
        read = engine(folder, None, device)
        assert isinstance(read, YourTtsEngine)
        return YourTtsConverter(read)
    device_of(device)
    with _explained(folder):
        if folder.family == "openvoice":
            from TTS.vc.configs.openvoice_config import OpenVoiceConfig  # type: ignore[import-untyped]
            from TTS.vc.models.openvoice import OpenVoice  # type: ignore[import-untyped]

            config = OpenVoiceConfig()
            return ToneConverter("openvoice", _ready(OpenVoice(config), config, folder, device))
        from TTS.vc.models.freevc import FreeVC  # type: ignore[import-untyped]

        with _wavlm(folder):
            config = load_config(folder.config)
            return ToneConverter("freevc", _ready(FreeVC(config), config, folder, device))


def _ready(network: Any, config: Coqpit, folder: Folder, device: str) -> Any:
    network.load_checkpoint(config, folder.checkpoint, eval=True)
    return network.to(device).eval()


@contextmanager
def _explained(folder: Folder) -> Iterator[None]:
    """Coqui raises whatever its parts meet, and warns of what is meant."""
    quiet = [logging.getLogger(name) for name in ("TTS", "transformers")]
    levels = [logger.level for logger in quiet]
    for logger in quiet:
        logger.setLevel(logging.ERROR)
    try:
        yield
    except AffektError:
        raise
    except Exception as error:
        first = (str(error).strip() or repr(error)).splitlines()[0]
        raise WeightsError(
            f'"{folder.path}" cannot be loaded as {folder.family}: {type(error).__name__}: {first[:200]}',
            hint="the whole folder of a model that coqui-tts loads",
        ) from error
    finally:
        for logger, level in zip(quiet, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _wavlm(folder: Folder) -> Iterator[None]:
    """FreeVC's constructor looks for WavLM in Coqui's own folder, and fetches 1.2 GB where it is not there."""
    own = folder.path / WAVLM
    if not own.is_file():
        if not (home() / "wavlm" / WAVLM).is_file():
            raise missing_wavlm(folder)
        yield
        return
    before = os.environ.get("TTS_HOME")
    with tempfile.TemporaryDirectory() as scratch:
        folder_of_wavlm = Path(scratch) / "tts" / "wavlm"
        folder_of_wavlm.mkdir(parents=True)
        (folder_of_wavlm / WAVLM).symlink_to(own.resolve())
        os.environ["TTS_HOME"] = scratch
        try:
            yield
        finally:
            if before is None:
                del os.environ["TTS_HOME"]
            else:
                os.environ["TTS_HOME"] = before


def _local_config(folder: Folder, written: Path) -> Path:
    config = load_config(folder.config)
    for part in (config, config.get("model_args"), config.get("audio")):
        if part is not None:
            _make_local(part, folder.path)
    config.save_json(str(written))
    return written


def _make_local(options: Any, folder: Path) -> None:
    for option, others in _FILES.items():
        if option not in options or not options[option]:
            continue
        listed = options[option]
        name = Path(listed[0] if isinstance(listed, list) else listed).name
        path = next((folder / candidate for candidate in (name, *others) if (folder / candidate).is_file()), None)
        if path is None:
            raise WeightsError(f'"{folder}" lacks {name}, which its config.json names', hint="the whole folder")
        options[option] = [str(path)] if isinstance(listed, list) else str(path)
