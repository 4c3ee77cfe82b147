"""How well people are told apart in staged conversations: `python -m affekt_speakers.measure --data FOLDER`.

Prints diarization error without collar and with overlap, how often the number of people is right within one, how much
of a person's speech goes to another id by emotion, and seconds of processor time for a second of sound. The people are
those that no threshold was chosen on.
"""

import argparse
import json
import os
import resource
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import process_time

import numpy as np
import torch
from affekt import Appearance, MissingDependency
from affekt_weights import fetch

from affekt_speakers.clustering import Bounds, cluster
from affekt_speakers.networks import Networks, load
from affekt_speakers.segmentation import SAMPLE_RATE
from affekt_speakers.staging import Conversation, Spoken, Utterance, stage, utterances
from affekt_speakers.stretches import Stretch, stretches
from affekt_speakers.turns import SpeakerTurns, apart, merged

try:
    from affekt_metrics.diarization import diarization_errors
    from affekt_metrics.turns import Recording, Turn
    from affekt_prosody.speech import SpeechDetector
except ImportError as error:
    raise MissingDependency(
        "measuring needs affekt-metrics and affekt-prosody", hint='pip install "affekt-speakers[measure]"'
    ) from error

TUNING = frozenset([f"ravdess-{actor:02}" for actor in range(1, 11)] + [f"emodb-{speaker:02}" for speaker in (3, 8, 9)])
"""People whom the thresholds were chosen on."""
SIZES = 2, 3, 4, 5, 6
OVERLAPS = 0.0, 0.1, 0.2
STRONG = "acted strongly"
STEP = 0.01
"""Seconds in which shares of time are counted."""


def turns_of(heard: Sequence[Stretch], people: int | None = None) -> list[Appearance]:
    """Who speaks when, from stretches whose voices are there already, with the plugin's default options."""
    options = SpeakerTurns()
    window = [
        Appearance(modality="audio", start=each.start, end=each.end, person="somebody", strength=each.alone)
        for each in heard
    ]
    labels = cluster(
        np.array([each.voice for each in heard], np.float32).reshape(len(heard), -1),
        np.array([each.alone for each in heard]),
        list(apart([window])),
        threshold=options.threshold,
        bounds=Bounds() if people is None else Bounds(least=people, most=people),
        share=options.share,
    )
    named = [
        Appearance(modality="audio", start=each.start, end=each.end, person=f"speaker {label + 1}")
        for each, label in zip(heard, labels.tolist(), strict=True)
    ]
    return merged(named)


def identity_loss(true: Sequence[Spoken], said: Sequence[Appearance]) -> dict[str, np.ndarray]:
    """Emotion, and strength, and "all" → seconds of people that go to another id than most of theirs, and seconds.

    Time in which nobody is heard at all does not count: it is missed, not lost.
    """
    ids = sorted({each.person for each in said})
    grid = np.zeros((len(ids), round(max(each.end for each in (*true, *said)) / STEP) + 1), dtype=bool)
    for each in said:
        grid[ids.index(each.person), round(each.start / STEP) : round(each.end / STEP)] = True
    spans = {turn: slice(round(turn.start / STEP), round(turn.end / STEP)) for turn in true}
    sums: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(2))
    for person in {turn.person for turn in true}:
        own = [turn for turn in true if turn.person == person]
        shared = sum(grid[:, spans[turn]].sum(axis=1) for turn in own)
        main = int(np.argmax(shared))
        for turn in own:
            heard = grid[:, spans[turn]].any(axis=0)
            seconds = np.array([(heard & ~grid[main, spans[turn]]).sum(), heard.sum()]) * STEP
            for group in (turn.emotion, STRONG if turn.strong else "not acted strongly", "all"):
                sums[group] += seconds
    return dict(sums)


def conversations(
    people: Mapping[str, Sequence[Utterance]], detector: SpeechDetector, count: int, seconds: float, seed: int
) -> Iterator[Conversation]:
    """Staged conversations over all numbers of people and shares of overlap."""
    for number in range(count):
        yield stage(
            people,
            detector,
            size=SIZES[number % len(SIZES)],
            overlap=OVERLAPS[number % len(OVERLAPS)],
            seconds=seconds,
            seed=seed + number,
        )


def measure(networks: Networks, staged: Iterator[Conversation]) -> dict[str, dict[str, float]]:
    """The measures over all conversations together: with the number of people estimated, and with it given."""
    estimated: list[Recording] = []
    given: list[Recording] = []
    errors: list[int] = []
    losses: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(2))
    time, duration = 0.0, 0.0
    for conversation in staged:
        begun = process_time()
        heard = stretches(networks, conversation.samples)
        said = turns_of(heard)
        time += process_time() - begun
        duration += len(conversation.samples) / SAMPLE_RATE
        true = [Turn(start=turn.start, end=turn.end, person=turn.person) for turn in conversation.turns]
        estimated.append((true, _turns(said)))
        given.append((true, _turns(turns_of(heard, conversation.people))))
        errors.append(len({each.person for each in said}) - conversation.people)
        for emotion, seconds in identity_loss(conversation.turns, said).items():
            losses[emotion] += seconds
    found = {"number estimated": diarization_errors(estimated), "number given": diarization_errors(given)}
    found["number estimated"] |= {
        "number_within_one": float(np.mean(np.abs(errors) <= 1)),
        "number_right": float(np.mean(np.equal(errors, 0))),
        **{f"identity_loss.{name}": float(lost / max(total, STEP)) for name, (lost, total) in sorted(losses.items())},
        "cpu_time_factor": time / duration,
        "seconds": duration,
    }
    return found


def _turns(said: Sequence[Appearance]) -> list[Turn]:
    return [Turn(start=each.start, end=each.end, person=each.person) for each in said]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m affekt_speakers.measure", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data")
    parser.add_argument("--conversations", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each conversation, at least")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tuning", action="store_true", help="the people whom the thresholds were chosen on")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    everybody = utterances(chosen.data)
    people = {name: own for name, own in everybody.items() if (name in TUNING) == chosen.tuning}
    detector = SpeechDetector(fetch("silero-vad"))
    staged = conversations(people, detector, chosen.conversations, chosen.seconds, chosen.seed)
    found = measure(load("speaker-networks"), staged)
    if chosen.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{chosen.conversations} conversations of {SIZES[0]} to {SIZES[-1]} of {len(people)} people; no collar")
    for name, values in found.items():
        print(f"\n{name}")
        for key, value in values.items():
            print(f"  {key:28} {value:8.3f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:.0f} MB, {chosen.threads} thread(s)")


if __name__ == "__main__":
    main()
