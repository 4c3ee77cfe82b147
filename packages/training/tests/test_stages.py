"""Both stages on real recordings, through the command, killed and resumed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tiny
import tones
import torch
from affekt import OptionsError, PipelineSpec, SpecError, TrainedWith, Use
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.saved import read_config
from affekt_training import config, estimate, stage
from typer.testing import CliRunner


@pytest.fixture
def settings(llama, store, tmp_path):
    def made(**changes):
        return config.StageConfig.model_validate(
            tiny.configuration(llama, tmp_path / "run", store=str(store), **changes)
        )

    return made


def test_both_stages_run_from_their_files_and_the_second_goes_on_from_the_first(llama, store, tmp_path, monkeypatch):
    from affekt_training.commands import app

    data = tiny.configuration(llama, tmp_path)["data"][0]
    coarse = data | {"tasks": [{"task": "reason", "answer": "clues"}]}
    first = tiny.configuration(llama, tmp_path / "one", data=[coarse], epochs=1, store=str(store))
    second = tiny.configuration(
        llama, tmp_path / "two", start=str(tmp_path / "one/model"), probe={"projections": ["voice_proj"]},
        label_loss=1.0, learning_rate=1e-3, store=str(store),
    )  # fmt: skip
    for name, told in (("one", first), ("two", second)):
        file = tiny.write(told, tmp_path / f"{name}.yaml")
        result = CliRunner().invoke(app, [str(file)])
        assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "two/report.json").read_text())
    losses = [entry["eval_loss"] for entry in report["history"] if "eval_loss" in entry]
    assert min(losses) < losses[0]
    assert "Training loss" in (tmp_path / "two/report.md").read_text()
    model = EmotionLlama.from_pretrained(str(tmp_path / "two/model"))
    assert model.config.lead == "The person feels {label}."
    assert model.config.temperature != 1.0
    assert [name.split()[0] for name in model.config.trained_on] == [data["set"]]
    assert any((tmp_path / "two/checkpoints").rglob("events.out.tfevents.*"))


def test_what_is_trained_gets_a_gradient_and_what_is_frozen_does_not_move(settings, store):
    ready = stage.prepare(settings(noise=0.0))
    before = {name: one.detach().clone() for name, one in ready.joined.named_parameters()}
    items = [ready.draws()[place] for place in range(8)]
    optimiser = torch.optim.SGD([one for one in ready.joined.parameters() if one.requires_grad], lr=1.0)
    for step in range(2):  # LoRA's A has no gradient while B is zero
        optimiser.zero_grad()
        ready.joined(**ready.collate(items))["loss"].backward()
        if step:
            silent = [n for n, p in ready.joined.named_parameters() if p.requires_grad and not p.grad.abs().sum() > 0]
            assert silent == []
        optimiser.step()
    moved = {name for name, one in ready.joined.named_parameters() if not torch.equal(one, before[name])}
    trained = {name for name, one in ready.joined.named_parameters() if one.requires_grad}
    assert moved == trained
    assert all("lora_" in name or name.startswith("fusion.") for name in trained)
    assert set(ready.joined.state_dict()) >= trained
    assert not any("embed_tokens" in name for name in ready.joined.state_dict())


def test_the_loss_is_that_of_the_answers_in_a_plain_forward(settings, store):
    ready = stage.prepare(settings(lora=None, noise=0.0))
    ready.joined.eval()
    batch = ready.collate([ready.held_out()[place] for place in range(4)])
    with torch.no_grad():
        found = ready.joined(**batch)["loss"]
        tokens, _ = ready.joined.fusion(batch["rows"], batch["masks"])
        own, each = ready.model.language_model, []
        for index, (prompt, answer) in enumerate(zip(batch["prompts"], batch["answers"], strict=True)):
            before, _, *after = prompt.pieces
            table = own.get_input_embeddings()
            ids = torch.tensor([*(piece for part in after for piece in part), *answer])
            embeds = torch.cat([table(torch.tensor(before)), tokens[index], table(ids)])[None]
            logits = own(inputs_embeds=embeds).logits[0, -len(answer) - 1 : -1]
            each.append(torch.nn.functional.cross_entropy(logits, torch.tensor(answer)))
    weights = batch["weights"]
    assert torch.allclose(found, (torch.stack(each) * weights).sum() / weights.sum(), atol=1e-5)


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_killed_run_resumes_to_the_same_loss(llama, store, tmp_path, one_thread):
    from affekt_training.commands import app

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    losses = []
    for out in (whole, killed):
        file = tiny.write(tiny.configuration(llama, out, epochs=4, store=str(store)), tmp_path / f"{out.name}.yaml")
        command = [str(file)]
        if out is killed:
            process = subprocess.Popen(
                [sys.executable, "-m", "affekt_cli", "train", str(file)], env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            _kill_after(process, out / "checkpoints")
            assert not (out / "report.json").exists()
            command.append("--resume")
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        assert ("resuming from" in done.output) == (out is killed)
        history = json.loads((out / "report.json").read_text())["history"]
        losses.append([entry["eval_loss"] for entry in history if "eval_loss" in entry][-1])
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)


def _kill_after(process: subprocess.Popen, folder: Path) -> None:
    """Kills without warning once a checkpoint is whole."""
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        if any((path / "trainer_state.json").is_file() for path in folder.glob("checkpoint-*")):
            process.send_signal(signal.SIGKILL)
            process.wait()
            return
        time.sleep(0.01)
    raise AssertionError(f"the run ended by itself: {process.poll()}")


@pytest.fixture(scope="module")
def on_tones(llama, tmp_path_factory):
    """Settings on a few tones, and a saved model of one step of them."""
    folder = tmp_path_factory.mktemp("tones")
    told = tones.changes(tones.write(folder / "tones", 4), folder / "store")

    def made(name, **changes):
        return config.StageConfig.model_validate(tiny.configuration(llama, folder / name, **{**told, **changes}))

    stage.train(made("first"))
    return made, folder


def test_a_trained_model_says_which_encoders_it_reads_and_pipelines_with_others_are_refused(on_tones):
    _, folder = on_tones
    model = folder / "first/model"
    assert read_config(model).encoders == {"prosody": TrainedWith(use="loudness", options={"hop": 0.1})}
    told = {"fuser": {"use": "linear", "model": str(model)}, "reasoner": {"use": "emotion-llama", "model": str(model)}}
    PipelineSpec(encoders={"prosody": Use(use="loudness")}, **told).build().require_encoders()
    for other in (Use(use="loudness", hop=0.2), Use(use="prosody")):
        with pytest.raises(SpecError, match=r"prosody: .*the model was trained with"):
            PipelineSpec(encoders={"prosody": other}, **told).build().require_encoders()


def test_a_further_stage_states_its_own_encoders_and_nothing_of_files(on_tones):
    made, folder = on_tones
    first = read_config(folder / "first/model")
    for index in range(4):
        np.save(folder / f"tone-{index}.npy", np.ones((3, 1), np.float32))
    stage.train(made("from-files", start=folder / "first/model", features={"prosody": {"files": {"folder": folder}}}))
    assert read_config(folder / "from-files/model").encoders == {}
    other = {"prosody": {"use": "loudness", "options": {"hop": 0.2}}}
    stage.train(made("other", start=folder / "first/model", features=other))
    assert read_config(folder / "other/model").encoders["prosody"].options["hop"] == 0.2
    assert first.encoders["prosody"].options["hop"] == 0.1


def test_a_merged_start_is_refused_where_lora_is_asked_for_and_says_what_it_trains(on_tones):
    made, folder = on_tones
    EmotionLlama.from_pretrained(str(folder / "first/model"), merge=True).save_pretrained(folder / "merged")
    with pytest.raises(OptionsError, match=r"is a merged model: its LoRA is part of the weights(.|\n)*lora: null"):
        stage.prepare(made("second", start=folder / "merged"))
    said = []
    ready, _ = stage.train(made("second", start=folder / "merged", lora=None), on_progress=said.append)
    (line,) = [line for line in said if line.startswith("trained are")]
    assert re.fullmatch(
        r"trained are [\d,]+ weights of the projections; the language model is a merged one, and stays as it is", line
    )
    again = EmotionLlama.from_pretrained(str(folder / "second/model"))
    assert again.merged
    assert all(one.requires_grad is False for one in ready.model.language_model.parameters())
    with pytest.raises(OptionsError, match="nothing is trained"):
        stage.prepare(made("third", start=folder / "merged", lora=None, train_projections=False))


def test_a_start_without_lora_gets_new_adapters_and_says_so(on_tones):
    made, folder = on_tones
    stage.train(made("projections", lora=None))
    said = []
    ready = stage.prepare(made("both", start=folder / "projections/model"), on_progress=said.append)
    assert any("has no LoRA: new adapters are added" in line for line in said)
    assert any(re.match(r"trained are [\d,]+ weights of LoRA and [\d,]+ weights of the projections", s) for s in said)
    trained = [name for name, one in ready.joined.named_parameters() if one.requires_grad]
    assert any("lora_A" in name for name in trained)


def test_held_out_speakers_are_nowhere_and_none_is_divided(settings, store):
    ready = stage.prepare(settings(hold_out=("emodb-08",)))
    training, validation = (
        {one.featured.group for one in part} for part in (ready.training, ready.validation)
    )  # fmt: skip
    assert "emodb-08" not in training | validation
    assert training
    assert validation
    assert not training & validation


def test_the_estimate_leaves_no_trace(settings, store):
    ready = stage.prepare(settings())
    state, weights = torch.get_rng_state(), [one.detach().clone() for one in ready.joined.parameters()]
    cost = estimate.estimate(ready)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(weights, ready.joined.parameters(), strict=True))
    assert all(one.grad is None for one in ready.joined.parameters())
    assert cost.steps == ready.steps
    assert "trained" in str(cost)
