"""Tunes MiniLM to what texts express: python -m affekt_training.texts OUT [--data GOEMOTIONS] [--epochs 3].

Writes OUT/minilm-emotions.safetensors, which holds the adapter and the head of GoEmotions, and prints what the head is
right about on the test split. Goes on where a run was stopped.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from affekt import AffektError
from affekt_text.encoder import MiniLMEncoder

from affekt_training.cache import default_cache
from affekt_training.heads.meld_emorynlp import fetch, read
from affekt_training.texts import head, material
from affekt_training.texts.training import Settings, train


def main(command: list[str] | None = None) -> int:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder of the run")
    parser.add_argument("--data", type=Path, help="folder of GoEmotions; else $AFFEKT_SHARED/data/goemotions")
    parser.add_argument("--model", default="all-minilm-l6", help="a name of `affekt weights list`, or a folder")
    defaults = Settings()
    for name in ("epochs", "rank", "batch", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(defaults, name))
    parser.add_argument("--rate", type=float, default=defaults.rate)
    options = parser.parse_args(command)
    named = {name: value for name, value in vars(options).items() if name in vars(defaults)}
    settings = replace(defaults, **named)
    try:
        splits = {split: material.comments(options.data, split) for split in ("train", "dev", "test")}
        lines = material.lines(read(fetch(default_cache())), "train")
        tokenizer, encoder = MiniLMEncoder(model=options.model).network
        network = train(tokenizer, encoder, material.joined(splits["train"], lines), settings, options.out)
        adapter = options.out / "adapter.safetensors"
        encoded = {split: head.encode(splits[split], str(adapter), options.model) for split in ("dev", "test")}
        fitted = head.with_thresholds(head.of_network(network, tokenizer, splits["dev"]), encoded["dev"])
        measures = head.measures(fitted, encoded["test"])
        head.save(fitted, adapter, options.out / "minilm-emotions.safetensors", {"goemotions test": measures})
    except AffektError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({name: [round(value, 4) for value in three] for name, three in measures.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
