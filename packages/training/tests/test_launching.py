"""Several processes, quantised weights, and the time until the first step."""

import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest
import tiny
import tones
import torch
from accelerate import DeepSpeedPlugin, FullyShardedDataParallelPlugin
from accelerate.commands import launch
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env
from affekt import OptionsError
from affekt_emotion_llama.language import language_model as language
from affekt_emotion_llama.model import EmotionLlama
from affekt_training import calibration, config, processes, stage
from transformers import AutoModelForCausalLM


def test_a_launcher_that_starts_one_process_of_two_is_refused(llama, tmp_path):
    told = tones.changes(tones.write(tmp_path / "tones", 4), tmp_path / "store")
    file = tiny.write(tiny.configuration(llama, tmp_path / "run", **told), tmp_path / "stage.yaml")
    command = [sys.executable, "-m", "accelerate.commands.launch", "--num_processes", "2", "--cpu"]
    done = subprocess.run([*command, "-m", "affekt_cli", "train", str(file)], capture_output=True, text=True)
    assert done.returncode != 0
    assert "asked for 2 processes and started one" in " ".join(done.stderr.split())
    assert "torchrun --nproc_per_node 2" in " ".join(done.stderr.split())
    assert not (tmp_path / "run").exists()


def test_a_launch_is_judged_by_what_its_launcher_sets():
    launched = {"ACCELERATE_MIXED_PRECISION": "no", "MASTER_ADDR": "127.0.0.1"}
    with pytest.raises(OptionsError, match="asked for 3 processes"):
        processes.check_launch(launched, ["accelerate", "launch", "--num-processes=3"])
    with pytest.raises(OptionsError, match="asked for several"):
        processes.check_launch(launched, [])
    processes.check_launch({**launched, "WORLD_SIZE": "2"}, [])  # torchrun, or accelerate with GPUs
    processes.check_launch({"ACCELERATE_MIXED_PRECISION": "no"}, [])  # accelerate launch --num_processes 1
    processes.check_launch({"MASTER_ADDR": "10.0.0.1"}, [])  # a cluster's own variable
    processes.check_state(2, {"WORLD_SIZE": "2"})
    with pytest.raises(OptionsError, match=r"(?s)2 processes were started, and 1 would train.*Try: one launcher"):
        processes.check_state(1, {"WORLD_SIZE": "2"})


@pytest.mark.parametrize("name", ["fsdp", "deepspeed"])
def test_accelerate_launches_with_the_configurations_that_come_along(name, monkeypatch):
    """As `accelerate launch` reads a file, and as a process that it starts reads the environment it is given."""
    file = files("affekt_training").joinpath(f"presets/accelerate/{name}.yaml")
    read = load_config_from_file(str(file))
    assert read.distributed_type == name.upper()
    assert (read.num_processes, read.mixed_precision) == (4, "bf16")
    assert name not in config.presets()
    asked, _, _ = launch._validate_launch_command(
        launch.launch_command_parser().parse_args(["--config_file", str(file), "-m", "affekt_cli"])
    )
    assert (asked.use_fsdp, asked.use_deepspeed) == (name == "fsdp", name == "deepspeed")
    if name == "fsdp":
        given = prepare_multi_gpu_env(asked)
    else:
        asked.deepspeed_fields_from_accelerate_config = ",".join(read.deepspeed_config)
        _, given = prepare_deepspeed_cmd_env(asked)
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    if name == "fsdp":
        plugin = FullyShardedDataParallelPlugin()
        assert plugin.fsdp_version == 2
        assert plugin.transformer_cls_names_to_wrap == ["LlamaDecoderLayer"]
        assert (plugin.reshard_after_forward, plugin.cpu_ram_efficient_loading) == (True, False)
        assert plugin.mixed_precision_policy is None or plugin.mixed_precision_policy.param_dtype == torch.bfloat16
    else:
        plugin = DeepSpeedPlugin()
        assert plugin.deepspeed_config["zero_optimization"]["stage"] == 2
        assert plugin.deepspeed_config["gradient_clipping"] == 1.0
        assert plugin.deepspeed_config["gradient_accumulation_steps"] == "auto"
    assert given["ACCELERATE_MIXED_PRECISION"] == "bf16"


@pytest.mark.parametrize("bits", [4, 8])
def test_quantised_weights_are_loaded_onto_the_gpu_of_their_process(llama, tmp_path, monkeypatch, bits):
    """What transformers is asked for; the weights stay whole here, because there is no GPU."""
    asked, real = {}, AutoModelForCausalLM.from_pretrained
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(language, "find_spec", lambda name: object())
    monkeypatch.setattr(language.BitsAndBytesConfig, "post_init", lambda self: None)
    monkeypatch.setenv("LOCAL_RANK", "1")

    def loaded(folder, **options):
        asked.update(options)
        return real(folder, dtype=torch.float16)

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", loaded)
    monkeypatch.setattr(torch.nn.Module, "to", lambda self, *place, **kind: asked.update(fusion=place) or self)
    told = tones.changes(tones.write(tmp_path / "tones", 4), tmp_path / "store")
    settings = config.StageConfig.model_validate(
        tiny.configuration(llama, tmp_path / "run", bits=bits, dtype="float16", **told)
    )
    model = stage.initial(settings, [stage.gather_part(settings, settings.data[0]).samples])
    assert asked["device_map"] == {"": "cuda:1"}
    assert asked["fusion"] == ("cuda:1",)
    quantised = asked["quantization_config"]
    assert (quantised.load_in_4bit, quantised.load_in_8bit) == (bits == 4, bits == 8)
    trained = {name for name, one in model.language_model.named_parameters() if one.requires_grad}
    assert trained
    assert all("lora_" in name for name in trained)
    norms = [one for name, one in model.language_model.named_parameters() if "norm" in name]
    assert {one.dtype for one in norms} == {torch.float32}  # prepared for training on quantised weights


@pytest.mark.parametrize("bits", [4, 8])
def test_adapters_train_on_quantised_weights_of_a_cpu_and_are_loaded_onto_them_again(llama, tmp_path, bits):
    pytest.importorskip("bitsandbytes")
    told = tones.changes(tones.write(tmp_path / "tones", 4), tmp_path / "store") | {"bits": bits, "epochs": 2}
    ready, report = stage.train(config.StageConfig.model_validate(tiny.configuration(llama, tmp_path / "run", **told)))
    assert report["training_loss"] > 0
    layers = {type(one).__name__ for one in ready.model.plain.modules()}
    assert ("Linear4bit" if bits == 4 else "Linear8bitLt") in layers
    changed = [one for name, one in ready.joined.named_parameters() if "lora_B" in name]
    assert all(one.abs().sum() > 0 for one in changed)
    again = EmotionLlama.from_pretrained(str(tmp_path / "run/model"), bits=bits)
    asked = [one for one in ready.training if one.label is not None][:4]
    np.testing.assert_allclose(
        calibration.scores(ready.model, asked), calibration.scores(again, asked), atol=1e-3 if bits == 4 else 0.05
    )


def test_the_two_settings_of_a_device_that_cannot_quantise_are_refused_with_what_to_do(llama):
    with pytest.raises(OptionsError, match=r"(?s)no CUDA GPU.*Try: device: cpu"):
        language.load(str(llama), bits=4, device="cuda:0")
    with pytest.raises(OptionsError, match=r'(?s)device is "mps".*Try: device: cuda'):
        language.load(str(llama), bits=8, device="mps")


def test_the_benchmark_measures_the_start_of_training(llama, tmp_path):
    starting = pytest.importorskip("affekt_benchmark.costs.starting")
    found = starting.of_training(tmp_path, str(llama), rounds=1)
    assert found.ratio > 0
