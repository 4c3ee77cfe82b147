"""Checkpoints in the original's layout, made by hand and compared with an independent forward pass."""

import pickle

import pytest
import sentencepiece
import torch
from affekt import DataError, WeightsError
from affekt_emotion_llama import upstream
from affekt_emotion_llama.language.prompt import PromptForm, build
from affekt_emotion_llama.language.sequence import embed
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.streams import pad
from affekt_weights import UnsafeWeights
from tiny_checkpoints import HIDDEN
from torch.nn.functional import linear
from transformers import LlamaForCausalLM

RANK, ALPHA, LAYERS, KEYS = 8, 16, 2, 16
WIDE = {"image": 6, "mae": 5, "videomae": 5, "speech": 5}
PROJECTIONS = {"llama_proj": 24, "feats_llama_proj1": 5, "feats_llama_proj2": 5, "feats_llama_proj3": 5}
PROJECTIONS |= {"cls_tk_llama_proj": 6}
SAID, QUESTION = "we won the final!", "who wins?"


def original() -> dict[str, torch.Tensor]:
    """The `model` table as the original saves it: peft 0.2 names, a dead classifier, rotary buffers."""
    random = torch.Generator().manual_seed(1)
    state = {}
    for layer in range(LAYERS):
        start = f"llama_model.base_model.model.model.layers.{layer}.self_attn"
        for name, out in (("q_proj", HIDDEN), ("v_proj", KEYS)):
            state[f"{start}.{name}.lora_A.weight"] = torch.randn(RANK, HIDDEN, generator=random) / 4
            state[f"{start}.{name}.lora_B.weight"] = torch.randn(out, RANK, generator=random) / 4
        state[f"{start}.rotary_emb.inv_freq"] = torch.ones(4)
    for name, width in PROJECTIONS.items():
        state[f"{name}.weight"] = torch.randn(HIDDEN, width, generator=random) / 2
        state[f"{name}.bias"] = torch.randn(HIDDEN, generator=random) / 2
    return state | {"attention.audio_mlp.0.weight": torch.zeros(3, 3), "attention.fc_att.bias": torch.zeros(3)}


def save(state, folder, **extra):
    path = folder / "checkpoint.pth"
    torch.save(
        {"model": state, "optimizer": {"state": {}}, "config": {"run": "a"}, "scaler": None, "epoch": 29} | extra, path
    )
    return path


@pytest.fixture
def loaded(llama, tmp_path):
    return upstream.load(save(original(), tmp_path), language_model=str(llama))


@pytest.fixture(scope="module")
def features():
    random = torch.Generator().manual_seed(2)
    rows = {"image": 1025, "mae": 7, "videomae": 1, "speech": 9}
    return {slot: torch.randn(count, WIDE[slot], generator=random) for slot, count in rows.items()}


@torch.no_grad()
def independently(llama, features, layout):
    """Logits by transformers alone: LoRA folded in by hand, projections and prompt written out."""
    state, model = {name: one.double() for name, one in original().items()}, LlamaForCausalLM.from_pretrained(llama)
    model = model.double().eval()
    features = {slot: one.double() for slot, one in features.items()}
    for layer, block in enumerate(model.model.layers):
        for name in ("q_proj", "v_proj"):
            start = f"llama_model.base_model.model.model.layers.{layer}.self_attn.{name}"
            update = state[f"{start}.lora_B.weight"] @ state[f"{start}.lora_A.weight"]
            getattr(block.self_attn, name).weight += ALPHA / RANK * update

    def project(name, x):
        return linear(x, state[f"{name}.weight"], state[f"{name}.bias"])

    image = project("llama_proj", features["image"][1:].reshape(256, 24))
    group = [
        project("feats_llama_proj1", features["mae"].mean(0)),
        project("feats_llama_proj2", features["videomae"][0]),
    ]
    group += [
        project("feats_llama_proj3", features["speech"].mean(0)),
        project("cls_tk_llama_proj", features["image"][0]),
    ]
    tokens = torch.cat([image, torch.stack(group)])
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(llama / "tokenizer.model"))
    words = model.model.embed_tokens

    def text(string, *before):
        return words(torch.tensor([*before, *pieces.encode(string)]))

    end = f"</feature> The person in video says: {SAID}.  [reason] {QUESTION}  [/INST]"
    if layout == "paper":
        parts = [text("[INST] <video>", 1), tokens[:256], text("</video> <feature>"), tokens[256:], text(end)]
    else:
        parts = [text("[INST] <video>", 1, 1), tokens, text(f"</video> <feature><FeatureHere>{end}")]
    return model(inputs_embeds=torch.cat(parts)[None]).logits[0]


@torch.no_grad()
def ours(model, features, layout):
    # In double precision: what is compared is the mathematics, not the rounding of float32.
    model.fusion.double(), model.plain.double()
    tokens, mask = model.fusion(*pad([{slot: one.numpy() for slot, one in features.items()}], model.config.dims))
    form = PromptForm(layout=layout)
    prompt = build(model.tokenizer, form, "reason", SAID, asked=QUESTION)
    sequence = embed(model.plain.get_input_embeddings(), prompt, tokens[0], mask[0])
    return model.plain(inputs_embeds=sequence[None]).logits[0]


@pytest.mark.parametrize("layout", ["paper", "upstream-eval"])
def test_a_checkpoint_gives_the_logits_of_an_independent_forward(loaded, llama, features, layout):
    assert loaded.config.dims == WIDE
    expected = independently(llama, features, layout)
    torch.testing.assert_close(ours(loaded, features, layout), expected, atol=1e-5, rtol=1e-5)


def test_newer_names_of_peft_are_the_same_checkpoint(llama, tmp_path, features):
    renamed = {name.replace("lora_A.w", "lora_A.default.w").replace("lora_B.w", "lora_B.default.w"): tensor
               for name, tensor in original().items()}  # fmt: skip
    model = upstream.load(save(renamed, tmp_path), language_model=str(llama))
    torch.testing.assert_close(
        ours(model, features, "paper"), independently(llama, features, "paper"), atol=1e-5, rtol=1e-5
    )


def test_saving_loading_and_converting_back_change_no_bit(loaded, tmp_path, features):
    loaded.save_pretrained(tmp_path / "saved")
    names = {
        path.relative_to(tmp_path / "saved").as_posix() for path in (tmp_path / "saved").rglob("*") if path.is_file()
    }
    assert {"emotion_llama.json", "projections.safetensors", "README.md", "adapter/adapter_model.safetensors"} <= names
    again = EmotionLlama.from_pretrained(str(tmp_path / "saved"))
    assert torch.equal(ours(again, features, "paper"), ours(loaded, features, "paper"))
    merged = EmotionLlama.from_pretrained(str(tmp_path / "saved"), merge=True)
    torch.testing.assert_close(ours(merged, features, "paper"), ours(loaded, features, "paper"), atol=1e-4, rtol=1e-4)
    upstream.write(again, tmp_path / "back.pth")
    back = torch.load(tmp_path / "back.pth", weights_only=True)["model"]
    alive = {name: tensor for name, tensor in original().items() if not upstream.DEAD.search(name)}
    assert back.keys() == alive.keys()
    assert all(torch.equal(back[name], tensor) for name, tensor in alive.items())
    with pytest.raises(WeightsError, match="merged"):
        upstream.write(merged, tmp_path / "no.pth")


def test_everything_that_does_not_fit_is_listed(llama, tmp_path):
    state = original()
    lost = "llama_model.base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight"
    del state[lost]
    state["feats_llama_projX.weight"] = state.pop("feats_llama_proj1.weight")
    state["cls_tk_llama_proj.bias"] = torch.zeros(3)
    with pytest.raises(WeightsError) as raised:
        upstream.load(save(state, tmp_path), language_model=str(llama))
    told = str(raised.value)
    assert f"missing: {lost} [16, 8]" in told
    assert "missing: feats_llama_proj1.weight [32, 1024]" in told
    assert "unexpected: feats_llama_projX.weight [32, 5]" in told
    assert "shape: cls_tk_llama_proj.bias should be [32], found [3]" in told


class Payload:
    def __reduce__(self):
        return (print, ("this must not run",))


def test_a_payload_is_refused_and_not_run(llama, tmp_path, capsys):
    path = save(original(), tmp_path, extra=Payload())
    with pytest.raises(UnsafeWeights, match="could run code"):
        upstream.load(path, language_model=str(llama))
    (tmp_path / "plain.pth").write_bytes(pickle.dumps({"model": Payload()}))
    with pytest.raises(WeightsError):
        upstream.read(tmp_path / "plain.pth")
    (tmp_path / "cut.pth").write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WeightsError, match="no checkpoint"):
        upstream.read(tmp_path / "cut.pth")
    assert capsys.readouterr().out == ""


def test_damaged_folders_are_refused_with_every_tensor_named(loaded, tmp_path):
    loaded.save_pretrained(tmp_path)
    from safetensors.torch import load_file, save_file

    adapters = load_file(tmp_path / "adapter/adapter_model.safetensors")
    dropped = sorted(adapters)[0]
    save_file(
        {name: one for name, one in adapters.items() if name != dropped}, tmp_path / "adapter/adapter_model.safetensors"
    )
    with pytest.raises(WeightsError, match=rf"missing: {dropped}"):
        EmotionLlama.from_pretrained(str(tmp_path))
    (tmp_path / "emotion_llama.json").write_text('{"language_model": 3}')
    with pytest.raises(WeightsError, match="no configuration"):
        EmotionLlama.from_pretrained(str(tmp_path))


def test_features_of_the_wrong_width_are_refused(loaded, features):
    with pytest.raises(DataError, match='"mae" should have 5 columns'):
        ours(loaded, features | {"mae": torch.zeros(3, 1024)}, "paper")
