"""What keeping a voice's latents saves: `python -m affekt_coqui.measure --model FOLDER --voice NAME`.

Twenty sentences in one lent voice, each a call of its own: with what the network needs to know of the voice computed
again every time, unsealed from the store of voices every time, and kept in memory, which is what `coqui` does. The
three take turns, sentence by sentence, so that whatever else the machine does falls on all of them alike. Consent is
checked every time in all three.
"""

import argparse
import time
from collections.abc import Mapping
from typing import Literal

import numpy as np
from affekt import AffektError, SpeechRequest

from affekt_coqui.lending import Lending
from affekt_coqui.speaker import CoquiSpeaker

SENTENCES = (
    "They finally found the missing keys under the old sofa.",
    "I am going to the market tomorrow.",
    "Please sit down and tell me what happened.",
    "The train to the coast leaves early in the morning.",
    "We could walk along the river after lunch.",
    "Nobody knew where the letter had come from.",
    "She opened the window and listened to the children.",
    "It may take a little longer than we thought.",
    "Would you like another cup of tea?",
    "The lights went out in the whole street.",
    "He has not called since Sunday.",
    "There is a small garden behind the house.",
    "I can hardly hear you over the wind.",
    "Let us meet at the corner at seven.",
    "The soup is still too hot to eat.",
    "My sister plays the violin every evening.",
    "You should have seen the look on her face.",
    "It is getting late, and I am tired.",
    "All the shops were closed on that day.",
    "Thank you for everything you have done.",
)


WAYS: Mapping[str, Literal["in memory", "sealed", "nothing"]] = {
    "computed again": "nothing",
    "unsealed again": "sealed",
    "kept in memory": "in memory",
}


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m affekt_coqui.measure", description=__doc__)
    parser.add_argument("--model", required=True, help="XTTS or YourTTS")
    parser.add_argument("--voice", required=True, help="a lent voice, see `affekt voices list`")
    parser.add_argument("--purpose", default="replies")
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    options = parser.parse_args()
    try:
        speaker = CoquiSpeaker(model=options.model, voice=options.voice, purpose=options.purpose)
        print(table(speaker, SENTENCES[: options.sentences]))
    except AffektError as error:
        raise SystemExit(str(error)) from error


def table(speaker: CoquiSpeaker, sentences: tuple[str, ...]) -> str:
    """Seconds each way, and how many times as long as from memory; all three must give the same speech."""
    ways = {name: Lending(keeps=keeps) for name, keeps in WAYS.items()}
    seconds = dict.fromkeys(ways, 0.0)
    speaker.speak([SpeechRequest(text=sentences[0])])  # loads the model, and seals what it computes
    for sentence in sentences:
        heard = []
        for name, lending in ways.items():
            vars(speaker)["_lending"] = lending
            begin = time.perf_counter()
            (result,) = speaker.speak([SpeechRequest(text=sentence)])
            seconds[name] += time.perf_counter() - begin
            heard.append(result.audio.samples)
        if not all(np.array_equal(heard[0], other) for other in heard):
            raise SystemExit(f'the ways differ for "{sentence}"')
    least = seconds["kept in memory"]
    lines = [f"{name:15} {value:8.2f} s   {value / least:.2f}" for name, value in seconds.items()]
    return "\n".join([f"{len(sentences)} sentences, {speaker.voice}", *lines])


if __name__ == "__main__":
    main()
