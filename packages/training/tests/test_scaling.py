"""What makes larger runs possible: less memory, several processes, half precision. On tiny models of the real class."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import tiny
import torch
from affekt import Features
from affekt_datasets import Sample
from affekt_emotion_llama.language.prompt import Prompt
from affekt_emotion_llama.model import EmotionLlama
from affekt_training import calibration, config, stage
from affekt_training.examples import Example, Run
from affekt_training.featured import FeaturedSample
from safetensors.torch import load_file


@pytest.fixture
def settings(llama, store, tmp_path):
    def made(**changes):
        plain = {"rank": 4, "alpha": 8, "dropout": 0.0, "targets": ["q_proj", "v_proj"]}
        return config.StageConfig.model_validate(
            tiny.configuration(llama, tmp_path / "run", **{"store": str(store), "lora": plain, "noise": 0.0, **changes})
        )

    return made


def test_recomputed_activations_give_the_same_loss_and_gradients(settings, store):
    ready = stage.prepare(settings())
    ready.joined.train()
    batch = ready.collate([ready.draws()[place] for place in range(8)])
    found = []
    for _ in range(2):
        ready.joined.zero_grad()
        loss = ready.joined(**batch)["loss"]
        loss.backward()
        found.append((loss.detach(), [one.grad.clone() for one in ready.joined.parameters() if one.requires_grad]))
        ready.joined.gradient_checkpointing_enable({"use_reentrant": False})
    (kept, kept_gradients), (again, gradients) = found
    assert torch.allclose(kept, again, atol=1e-6)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(kept_gradients, gradients, strict=True))


def test_bf16_with_recomputed_activations_learns(settings, store):
    ready, told = stage.train(settings(bf16=True, checkpointing=True, epochs=2))
    losses = [entry["eval_loss"] for entry in told["history"] if "eval_loss" in entry]
    assert losses[-1] < losses[0]
    assert all(one.dtype == torch.float32 for one in ready.joined.parameters() if one.requires_grad)


def test_a_model_saved_in_half_precision_says_the_same(settings, store, tmp_path):
    ready, _ = stage.train(settings(half=True, epochs=1))
    tensors = load_file(tmp_path / "run/model/projections.safetensors")
    assert tensors["voice_proj.weight"].dtype == torch.float16
    assert tensors["voice_proj_centre"].dtype == torch.float32
    loaded = EmotionLlama.from_pretrained(str(tmp_path / "run/model"))
    asked = [one for one in ready.validation if one.label is not None][:8]
    whole, half = calibration.scores(ready.model, asked), calibration.scores(loaded, asked)
    assert np.abs(whole - half).max() < 0.05


def test_modality_dropout_hides_every_slot_now_and_then_but_never_all(settings):
    slots = ("voice", "face", "words")
    copy = {slot: Features(values=np.ones((1, 2), np.float32), hop=1.0) for slot in slots}
    featured = FeaturedSample(
        sample=Sample(id="a", media=None), set="any", label="happy", named=frozenset(), copies=(copy,)
    )
    example = Example(featured=featured, prompt=Prompt(()), answer=(1,), task="emotion", label=0, weight=1.0, share=1.0)
    told = settings(modality_dropout=0.5)
    run = Run([example], [0] * 400, told, {slot: np.ones(2, np.float32) for slot in slots})
    drawn = [frozenset(run[place]["arrays"]) for place in range(400)]
    assert all(drawn)
    assert len(set(drawn)) == 7  # every subset but none
    assert all(0.4 < np.mean([slot in one for one in drawn]) < 0.7 for slot in slots)
    assert drawn == [frozenset(run[place]["arrays"]) for place in range(400)]


def test_two_processes_train_one_model(llama, store, tmp_path):
    file = tiny.write(tiny.configuration(llama, tmp_path / "two", epochs=1, store=str(store)), tmp_path / "stage.yaml")
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*command, "-m", "affekt_cli", "train", str(file)], env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads((tmp_path / "two/report.json").read_text())
    assert (report["processes"], report["distributed"]) == (2, "MULTI_CPU")
    ready = stage.prepare(config.read(file))
    assert report["steps"] == -(-ready.steps // 2)
    assert done.stdout.count('{"model"') == 1
    EmotionLlama.from_pretrained(str(tmp_path / "two/model"))
