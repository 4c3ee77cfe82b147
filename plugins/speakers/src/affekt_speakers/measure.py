"""How well people are told apart in staged conversations: `python -m affekt_speakers.measure --data FOLDER`.

Prints diarization error without collar and with overlap, how often the number of people is right within one, how much
of a person's speech goes to another id by emotion, and seconds of processor time for a second of sound, with 95 %
intervals that draw conversations. Beside ours stands average linkage of the same voices, which is plain clustering. The
people are those that no threshold was chosen on.
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
from jaxtyping import Float32, Float64
from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]
from scipy.spatial.distance import pdist  # type: ignore[import-untyped]

from affekt_speakers.clustering import Bounds, cluster
from affekt_speakers.networks import Networks, load
from affekt_speakers.segmentation import SAMPLE_RATE
from affekt_speakers.staging import Conversation, Spoken, Utterance, stage, utterances
from affekt_speakers.stretches import Stretch, stretches
from affekt_speakers.turns import SpeakerTurns, apart, merged

try:
    from affekt_metrics.diarization import diarization_errors
    from affekt_metrics.intervals import Intervals
    from affekt_metrics.sums import Sums, ratio
    from affekt_metrics.turns import Turn
    from affekt_prosody.speech import SpeechDetector as SpeechDetector
except ImportError as error:
    raise MissingDependency(
        "measuring needs affekt-metrics and affekt-prosody", hint='pip install "affekt-speakers[measure]"'
    ) from error

TUNING = frozenset([f"ravdess-{actor:02}" for actor in range(1, 11)] + [f"emodb-{speaker:02}" for speaker in (3, 8, 9)])
"""People whom the thresholds were chosen on."""
SIZES = 2, 3, 4, 5, 6
OVERLAPS = 0.0, 0.1, 0.2
STRONG = "acted strongly"
PLAIN = 0.75
"""Cosine distance at which plain clustering ends."""
STEP = 0.01
"""Seconds in which shares of time are counted."""


def turns_of(heard: Sequence[Stretch], labels: Sequence[int]) -> list[Appearance]:
    """Who speaks when, from stretches and the number of the person of each."""
    return merged(
        [
            Appearance(modality="audio", start=each.start, end=each.end, person=f"speaker {label + 1}")
            for each, label in zip(heard, labels, strict=True)
        ]
    )


def clustered(heard: Sequence[Stretch], people: int | None = None) -> list[int]:
    """The person of each stretch, with the plugin's default options."""
    options = SpeakerTurns()
    window = [Appearance(modality="audio", start=each.start, end=each.end, person="somebody") for each in heard]
    bounds = Bounds(most=options.at_most) if people is None else Bounds(least=people, most=people)
    labels: list[int] = cluster(
        _voices(heard),
        np.array([each.alone for each in heard]),
        list(apart([window])),
        threshold=options.threshold,
        bounds=bounds,
        share=options.share,
    ).tolist()
    return labels


def plainly_clustered(heard: Sequence[Stretch]) -> list[int]:
    """The person of each stretch by average linkage, at the distance that suits it best on the tuning people."""
    if len(heard) < 2:
        return [0] * len(heard)
    labels: list[int] = fcluster(linkage(pdist(_voices(heard), "cosine"), "average"), PLAIN, "distance").tolist()
    return labels


def _voices(heard: Sequence[Stretch]) -> Float32[np.ndarray, "stretch 192"]:
    return np.array([each.voice for each in heard], np.float32).reshape(len(heard), -1)


def identity_loss(true: Sequence[Spoken], heard: Sequence[Appearance]) -> dict[str, np.ndarray]:
    """Emotion, and strength, and "all" → seconds of people that go to another id than most of theirs, and seconds.

    Time in which nobody is heard at all does not count: it is missed, not lost.
    """
    ids = sorted({each.person for each in heard})
    end = max([*(turn.end for turn in true), *(each.end for each in heard)])
    grid = np.zeros((len(ids), round(end / STEP) + 1), dtype=np.bool_)
    for each in heard:
        grid[ids.index(each.person), round(each.start / STEP) : round(each.end / STEP)] = True
    spans = {turn: slice(round(turn.start / STEP), round(turn.end / STEP)) for turn in true}
    sums: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(2))
    for person in {turn.person for turn in true}:
        own = [turn for turn in true if turn.person == person]
        shared = sum(grid[:, spans[turn]].sum(axis=1) for turn in own)
        main = int(np.argmax(shared))
        for turn in own:
            anybody = grid[:, spans[turn]].any(axis=0)
            seconds = np.array([(anybody & ~grid[main, spans[turn]]).sum(), anybody.sum()]) * STEP
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
    """System → its measures over all conversations, with `.low` and `.high`."""
    tallies: dict[str, list[dict[str, float]]] = defaultdict(list)
    time, duration = 0.0, 0.0
    for conversation in staged:
        begun = process_time()
        heard = stretches(networks, conversation.samples)
        estimated = clustered(heard)
        time += process_time() - begun
        duration += len(conversation.samples) / SAMPLE_RATE
        systems = {
            "number estimated": estimated,
            "number given": clustered(heard, conversation.people),
            "plain clustering": plainly_clustered(heard),
        }
        for name, labels in systems.items():
            tallies[name].append(tally(conversation, turns_of(heard, labels)))
    measures = {name: summary(rows) for name, rows in tallies.items()}
    measures["number estimated"] |= {"cpu_time_factor": time / duration, "seconds": duration}
    return measures


def tally(conversation: Conversation, heard: Sequence[Appearance]) -> dict[str, float]:
    """What one conversation adds: seconds of each error, of speech that is lost and heard by emotion, and counts."""
    true = [Turn(start=turn.start, end=turn.end, person=turn.person) for turn in conversation.turns]
    errors = diarization_errors([(true, _turns(heard))])
    off = abs(len({each.person for each in heard}) - conversation.people)
    row = {name: errors[name] for name in ("missed", "false_alarm", "confusion", "total")}
    row |= {"conversations": 1.0, "within_one": float(off <= 1), "right": float(off == 0)}
    for group, (lost, seconds) in identity_loss(conversation.turns, heard).items():
        row |= {f"lost.{group}": float(lost), f"heard.{group}": float(seconds)}
    return row


def summary(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The measures of all conversations together, with intervals that draw conversations."""
    names = sorted({name for row in rows for name in row})
    groups = [name.removeprefix("heard.") for name in names if name.startswith("heard.")]

    def derive(totals: Float64[np.ndarray, "draw sum"]) -> dict[str, Float64[np.ndarray, "draw"]]:
        column = dict(zip(names, totals.T, strict=True))
        errors = {name: ratio(column[name], column["total"]) for name in ("missed", "false_alarm", "confusion")}
        return {
            "der": sum(errors.values(), np.zeros(len(totals))),
            **errors,
            "number_within_one": ratio(column["within_one"], column["conversations"]),
            "number_right": ratio(column["right"], column["conversations"]),
            **{f"identity_loss.{each}": ratio(column[f"lost.{each}"], column[f"heard.{each}"]) for each in groups},
        }

    totals = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    return Intervals().summary(Sums(totals=totals, derive=derive))


def _turns(appearances: Sequence[Appearance]) -> list[Turn]:
    return [Turn(start=each.start, end=each.end, person=each.person) for each in appearances]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
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
    errors = measure(load("speaker-networks"), staged)
    if chosen.json:
        print(json.dumps(errors, indent=2))
        return
    print(f"{chosen.conversations} conversations of {SIZES[0]} to {SIZES[-1]} of {len(people)} people; no collar")
    for name, values in errors.items():
        print(f"\n{name}")
        for key, value in values.items():
            if not key.endswith((".low", ".high")):
                interval = (
                    f"  [{values[f'{key}.low']:.3f}, {values[f'{key}.high']:.3f}]" if f"{key}.low" in values else ""
                )
                print(f"  {key:34} {value:8.3f}{interval}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:.0f} MB, {chosen.threads} thread(s)")


if __name__ == "__main__":
    main()
