import pytest
import torch
from affekt import WeightsError
from affekt_encoding.checkpoints import load_pretrained
from transformers import HubertConfig, HubertForCTC, HubertModel


@pytest.fixture
def config():
    return HubertConfig(
        vocab_size=8, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        conv_dim=(8,) * 7, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2,
    )  # fmt: skip


def test_a_recogniser_gives_its_encoder_without_a_word_on_the_screen(config, tmp_path, capfd):
    recogniser = HubertForCTC(config)
    recogniser.save_pretrained(tmp_path)
    capfd.readouterr()
    network = load_pretrained(HubertModel, tmp_path, dtype="bfloat16")
    assert capfd.readouterr() == ("", "")
    assert network.dtype == torch.bfloat16
    assert not network.training
    wanted = recogniser.hubert.encoder.layers[0].attention.k_proj.weight
    torch.testing.assert_close(network.encoder.layers[0].attention.k_proj.weight, wanted.bfloat16())


def test_a_pytorch_file_gives_the_same_numbers(config, tmp_path):
    model = HubertModel(config).eval()
    config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    sound = torch.randn(1, 4000)
    with torch.inference_mode():
        found = load_pretrained(HubertModel, tmp_path)(sound).last_hidden_state
        torch.testing.assert_close(found, model(sound).last_hidden_state)


class Trap:
    def __reduce__(self):
        return (exec, ("raise SystemExit('code in a checkpoint ran')",))


def test_a_pytorch_file_with_code_is_refused_and_not_run(config, tmp_path):
    config.save_pretrained(tmp_path)
    torch.save({"masked_spec_embed": Trap()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(WeightsError, match="does not load as HubertModel"):
        load_pretrained(HubertModel, tmp_path)


def test_a_checkpoint_that_lacks_weights_is_not_filled_in_at_random(config, tmp_path):
    HubertModel(config).save_pretrained(tmp_path)
    config.num_hidden_layers = 3
    config.save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match=r'weights are missing, such as "encoder\.layers\.2'):
        load_pretrained(HubertModel, tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [({}, "no config.json"), ({"config.json": "{}"}, "neither"),
     ({"config.json": "{}", "model.safetensors": "damaged"}, "does not load")],
)  # fmt: skip
def test_a_folder_without_a_whole_model_is_refused(content, complaint, tmp_path):
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(WeightsError, match=complaint):
        load_pretrained(HubertModel, tmp_path)
