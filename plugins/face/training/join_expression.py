"""Joins trained networks into one classifier, calibrated as a whole on the faces that training held out.

python training/join_expression.py FER2013_DIR one.safetensors two.safetensors --out expression.safetensors
"""

import argparse
import json
from pathlib import Path

import torch
from affekt_face.classifier import Classifier
from safetensors import safe_open
from safetensors.torch import save_file
from train_expression import accuracy, calibrate, split


def main(command: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of train.npz and public_test.npz")
    parser.add_argument("networks", type=Path, nargs="+", help="files of train_expression.py")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(command)
    tensors, metadata = joined(arguments.networks)
    save_file(tensors, arguments.out, metadata=metadata)
    images, labels, held_out = split(arguments.data)
    classifier = Classifier.read(arguments.out)
    logits = torch.cat([classifier.logits(part) for part in images[held_out, 0].split(256)])
    metadata["temperature"] = repr(calibrate(logits, labels[held_out]))
    save_file(tensors, arguments.out, metadata=metadata)
    print(f"temperature {metadata['temperature']}, held-out accuracy {accuracy(logits, labels[held_out]):.4f}")


def joined(paths: list[Path]) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The tensors of all files under consecutive numbers, and metadata that lists their networks and settings."""
    tensors: dict[str, torch.Tensor] = {}
    networks: list[object] = []
    settings: list[object] = []
    metadata: dict[str, str] = {}
    for path in paths:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            for name in file.keys():  # noqa: SIM118
                number, rest = name.split(".", 1)
                tensors[f"{int(number) + len(networks)}.{rest}"] = file.get_tensor(name)
        networks += json.loads(metadata["networks"])
        settings += json.loads(metadata["settings"])
    return tensors, {**metadata, "networks": json.dumps(networks), "settings": json.dumps(settings)}


if __name__ == "__main__":
    main()
