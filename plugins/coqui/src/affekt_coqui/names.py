"""Coqui's own model names: what their licences are, whether they were accepted, and fetching them by Coqui's manager.

Reading the list imports nothing of Coqui's; only fetching does.
"""

import importlib.util
import json
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from affekt import AffektError, MissingDependency, WeightsError
from affekt.suggestions import did_you_mean
from affekt_weights.errors import Offline
from affekt_weights.offline import is_hub_offline, is_offline, silence_hub

WAVLM = "WavLM-Large.pt"
SPOKEN_BY = ("xtts", "your_tts", "vits", "tacotron2", "freevc", "openvoice")
"""Models whose name holds one of these are of a family that is known here."""
_PAGES = {
    "cpml": "https://tts-hub.github.io/cpml",
    "cc by-nc-nd 4.0": "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    "mpl": "https://www.mozilla.org/en-US/MPL/2.0/",
    "apache 2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "mit": "https://opensource.org/license/mit",
    "bsd-3-clause": "https://opensource.org/license/bsd-3-clause",
}
_NOTES = {"cpml": "Coqui Public Model License: non-commercial use only, of the model and of what it speaks"}


@dataclass(frozen=True, kw_only=True)
class Named:
    """An entry of Coqui's list."""

    name: str
    licence: str
    vocoder: str | None
    on_hub: bool
    has_terms: bool
    """Coqui's manager asks for its licence itself."""

    @property
    def folder(self) -> Path:
        """Where Coqui's manager keeps it, unless it is a repository of the hub's."""
        return _place(self.name)

    @property
    def terms(self) -> str:
        """The licence in a line."""
        key = self.licence.lower()
        parts = [self.licence, _NOTES.get(key, ""), _PAGES.get(key, "")]
        return "; ".join(part for part in parts if part)


def home() -> Path:
    """Coqui's folder of models, found as Coqui finds it."""
    if given := os.environ.get("TTS_HOME") or os.environ.get("XDG_DATA_HOME"):
        return Path(given).expanduser() / "tts"
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/tts").expanduser()
    return Path("~/.local/share/tts").expanduser()


@lru_cache(maxsize=1)
def offered() -> dict[str, Named]:
    """Name → entry, of the families known here.

    Raises:
        MissingDependency: coqui-tts is not installed.
    """
    package = importlib.util.find_spec("TTS")
    if package is None or not package.submodule_search_locations:
        raise MissingDependency("coqui-tts is not installed", hint="pip install affekt-coqui")
    listed = json.loads((Path(package.submodule_search_locations[0]) / ".models.json").read_text(encoding="utf-8"))
    entries = {}
    for kind in ("tts_models", "voice_conversion_models"):
        for language, sets in listed[kind].items():
            for data_set, models in sets.items():
                for model, entry in models.items():
                    name = f"{kind}/{language}/{data_set}/{model}"
                    if any(part in model for part in SPOKEN_BY):
                        entries[name] = Named(
                            name=name,
                            licence=entry.get("license") or "not stated",
                            vocoder=entry.get("default_vocoder"),
                            on_hub="repo_id" in entry,
                            has_terms=bool(entry.get("tos_required")),
                        )
    return entries


def is_name(model: str) -> bool:
    """Whether it looks like a name of Coqui's rather than a folder."""
    return model.startswith(("tts_models/", "voice_conversion_models/")) and not Path(model).exists()


def named(model: str) -> Named:
    """The entry of a name.

    Raises:
        WeightsError: there is none, or it is of a family that is not known here.
    """
    if model not in offered():
        raise WeightsError(
            f'Coqui offers no model "{model}" of a known family{did_you_mean(model, offered())}',
            hint="`affekt coqui models`",
        )
    return offered()[model]


def accept(entry: Named) -> None:
    """Keeps that the user accepted the licence of a model."""
    note = _note(entry)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(entry.licence, encoding="utf-8")


def require_accepted(entry: Named, accepted: str) -> None:
    """Raises a WeightsError that shows the licence, unless it was accepted: now by its name, or before."""
    note = _note(entry)
    before = note.is_file() and note.read_text(encoding="utf-8") == entry.licence
    if not before and accepted.strip().lower() != entry.licence.lower():
        raise WeightsError(
            f'"{entry.name}" is under this licence, which nobody accepted here: {entry.terms}',
            hint=f'read it, then `affekt coqui pull {entry.name} --accept "{entry.licence}"`',
        )


def fetched(entry: Named, accepted: str = "") -> tuple[Path, Path | None]:
    """The folder of a model, and that of the vocoder that belongs to it; fetched where they are not here.

    Raises:
        WeightsError: the licence was not accepted, or fetching failed.
        Offline: it is not here, and `AFFEKT_OFFLINE` is set.
    """
    require_accepted(entry, accepted)
    github = [name for name in (entry.name, entry.vocoder) if name and not (name == entry.name and entry.on_hub)]
    if is_offline() and not all(_place(name).is_dir() for name in github):
        raise _offline(entry)
    silence_hub()
    from TTS.utils.manage import ModelManager  # type: ignore[import-untyped]

    manager = ModelManager(progress_bar=False)
    if entry.has_terms:
        entry.folder.mkdir(parents=True, exist_ok=True)
        # As Coqui's manager notes it, which would ask on the terminal otherwise.
        (entry.folder / "tos_agreed.txt").write_text("I have read, understood and agreed to the Terms and Conditions.")
    try:
        _, config, _ = manager.download_model(entry.name)
        vocoder = Path(manager.download_model(entry.vocoder)[1]).parent if entry.vocoder else None
        if "freevc" in entry.name and not (home() / "wavlm" / WAVLM).is_file():
            _fetch_wavlm(entry)
    except AffektError:
        raise
    except Exception as error:
        # Whatever requests, zipfile and the hub's client raise.
        if is_hub_offline():
            raise _offline(entry) from error
        raise WeightsError(
            f'"{entry.name}" cannot be fetched: {type(error).__name__}: {error}',
            hint=f"a connection; or delete {entry.folder} where a download was interrupted",
        ) from error
    return Path(config).parent, vocoder


def _place(name: str) -> Path:
    return home() / name.replace("/", "--")


def _note(entry: Named) -> Path:
    return home() / "affekt-accepted" / f"{_place(entry.name).name}.txt"


def _fetch_wavlm(entry: Named) -> None:
    """FreeVC hears through WavLM-Large, 1.2 GB under the same licence, which its constructor would fetch unasked."""
    if is_offline():
        raise _offline(entry)
    from TTS.vc.layers.freevc.wavlm import get_wavlm  # type: ignore[import-untyped]

    get_wavlm()


def _offline(entry: Named) -> Offline:
    return Offline(f'"{entry.name}" is not here, and AFFEKT_OFFLINE is set', hint="unset it, or name a folder")
