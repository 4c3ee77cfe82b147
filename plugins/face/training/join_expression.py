"""Joins trained networks into one classifier, calibrated as a whole on the faces that training held out.

python training/join_expression.py FER2013_DIR one.safetensors two.safetensors --rafdb DIR --out expression.safetensors
"""

import argparse
import json
from pathlib import Path

import torch
from affekt_face import face_sets
from affekt_face.classifier import Classifier
from affekt_face.evaluate import calibration_error
from safetensors import safe_open
from safetensors.torch import save_file
from train_expression import accuracy, tensors


def main(command: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of train.npz and public_test.npz")
    parser.add_argument(
        "--rafdb", type=Path, help="folder of train.zip and train.csv, where its faces were learnt from too"
    )
    parser.add_argument("networks", type=Path, nargs="+", help="files of train_expression.py")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(command)
    whole, metadata = joined(arguments.networks)
    save_file(whole, arguments.out, metadata=metadata)
    sets = [tensors("FER2013", face_sets.fer2013(arguments.data))]
    if arguments.rafdb is not None:
        sets.append(tensors("RAF-DB", face_sets.rafdb(arguments.rafdb)))
    classifier = Classifier.read(arguments.out)
    judged = [(_logits(classifier, one.images[one.held_out]), one.labels[one.held_out]) for one in sets]
    metadata["temperature"] = repr(even(judged))
    save_file(whole, arguments.out, metadata=metadata)
    accuracies = ", ".join(f"{accuracy(*answers):.4f}" for answers in judged)
    print(f"temperature {metadata['temperature']}, held-out accuracy {accuracies}")


def even(judged: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """The temperature at which the set that is calibrated worst is calibrated best; of one set, its best one."""

    def worst(temperature: float) -> float:
        shares = [(logits / temperature).softmax(dim=1).double().numpy() for logits, _ in judged]
        return max(calibration_error(one, truth.numpy()) for one, (_, truth) in zip(shares, judged, strict=True))

    return float(min(torch.logspace(-0.5, 0.5, 201).tolist(), key=worst))


def _logits(classifier: Classifier, images: torch.Tensor) -> torch.Tensor:
    return torch.cat([classifier.logits(part) for part in images[:, 0].split(256)])


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
