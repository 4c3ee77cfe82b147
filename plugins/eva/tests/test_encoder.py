import numpy as np
import pytest
import timm
import torch
from affekt import Clip, Features, Missing, OptionsError, WeightsError
from affekt_eva.encoder import EvaEncoder
from affekt_eva.networks import load
from affekt_testing import make_clip
from packaging.version import Version
from PIL import Image
from torch.nn.functional import interpolate, layer_norm

MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def encoded(clip, **options) -> Features:
    (found,) = EvaEncoder.create(**options).encode([clip])
    assert isinstance(found, Features)
    return found


def test_the_recipe_is_the_first_blocks_on_a_widened_table_of_positions(network, folder):
    clip = make_clip()
    frame = np.asarray(Image.fromarray(clip.video.frames[0]).resize((112, 112), Image.BICUBIC)) / 255
    pixels = torch.from_numpy((frame - MEAN) / DEVIATION).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        table = network.pos_embed[:, 1:].reshape(1, 4, 4, 64).permute(0, 3, 1, 2)
        wide = interpolate(table, size=(8, 8), mode="bicubic", align_corners=False).flatten(2).transpose(1, 2)
        patches = network.patch_embed.proj(pixels).flatten(2).transpose(1, 2)
        states = torch.cat([network.cls_token + network.pos_embed[:, :1], patches + wide], dim=1)
        for block in network.blocks[:-1]:
            states = block(states)
    found = encoded(clip, model=str(folder), preset="emotion-llama", size=112, layer=2)
    assert found.values.shape == (65, 64)
    np.testing.assert_allclose(found.values, layer_norm(states, (64,))[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(found.clock(), [[0, clip.duration]] * 65)


def test_a_clip_without_a_face_has_no_peak(folder):
    scene = Clip(id="scene", video=make_clip(0.2).video, missing={"face": "nobody is there"})
    (answer,) = EvaEncoder.create(model=str(folder), frames="peak", look_at="video").encode([scene])
    assert answer == Missing(reason="no peak frame without action units: nobody is there")


def test_class_token_and_patches_are_both_within_reach(folder):
    clip = make_clip()
    rows = {
        tokens: encoded(clip, model=str(folder), tokens=tokens, frames="uniform", count=2).values
        for tokens in ("all", "cls", "patches", "mean")
    }
    whole = rows["all"].reshape(2, 17, 64)
    np.testing.assert_allclose(whole[:, 0], rows["cls"], atol=1e-5)
    np.testing.assert_allclose(whole[:, 1:].reshape(-1, 64), rows["patches"], atol=1e-5)
    np.testing.assert_allclose(whole[:, 1:].mean(axis=1), rows["mean"], atol=1e-5)


def test_timm_and_the_file_of_blip_agree(folder, checkpoint):
    clip = make_clip()
    theirs, blips = (encoded(clip, model=str(model), tokens="all", layer=(0, 2, -1)) for model in (folder, checkpoint))
    np.testing.assert_allclose(theirs.values, blips.values, atol=0.02)  # the file is in half precision


def test_the_last_layer_is_what_the_network_itself_gives(network, folder, eva_02):
    clip = make_clip()
    for model in (folder, eva_02):
        ours = load(str(model), None, None, "cpu", "float32")
        frame = np.asarray(Image.fromarray(clip.video.frames[0]).resize((56, 56), Image.BICUBIC)) / 255
        pixels = torch.from_numpy((frame - MEAN) / DEVIATION).permute(2, 0, 1)[None].float()
        with torch.no_grad():
            wanted = ours.fc_norm(ours.forward_features(pixels))[0].numpy()
        np.testing.assert_allclose(encoded(clip, model=str(model), tokens="all").values, wanted, atol=1e-4)


def test_half_precision_says_about_the_same(folder):
    clip = make_clip()
    whole, half = (encoded(clip, model=str(folder), dtype=dtype).values for dtype in ("float32", "bfloat16"))
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, whole, atol=0.2)


def test_what_does_not_fit_is_one_clear_error(folder, tmp_path):
    torch.save({"conv1.weight": torch.zeros(3)}, tmp_path / "other.pth")
    (tmp_path / "config.json").write_text('{"architecture": "resnet18"}')
    for model, what in (
        (tmp_path / "other.pth", "no vision tower of EVA-CLIP"),
        (tmp_path, "a resnet18, no EVA"),
        (tmp_path / "nowhere", "nowhere"),
    ):
        with pytest.raises(WeightsError, match=what):
            load(str(model), None, None, "cpu", "float32")
    with pytest.raises(OptionsError, match=r"no layer \[7\]"):
        encoded(make_clip(), model=str(folder), layer=7)


@pytest.mark.skipif(
    Version(timm.__version__) < Version("1.0.31"), reason="older timm builds nothing on the meta device"
)
def test_the_published_networks_are_of_their_size():
    with torch.device("meta"):
        giant = timm.create_model("eva_giant_patch14_clip_224", num_classes=0, img_size=448)
        # EVA's paper: 1011 M at 224 pixels; 768 more positions of 1408 columns at 448.
        assert sum(weight.numel() for weight in giant.parameters()) == 1_011_146_112 + 768 * 1408
        assert len(giant.blocks) == 40
        assert giant.forward_features(torch.zeros(1, 3, 448, 448)).shape == (1, 1025, 1408)
        large = timm.create_model("eva02_large_patch14_448", num_classes=0)
        assert sum(weight.numel() for weight in large.parameters()) == 304_055_232  # EVA-02's paper: 304 M
        assert large.num_features == 1024
