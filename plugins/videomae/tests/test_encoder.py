import numpy as np
import pytest
import torch
from affekt import Features, OptionsError, WeightsError
from affekt_encoding.frames import segments
from affekt_testing import make_clip, make_clips
from affekt_videomae.encoder import VideoMaeEncoder
from PIL import Image
from transformers import VideoMAEConfig, VideoMAEModel


def encoded(clip, **options) -> Features:
    (found,) = VideoMaeEncoder.create(**options).encode([clip])
    assert isinstance(found, Features)
    return found


def test_the_recipe_is_the_mean_of_all_tokens_before_the_norm(pretrained, checkpoint):
    clip = make_clip()
    crops = clip.faces.crops[segments(len(clip.faces.crops), 8, 2)]
    faces = np.stack([np.asarray(Image.fromarray(face).resize((32, 32), Image.BILINEAR)) for face in crops])
    pixels = torch.from_numpy(faces).permute(0, 3, 1, 2)[None] / 255
    with torch.no_grad():
        wanted = pretrained.videomae.encoder(pretrained.videomae.embeddings(pixels, None)).last_hidden_state
    assert wanted.shape == (1, 32, 128)
    found = encoded(clip, model=str(checkpoint), size=32, preset="emotion-llama")
    np.testing.assert_allclose(found.values, wanted.mean(dim=1).numpy(), atol=1e-5)
    assert found.clock()[0] == pytest.approx([0, clip.duration])


@pytest.mark.parametrize("options", [{"layer": (0, -1), "patches": "all"}, {"norm": "none"}, {"look_at": "video"}])
def test_transformers_and_videomaes_own_file_agree(checkpoint, folder, options):
    clip = make_clip()
    own, theirs = (encoded(clip, model=str(model), size=32, **options) for model in (checkpoint, folder))
    np.testing.assert_array_equal(own.clock(), theirs.clock())
    np.testing.assert_allclose(own.values, theirs.values, atol=2e-5)


def test_a_row_is_a_pair_of_frames_and_has_its_share_of_the_clip(folder, pretrained):
    found = encoded(make_clip(), model=str(folder), layer=(0, 2))
    assert found.values.shape == (8, 256)
    np.testing.assert_allclose(found.clock()[:, 0], np.arange(8) * 0.15)
    whole = encoded(make_clip(), model=str(folder), layer=(0, 2), patches="all")
    np.testing.assert_allclose(whole.values.reshape(8, 4, 256).mean(axis=1), found.values, atol=1e-5)


def test_fewer_frames_than_sixteen_are_spread(folder):
    assert encoded(make_clip(0.2), model=str(folder)).values.shape == (8, 128)


def test_batches_of_any_size_say_the_same(folder):
    clips = make_clips()
    for one, many in zip(
        VideoMaeEncoder(model=str(folder), batch_size=1).encode(clips),
        VideoMaeEncoder(model=str(folder), batch_size=3).encode(clips),
        strict=True,
    ):
        np.testing.assert_allclose(one.values, many.values, atol=1e-5)


def test_a_fine_tuned_file_has_no_last_norm(checkpoint, tmp_path):
    own = torch.load(checkpoint, weights_only=False)["model"]
    tuned = {name.removeprefix("encoder."): weight for name, weight in own.items() if ".norm." not in name}
    torch.save(
        {"module": tuned | {"fc_norm.weight": torch.ones(128), "head.weight": torch.ones(7, 128)}}, tmp_path / "a.pth"
    )
    clip = make_clip()
    raw = encoded(clip, model=str(checkpoint), size=32, norm="none")
    np.testing.assert_allclose(encoded(clip, model=str(tmp_path / "a.pth"), size=32).values, raw.values, atol=1e-5)


def test_what_does_not_fit_is_one_clear_error(checkpoint, folder, tmp_path):
    torch.save({"model": {"conv1.weight": torch.zeros(3)}}, tmp_path / "other.pth")
    (tmp_path / "config.json").write_text('{"model_type": "hubert"}')
    with pytest.raises(WeightsError, match="no checkpoint of VideoMAE"):
        encoded(make_clip(), model=str(tmp_path / "other.pth"))
    with pytest.raises(WeightsError, match="safetensors"):
        encoded(make_clip(), model=str(tmp_path))
    with pytest.raises(OptionsError, match=r"no layer \[9\]"):
        encoded(make_clip(), model=str(folder), layer=9)


def test_the_published_network_is_of_its_size():
    with torch.device("meta"):
        large = VideoMAEConfig(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096)
        network = VideoMAEModel(large)
        # ViT-L of the paper: 305 M with its head of 400 classes; the table of positions is no parameter.
        assert sum(weight.numel() for weight in network.parameters()) == 303_858_688
        assert network(torch.zeros(1, 16, 3, 224, 224)).last_hidden_state.shape == (1, 1568, 1024)
