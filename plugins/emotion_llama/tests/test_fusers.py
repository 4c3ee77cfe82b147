import numpy as np
import pytest
import torch
from affekt import DataError, Evidence, OptionsError, WeightsError
from affekt_emotion_llama.attention import AttentionFuser
from affekt_emotion_llama.conv_attention import ConvAttentionFuser
from affekt_emotion_llama.linear import LinearFuser
from affekt_emotion_llama.projections import Projection
from affekt_emotion_llama.saved import ModelConfig, write_config, write_fusion
from affekt_emotion_llama.streams import FusionModule, Reading, TrainableFuser, pad
from affekt_testing import FuserSuite, make_evidence

PAPER = {"image": 1408, "mae": 1024, "videomae": 1024, "speech": 1024}
V2 = {"image": 1408, "video": 1408, "speech": 1280}
KINDS = (
    LinearFuser(projections=(Projection(name="a", slot="speech", take="mean-std"), Projection(name="b", slot="face"))),
    ConvAttentionFuser(
        streams=(Reading(slot="speech", tokens=3), Reading(slot="face", tokens=3)),
        projections=(Projection(name="a", slot="speech", tokens=2), Projection(name="b", slot="face")),
    ),
    AttentionFuser(streams=("speech", "face")),
)


def save(fuser, name, folder, dims, hidden=8):
    """A saved model with random weights, without a language model to run."""
    torch.manual_seed(0)
    module = fuser.module(dims, hidden)
    options = fuser.model_dump(mode="json", exclude={"model", "revision", "device"})
    form = {"video_tokens": module.video_tokens, "feature_tokens": module.tokens - module.video_tokens}
    use = {"use": name, "options": options}
    config = {"language_model": "none", "fuser": use, "dims": dims, "hidden": hidden, "prompt": form}
    write_config(ModelConfig.model_validate(config), folder)
    write_fusion(module, folder)
    return str(folder)


class TestLinear(FuserSuite):
    component = LinearFuser

    @pytest.fixture
    def options(self, tmp_path):
        return {"model": save(KINDS[0], "linear", tmp_path, {"speech": 4, "face": 5})}


class TestConvAttention(FuserSuite):
    component = ConvAttentionFuser

    @pytest.fixture
    def options(self, tmp_path):
        return {"model": save(KINDS[1], "conv-attention", tmp_path, {"speech": 4, "face": 5})}


class TestAttention(FuserSuite):
    component = AttentionFuser

    @pytest.fixture
    def options(self, tmp_path):
        return {"model": save(KINDS[2], "attention", tmp_path, {"speech": 4, "face": 5})}


def test_the_papers_projections_have_upstreams_names_sizes_and_order():
    with torch.device("meta"):
        module = LinearFuser().module(PAPER, 4096)
    sizes = {name.removesuffix(".weight"): one.numel() for name, one in module.named_parameters() if one.ndim == 2}
    biased = {name: count + 4096 for name, count in sizes.items()}
    assert biased == {
        "llama_proj": 23_072_768,
        "feats_llama_proj1": 4_198_400,
        "feats_llama_proj2": 4_198_400,
        "feats_llama_proj3": 4_198_400,
        "cls_tk_llama_proj": 5_771_264,
    }
    assert (module.tokens, module.video_tokens) == (260, 256)


def test_v2_has_448_tokens_and_the_names_of_its_checkpoints():
    with torch.device("meta"):
        module = ConvAttentionFuser().module(V2, 4096)
    assert module.tokens == 448
    shapes = {name.removeprefix("own."): tuple(one.shape) for name, one in module.named_parameters()}
    assert shapes["llama_proj.weight"] == (4096, 5632)
    assert shapes["llama_proj_video.weight"] == (4096, 1408)
    assert shapes["llama_proj_audio.weight"] == (4096, 1280)
    assert shapes["llama_proj_fusion.weight"] == (4096, 256)
    assert shapes["conv_pro_module.conv_entry.weight"] == (128, 384, 1)
    assert shapes["conv_pro_module.conv_module.conv_blocks.3.conv_block.0.weight"] == (128, 128, 3)


def test_image_tokens_are_four_patches_in_a_row():
    """Raster order: token k holds patches 4k to 4k+3 after the CLS token, side by side."""
    patches = Projection(name="p", slot="image", take="rows", first=1, tokens=2, join=4)
    rows = torch.arange(9 * 3, dtype=torch.float32).reshape(1, 9, 3)
    vectors, _ = patches.vectors(rows, torch.ones(1, 9, dtype=torch.bool))
    assert vectors[0, 0].tolist() == list(range(3, 15))
    assert vectors[0, 1].tolist() == list(range(15, 27))


def test_pooling_is_adaptive_average_pooling_of_a_clips_own_rows():
    generator = torch.Generator().manual_seed(0)
    clips = [torch.randn(length, 6, generator=generator) for length in (7, 3, 1)]
    rows, masks = pad([{"s": clip.numpy()} for clip in clips], {"s": 6})
    found, _ = Reading(slot="s", tokens=4).vectors(rows["s"], masks["s"])
    for own, clip in zip(found, clips, strict=True):
        torch.testing.assert_close(own, torch.nn.functional.adaptive_avg_pool1d(clip.T, 4).T)
    spread, _ = Reading(slot="s", take="mean-std").vectors(rows["s"], masks["s"])
    torch.testing.assert_close(spread[0, 0, 6:], clips[0].std(dim=0, correction=0))


@pytest.mark.parametrize("fuser", KINDS, ids=lambda fuser: type(fuser).__name__)
def test_modules_keep_the_protocol_and_every_weight_learns(fuser):
    module = fuser.module({"speech": 4, "face": 5}, 8)
    assert isinstance(fuser, TrainableFuser)
    assert isinstance(module, FusionModule)
    arrays = [{slot: one.values for slot, one in known.features.items()} for known in make_evidence()]
    tokens, mask = module(*pad(arrays, {"speech": 4, "face": 5}))
    assert tokens.shape == (3, module.tokens, 8)
    assert mask[0].all()
    assert not mask[2].all(), "the third clip has no face"
    (tokens * mask[:, :, None]).square().sum().backward()
    assert all(one.grad is not None and one.grad.abs().sum() > 0 for one in module.parameters())


def test_standardised_columns_have_mean_0_and_spread_1():
    module = LinearFuser(projections=(Projection(name="a", slot="s", standardise=True),)).module({"s": 4}, 8)
    rows, masks = pad([{"s": np.full((2, 4), k, np.float32) * [1, 10, 100, 0]} for k in range(50)], {"s": 4})
    with pytest.raises(DataError, match='"s" should have 4 columns'):
        pad([{"s": np.zeros((2, 3), np.float32)}], {"s": 4})
    module.fit_scale(rows, masks)
    torch.testing.assert_close(module.a_centre, torch.tensor([24.5, 245, 2450, 0]))
    before = module.a.weight.clone()
    module(rows, masks)[0].sum().backward()
    assert torch.equal(module.a.weight, before)
    assert "a_spread" in module.state_dict()


def test_features_of_another_width_nan_and_too_few_patches_are_data_errors(tmp_path):
    model = save(KINDS[0], "linear", tmp_path, {"speech": 3, "face": 5})
    with pytest.raises(DataError, match='"speech" should have 3 columns'):
        LinearFuser(model=model).fuse(make_evidence())
    with pytest.raises(DataError, match="NaN"):
        pad([{"s": np.full((2, 4), np.nan, np.float32)}], {"s": 4})
    few = Projection(name="p", slot="image", take="rows", first=1, tokens=2, join=4)
    with pytest.raises(DataError, match='"image" should have 9 rows; found 5'):
        few.vectors(torch.zeros(1, 5, 3), torch.ones(1, 5, dtype=torch.bool))


def test_a_fuser_without_weights_or_with_anothers_says_so(tmp_path):
    with pytest.raises(WeightsError, match="no weights"):
        LinearFuser().fuse([Evidence(clip=make_evidence()[0].clip)])
    model = save(KINDS[2], "attention", tmp_path, {"speech": 4, "face": 5})
    with pytest.raises(WeightsError, match=r"has the fuser attention(.|\n)*Try: use: attention"):
        LinearFuser(model=model).fuse(make_evidence())


def test_projections_that_cannot_be_told_apart_are_refused():
    twice = (Projection(name="a", slot="s"), Projection(name="a", slot="t"))
    with pytest.raises(OptionsError, match="stands twice"):
        LinearFuser(projections=twice).module({"s": 1, "t": 1}, 2)
    late = (Projection(name="a", slot="s"), Projection(name="b", slot="t", place="video"))
    with pytest.raises(OptionsError, match="come first"):
        LinearFuser(projections=late).module({"s": 1, "t": 1}, 2)
