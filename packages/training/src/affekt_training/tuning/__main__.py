"""Tunes the voice encoder: python -m affekt_training.tuning OUT [--fold 0] [--device cuda] [--half].

With --fold the people of that fold (of --folds) are left out, judged after every epoch, and their logits kept; without
it everybody is trained on. Spectrograms are computed once (`--processes`) and cached. Goes on where a run was stopped.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from affekt import AffektError
from affekt_whisper.checkpoint import load_encoder

from affekt_training.cache import default_cache
from affekt_training.tuning.recordings import folds, recordings
from affekt_training.tuning.spectrograms import spectrograms
from affekt_training.tuning.training import Settings, train


def main(command: list[str] | None = None) -> int:
    """Runs the tuning that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder of the run")
    parser.add_argument("--data", type=Path, help="folder of the corpora; else $AFFEKT_SHARED/data")
    parser.add_argument("--corpora", nargs="+", help="some of them; else all")
    parser.add_argument("--model", default="whisper-base", help="a name of `affekt weights list`, or a folder")
    parser.add_argument("--fold", type=int, help="the fold of people that is left out")
    parser.add_argument("--folds", type=int, default=6)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--processes", type=int, default=1, help="of the spectrograms")
    defaults = Settings()
    for name in ("depth", "rank", "epochs", "clips_an_epoch", "batch", "seed"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(defaults, name))
    parser.add_argument("--rate", type=float, default=defaults.rate)
    parser.add_argument("--half", action="store_true", help="compute in bfloat16")
    options = parser.parse_args(command)
    named = {name: value for name, value in vars(options).items() if name in vars(defaults)}
    try:
        chosen = {"corpora": tuple(options.corpora)} if options.corpora else {}
        wanted = chosen.get("corpora")
        folders = {name: options.data / name for name in wanted or ()} if options.data and wanted else None
        clips = recordings(**chosen, folders=folders)
        held_out = np.zeros(len(clips), dtype=bool)
        if options.fold is not None:
            held_out = folds(clips, options.folds) == options.fold
        mels = spectrograms(clips, default_cache(), options.processes)
        encoder = load_encoder(options.model, None)
        train(encoder, clips, mels, held_out, replace(defaults, **named), options.out, options.device)
    except AffektError as error:
        print(error, file=sys.stderr)
        return 1
    print((options.out / "log.jsonl").read_text().splitlines()[-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
