import json

import numpy as np
import pytest
import timm
import torch
from affekt import Clip, Features, Missing, OptionsError, WeightsError
from affekt_mae.encoder import MaeEncoder
from affekt_mae.networks import from_timm, from_transformers, load
from affekt_testing import make_clip
from packaging.version import Version
from PIL import Image
from safetensors.torch import save_file
from timm.models.vision_transformer import vit_large_patch16_224
from transformers import ViTMAEConfig, ViTMAEModel

MEETS_META = Version("1.0.31")
"""Older releases of timm build nothing on the meta device."""


def encoded(clip, **options) -> Features:
    (found,) = MaeEncoder.create(**options).encode([clip])
    assert isinstance(found, Features)
    return found


def test_the_recipe_is_the_mean_of_class_tokens_of_unnormalised_faces(network, checkpoint):
    clip = make_clip()
    faces = np.stack([np.asarray(Image.fromarray(face).resize((32, 32))) for face in clip.faces.crops])
    pixels = torch.from_numpy(faces).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        wanted = network.forward_features(pixels)[:, 0]
    found = encoded(clip, model=str(checkpoint), preset="emotion-llama")
    np.testing.assert_allclose(found.values, wanted.mean(dim=0, keepdim=True).numpy(), atol=1e-5)
    assert found.clock()[0] == pytest.approx([0, clip.duration])


@pytest.mark.parametrize("options", [{"tokens": "all", "layer": (0, 1, -1)}, {"norm": "none"}, {"tokens": "mean"}])
def test_transformers_and_maes_own_file_agree(checkpoint, folder, options):
    clip = make_clip(0.3)
    own, theirs = (encoded(clip, model=str(model), **options) for model in (checkpoint, folder))
    np.testing.assert_allclose(own.values, theirs.values, atol=2e-5)


def test_a_folder_of_timm_is_read(network, tmp_path, checkpoint):
    save_file(network.state_dict(), tmp_path / "model.safetensors")
    arguments = {"img_size": 32, "embed_dim": 128, "depth": 2, "num_heads": 2, "mlp_ratio": 2}
    config = {"architecture": "vit_large_patch16_224", "model_args": arguments}
    (tmp_path / "config.json").write_text(json.dumps(config))
    clip = make_clip(0.3)
    np.testing.assert_array_equal(
        encoded(clip, model=str(tmp_path)).values, encoded(clip, model=str(checkpoint)).values
    )


def test_tokens_are_the_class_token_and_then_the_patches(checkpoint):
    clip = make_clip(0.2)
    by_tokens = {
        tokens: encoded(clip, model=str(checkpoint), tokens=tokens).values for tokens in ("all", "cls", "patches")
    }
    whole = by_tokens["all"].reshape(-1, 5, 128)
    np.testing.assert_array_equal(whole[:, 0], by_tokens["cls"])
    np.testing.assert_array_equal(whole[:, 1:].reshape(-1, 128), by_tokens["patches"])


def test_batches_of_any_size_and_half_precision_say_the_same(checkpoint):
    clip = make_clip()
    plain = encoded(clip, model=str(checkpoint)).values
    np.testing.assert_allclose(encoded(clip, model=str(checkpoint), batch_size=4).values, plain, atol=1e-5)
    half = encoded(clip, model=str(checkpoint), dtype="bfloat16").values
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, plain, atol=0.1)


def test_whole_pictures_can_be_looked_at_in_place_of_faces(checkpoint):
    clip = make_clip(0.2)
    faces, pictures = (encoded(clip, model=str(checkpoint), look_at=what).values for what in ("face", "video"))
    assert np.abs(faces - pictures).max() > 1e-3


def test_a_layer_that_the_network_lacks_is_refused(checkpoint):
    with pytest.raises(OptionsError, match=r"no layer \[3\]"):
        encoded(make_clip(0.2), model=str(checkpoint), layer=3)


def test_a_preset_that_does_not_exist_is_refused():
    with pytest.raises(OptionsError, match="emotion-llama"):
        MaeEncoder.create(preset="emotion-lama")


def test_weights_of_another_kind_are_one_clear_error(tmp_path, checkpoint, folder):
    (tmp_path / "config.json").write_text('{"model_type": "hubert"}')
    whole = torch.load(checkpoint, weights_only=False)["model"]
    short, other, code = (tmp_path / name for name in ("short.pth", "other.pth", "code.pth"))
    torch.save({"model": {name: whole[name] for name in whole if name != "norm.bias"}}, short)
    torch.save({"conv1.weight": torch.zeros(3)}, other)
    torch.save({"model": whole, "callback": print}, code)
    (tmp_path / "damaged.pth").write_bytes(checkpoint.read_bytes()[:5000])
    for model, what in (
        (tmp_path, "no masked autoencoder"),
        (short, "norm.bias"),
        (other, "no checkpoint of a masked autoencoder"),
        (code, "could run code"),
        (tmp_path / "damaged.pth", "could run code, or is damaged"),
        (tmp_path / "absent.pth", "absent.pth"),
    ):
        with pytest.raises(WeightsError, match=what):
            load(str(model), None, "cpu", "float32")


def test_a_clip_without_a_face_has_no_peak(checkpoint):
    scene = Clip(id="scene", video=make_clip(0.2).video, missing={"face": "nobody is there"})
    (found,) = MaeEncoder.create(model=str(checkpoint), frames="peak", look_at="video").encode([scene])
    assert found == Missing(reason="no peak frame without action units: nobody is there")


def test_the_published_network_is_of_its_size():
    with torch.device("meta"):
        large = ViTMAEConfig(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096)
        networks = [from_transformers(ViTMAEModel(large))]
        if Version(timm.__version__) >= MEETS_META:
            networks.append(from_timm(vit_large_patch16_224(num_classes=0)))
        for network in networks:
            # ViT-L/16 of the paper's table: 304 M with the head of 1000 classes, which is 1.025 M of them.
            assert sum(weight.numel() for weight in network.module.parameters()) == 303_301_632
            assert (len(network.blocks), network.size) == (24, 224)
            shapes = []
            network.norm.register_forward_hook(lambda *seen, shapes=shapes: shapes.append(seen[-1].shape))
            network.run(torch.zeros(1, 3, 224, 224))
            assert shapes == [torch.Size([1, 197, 1024])]
