import pytest
import torch
from affekt import WeightsError
from affekt_llama import checkpoint
from transformers import AutoModelForCausalLM, AutoTokenizer


def test_gguf_is_converted_once_and_says_the_same(tiny_gguf, own_cache):
    loaded = checkpoint.load(str(tiny_gguf))
    (folder,) = (path for path in own_cache.iterdir() if path.name.startswith("gguf-"))
    assert (folder / "model.safetensors").is_file()
    written = (folder / "model.safetensors").stat().st_mtime_ns

    ids = torch.arange(2, 20).unsqueeze(0)
    original = AutoModelForCausalLM.from_pretrained(tiny_gguf.parent, gguf_file=tiny_gguf.name, dtype=torch.float32)
    with torch.no_grad():
        torch.testing.assert_close(loaded.model(ids).logits, original(ids).logits, atol=0.02, rtol=0.01)
    own = AutoTokenizer.from_pretrained(tiny_gguf.parent, gguf_file=tiny_gguf.name)
    assert loaded.tokenizer("happy sad")["input_ids"] == own("happy sad")["input_ids"]
    assert loaded.tokenizer.chat_template == own.chat_template

    checkpoint.load(str(tiny_gguf.parent))
    assert (folder / "model.safetensors").stat().st_mtime_ns == written


def test_a_converted_model_can_be_tuned_and_saved(tiny_gguf, own_cache, tmp_path):
    model = checkpoint.load(str(tiny_gguf)).model
    assert not any(parameter.is_meta for parameter in model.parameters())
    model(input_ids=torch.tensor([[2, 3]]), labels=torch.tensor([[2, 3]])).loss.backward()
    model.save_pretrained(tmp_path / "saved")


def test_a_folder_without_a_model_is_one_clear_error(tmp_path):
    (tmp_path / "readme.txt").touch()
    with pytest.raises(WeightsError, match=r"found readme\.txt"):
        checkpoint.local(str(tmp_path))
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).touch()
    with pytest.raises(WeightsError, match=r"found a\.gguf, b\.gguf(.|\n)*Try: model="):
        checkpoint.local(str(tmp_path))
