"""How the 28 English voices of Kokoro sound to GE2E: `data/stock_voices_ge2e.npz`, so that nobody must listen again.

Others would lend their accent. `python -m affekt_clone.stock` says a sentence in each and writes the file anew.
"""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from affekt import SpeechRequest
from affekt_voices.speaker_identity import embedding, similarity
from jaxtyping import Float32

SENTENCE = "The train to the coast leaves early in the morning."
_FILE = "data/stock_voices_ge2e.npz"


@lru_cache(maxsize=1)
def voices() -> dict[str, Float32[np.ndarray, "256"]]:
    """Name of a voice → its embedding."""
    with files("affekt_clone").joinpath(_FILE).open("rb") as file, np.load(file) as archive:
        return {name: archive[name].astype(np.float32) for name in archive.files}


def likeness(person: Float32[np.ndarray, "256"]) -> dict[str, float]:
    """Name of a voice → its similarity to a person."""
    return {name: similarity(row, person) for name, row in voices().items()}


def main() -> None:
    """The command."""
    from affekt_kokoro.speaker import KokoroSpeaker

    speaker, path = KokoroSpeaker(threads=1), Path(__file__).parent / _FILE
    heard: dict[str, np.ndarray] = {}
    for name in (name for name, voice in speaker.voices.items() if voice.language == "en"):
        (result,) = speaker.speak([SpeechRequest(text=SENTENCE, voice=name)])
        heard[name] = embedding(result.audio).astype(np.float16)
        print(name, flush=True)
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, **heard)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
