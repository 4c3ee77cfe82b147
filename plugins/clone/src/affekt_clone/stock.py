"""How the 28 English voices of Kokoro sound to GE2E: `data/stock_voices_ge2e.json`, so that nobody must listen again.

Others would lend their accent. `python -m affekt_clone.stock` says a sentence in each and writes the file anew.
"""

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from affekt import SpeechRequest
from affekt_voices.speaker_identity import embedding, similarity
from jaxtyping import Float32

SENTENCE = "The train to the coast leaves early in the morning."
_FILE = "data/stock_voices_ge2e.json"


@lru_cache(maxsize=1)
def voices() -> dict[str, Float32[np.ndarray, "256"]]:
    """Name of a voice → its embedding."""
    stored = json.loads(files("affekt_clone").joinpath(_FILE).read_text(encoding="utf-8"))
    return {name: np.array(row, dtype=np.float32) for name, row in stored.items()}


def likeness(person: Float32[np.ndarray, "256"]) -> dict[str, float]:
    """Name of a voice → its similarity to a person."""
    return {name: similarity(row, person) for name, row in voices().items()}


def main() -> None:
    """Runs the command."""
    from affekt_kokoro.speaker import KokoroSpeaker

    speaker, path = KokoroSpeaker(threads=1), Path(__file__).parent / _FILE
    heard: dict[str, list[float]] = {}
    for name in (name for name, voice in speaker.voices.items() if voice.language == "en"):
        (result,) = speaker.speak([SpeechRequest(text=SENTENCE, voice=name)])
        heard[name] = [round(float(value), 4) for value in embedding(result.audio)]
        print(name, flush=True)
    path.parent.mkdir(exist_ok=True)
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in heard.items())
    path.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
