"""A plugin that needs transformers 4 runs beside transformers 5, in an environment that this test builds."""

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from affekt import Clip, PipelineSpec

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers", minversion="5")

HERE = Path(__file__).parent
CORE = HERE.parents[2] / "core"


@pytest.fixture(scope="module")
def old_python(tmp_path_factory):
    """An interpreter that has core, the plugin, transformers 4 and nothing else of ours."""
    uv = os.environ.get("HATCH_UV") or shutil.which("uv")
    if uv is None:
        pytest.skip("building an environment needs uv on the path, or HATCH_UV")
    folder = tmp_path_factory.mktemp("old")
    python = folder / "env/bin/python"
    environment = {key: value for key, value in os.environ.items() if key not in ("UV_CONSTRAINT", "UV_OVERRIDE")}
    environment["UV_FIND_LINKS"] = os.environ.get("UV_FIND_LINKS") or os.environ.get("PIP_FIND_LINKS", "")
    (folder / "overrides.txt").write_text("triton ; sys_platform == 'never'\n")
    wanted = [str(CORE), str(HERE / "old_hubert"), f"torch=={metadata.version('torch')}"]
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder / "env")],
        [uv, "pip", "install", "--quiet", "--python", str(python), "--override", folder / "overrides.txt", *wanted],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return python


@pytest.fixture(scope="module")
def tiny_hubert(tmp_path_factory):
    """A random HuBERT, saved by transformers 5."""
    torch.manual_seed(0)
    config = transformers.HubertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
    )
    folder = tmp_path_factory.mktemp("hubert")
    transformers.HubertModel(config).save_pretrained(folder)
    return folder


@pytest.mark.network
def test_transformers_4_and_5_meet_in_one_pipeline(old_python, tiny_hubert, clip):
    spec = PipelineSpec.parse(
        f"""
encoders:
  loudness: loudness
  speech: {{use: old-hubert, model: {tiny_hubert}, python: {{path: {old_python}, timeout: 300}}}}
reasoner: loud-is-excited
"""
    )
    with spec.build() as pipeline:
        both, silent = pipeline.gather([clip, Clip(id="silent", missing={"audio": "no audio track"})])
        told = pipeline.encoders["speech"].stands_for()
    assert both.features["speech"].source.startswith("transformers 4.")
    assert silent.missing["speech"] == "no audio track"
    assert (told["distribution"], told["version"]) == ("affekt-old-hubert", "0.4.0")
    assert transformers.__version__.startswith("5.")
    with torch.inference_mode():
        network = transformers.HubertModel.from_pretrained(tiny_hubert).eval()
        here = network(torch.tensor(clip.audio.samples)[None]).last_hidden_state[0].numpy()
    assert np.abs(both.features["speech"].values - here).max() < 1e-5
