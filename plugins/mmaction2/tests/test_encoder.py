import numpy as np
import pytest
import torch
from affekt import Features, OptionsError, WeightsError
from affekt_encoding.frames import spread
from affekt_mmaction2.encoder import Mmaction2Encoder
from affekt_mmaction2.imports import registries
from affekt_mmaction2.recognizers import read_config, without_downloads
from affekt_mmaction2.stages import pathways
from affekt_testing import make_clip


def encoded(clip, config, checkpoint, **options) -> Features:
    (found,) = Mmaction2Encoder.create(config=str(config), checkpoint=str(checkpoint), **options).encode([clip])
    assert isinstance(found, Features)
    return found


def inputs_of(clip, config, name):
    """One window as MMAction2's own pipeline and preprocessor make it: an entry a crop."""
    from mmengine.dataset import Compose
    from mmengine.registry import DefaultScope

    settings = read_config(str(config))
    frames = list(clip.video.frames[spread(len(clip.video.frames), 8)])
    shape = {"original_shape": (48, 64), "img_shape": (48, 64), "modality": "RGB"}
    counts = {"num_clips": 8, "clip_len": 1} if name == "tsm" else {"num_clips": 1, "clip_len": 8}
    with DefaultScope.overwrite_default_scope("mmaction"):
        packed = Compose(settings.test_pipeline[3:])({"imgs": frames, **shape, **counts})
        normalised = registries()[0].build(settings.model.data_preprocessor)(
            {"inputs": [packed["inputs"]], "data_samples": None}
        )
    return normalised["inputs"][0]


def averaged(found, tokens):
    """A vector an input, of three crops that are averaged in turn."""
    rows = found.mean(dim=1) if tokens and found.ndim == 3 else found.flatten(2).mean(2) if found.ndim > 2 else found
    return rows.reshape(3, -1, rows.shape[-1]).mean(dim=0)


@pytest.mark.parametrize(
    ("name", "width"), [("videomae", 32), ("slowfast", 64 + 16), ("swin", 32), ("uniformer", 32), ("tsm", 512)]
)
def test_features_are_those_of_mmactions_own_recogniser(recogniser, name, width):
    config, checkpoint, backbone = recogniser(name)
    clip = make_clip(0.6)  # one window
    found = encoded(clip, config, checkpoint)
    with torch.no_grad():
        maps = backbone(inputs_of(clip, config, name))
    wanted = torch.cat([averaged(path, False) for path in (maps if isinstance(maps, tuple) else (maps,))], dim=1)
    assert found.values.shape == (8 if name == "tsm" else 1, width)
    np.testing.assert_allclose(found.values, wanted.numpy(), rtol=1e-4, atol=1e-4)


LAYERS = {
    "videomae": ["blocks.0"],
    "slowfast": ["slow_path.layer1", "fast_path.layer1"],
    "swin": ["layers.0"],
    "uniformer": ["blocks1.0"],
    "tsm": ["layer1"],
}
"""What leaves layer 1 of each backbone, pathway by pathway."""


@pytest.mark.parametrize("name", LAYERS)
def test_layers_stand_side_by_side_and_are_those_of_the_backbone(recogniser, name):
    config, checkpoint, backbone = recogniser(name)
    clip = make_clip(0.6)
    both, entering, first, last = (
        encoded(clip, config, checkpoint, layer=layer).values for layer in ((1, -1), 0, 1, -1)
    )
    np.testing.assert_array_equal(both, np.concatenate([first, last], axis=1))
    assert len(entering) == len(first)
    kept = []
    hooks = [
        backbone.get_submodule(path).register_forward_hook(lambda _, given, output: kept.append(output))
        for path in LAYERS[name]
    ]
    with torch.no_grad():
        backbone(inputs_of(clip, config, name))
    for hook in hooks:
        hook.remove()
    wanted = torch.cat([averaged(found, tokens=True) for found in kept], dim=1)
    np.testing.assert_allclose(first, wanted.numpy(), rtol=1e-4, atol=1e-4)


def test_a_layer_that_the_backbone_lacks_is_refused(recogniser):
    config, checkpoint, _ = recogniser("slowfast", "CenterCrop")
    with pytest.raises(OptionsError, match=r"no layer \[5\]\nTry: from 0 to 4"):
        encoded(make_clip(), config, checkpoint, layer=5)
    with pytest.raises(OptionsError, match="nobody knows where the layers of Linear are\nTry: layer: -1"):
        pathways(torch.nn.Linear(1, 1))


def test_a_long_clip_has_a_row_for_each_window_it_was_trained_on(recogniser):
    config, checkpoint, _ = recogniser("videomae", "CenterCrop")
    found = encoded(make_clip(3.0), config, checkpoint)  # windows of 8 × 2 / 30 s
    assert found.values.shape == (6, 32)
    np.testing.assert_allclose(found.clock(), [[0.5 * row, 0.5 * row + 0.5] for row in range(6)])
    slower = encoded(make_clip(3.0), config, checkpoint, trained_fps=10, pool="mean")
    assert slower.values.shape == (1, 32)


def test_faces_can_be_looked_at_in_place_of_scenes(recogniser):
    config, checkpoint, _ = recogniser("videomae", "CenterCrop")
    faces, scene = (encoded(make_clip(), config, checkpoint, look_at=what).values for what in ("face", "video"))
    assert np.abs(faces - scene).max() > 1e-3


def test_a_config_that_mmaction2_ships_is_found_by_name():
    settings = read_config("vit-base-p16_videomae-k400-pre_16x4x1_kinetics-400")
    assert settings.model.backbone.embed_dims == 768
    with pytest.raises(OptionsError, match="neither a file nor a config"):
        read_config("vit-giant")


def test_what_does_not_fit_is_one_clear_error(recogniser, tmp_path):
    config, checkpoint, _ = recogniser("videomae", "CenterCrop")
    weights = torch.load(checkpoint, weights_only=False)["state_dict"]
    torch.save({"state_dict": {"conv1.weight": torch.zeros(3)}}, tmp_path / "other.pth")
    torch.save({"state_dict": weights, "message_hub": print}, tmp_path / "code.pth")
    del weights["backbone.blocks.0.norm1.weight"]
    torch.save({"state_dict": weights}, tmp_path / "short.pth")
    for name, what in (("other", "holds no backbone"), ("code", "could run code"), ("short", "norm1.weight")):
        with pytest.raises(WeightsError, match=what):
            encoded(make_clip(), config, tmp_path / f"{name}.pth")
    (tmp_path / "broken.py").write_text("model = dict(")
    (tmp_path / "empty.py").write_text("lr = 1")
    for name, what in (("broken", "cannot be read"), ("empty", "no model with a backbone")):
        with pytest.raises(OptionsError, match=what):
            encoded(make_clip(), tmp_path / f"{name}.py", checkpoint)


@pytest.mark.parametrize(
    ("config", "millions", "width"),
    [
        ("slowfast_r50_8xb8-4x16x1-256e_kinetics400-rgb", 33.6, 2304),
        ("swin-tiny-p244-w877_in1k-pre_8xb8-amp-32x2x1-30e_kinetics400-rgb", 27.9, 768),
        ("uniformer-small_imagenet1k-pre_16x4x1_kinetics400-rgb", 21.2, 512),
    ],
)
def test_published_networks_are_of_their_size(config, millions, width):
    models, _ = registries()
    settings = read_config(config)
    backbone = models.build(without_downloads(settings.model.backbone))
    assert sum(weight.numel() for weight in backbone.parameters()) / 1e6 == pytest.approx(millions, abs=0.1)
    assert settings.model.cls_head.in_channels == width
