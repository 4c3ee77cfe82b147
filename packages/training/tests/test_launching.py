"""Several processes, quantised weights, and the time until the first step."""

import subprocess
import sys
from importlib.resources import files

import pytest
import tiny
import tones
import torch
from accelerate.commands.config.config_args import load_config_from_file
from affekt import OptionsError
from affekt_emotion_llama import language_model as language
from affekt_training import config, processes, stage
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
def test_accelerate_reads_the_configurations_that_come_along(name):
    file = files("affekt_training").joinpath(f"presets/accelerate/{name}.yaml")
    read = load_config_from_file(str(file))
    assert read.distributed_type == name.upper()
    assert (read.num_processes, read.mixed_precision) == (4, "bf16")
    assert name not in config.presets()
    if name == "fsdp":
        from accelerate import FullyShardedDataParallelPlugin

        given = {key.removeprefix("fsdp_"): value for key, value in read.fsdp_config.items()}
        given["fsdp_version"] = given.pop("version")
        wrapped = given.pop("transformer_layer_cls_to_wrap")
        offload = {"cpu_offload": given.pop("offload_params")}
        plugin = FullyShardedDataParallelPlugin(**given, **offload, transformer_cls_names_to_wrap=[wrapped])
        assert plugin.fsdp_version == 2


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


def test_quantised_weights_without_a_gpu_are_refused_with_what_to_do(llama, tmp_path, monkeypatch):
    monkeypatch.setattr(language, "find_spec", lambda name: object())
    told = tones.changes(tones.write(tmp_path / "tones", 4), tmp_path / "store") | {"bits": 4}
    with pytest.raises(OptionsError, match=r"(?s)CUDA GPU only.*Try: bits: null"):
        stage.prepare(config.StageConfig.model_validate(tiny.configuration(llama, tmp_path / "run", **told)))


def test_the_benchmark_measures_the_start_of_training(llama, tmp_path):
    starting = pytest.importorskip("affekt_benchmark.starting")
    found = starting.of_training(tmp_path, str(llama), rounds=1)
    assert found.ratio > 0
