"""Emotion-LLaMA's own encoders over a real recording: tiny random networks of the real classes and the real widths."""

import affekt_media
import numpy as np
import pytest
import torch
from affekt import Clip, Features, Missing, PipelineSpec, WeightsError, plugins
from affekt_encoding.frames import SPEECH_AND_BLINKS, peak_time

WIDTHS = {"image": 1408, "mae": 1024, "videomae": 1024, "speech": 1024}
ROWS = {"image": 1 + 32 * 32, "mae": 1, "videomae": 1, "speech": 1}


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """Slot → weights, each in the form in which the original has them, one block deep."""
    import timm
    from timm.models.vision_transformer import VisionTransformer
    from transformers import HubertConfig, HubertModel, VideoMAEConfig, VideoMAEModel, Wav2Vec2FeatureExtractor

    folder = tmp_path_factory.mktemp("emotion-llama")
    torch.manual_seed(0)
    eva = timm.create_model("eva_giant_patch14_clip_224", num_classes=0, depth=1, mlp_ratio=0.25)
    torch.save({name: weight.half() for name, weight in eva.state_dict().items()}, folder / "eva_vit_g.pth")
    mae = VisionTransformer(embed_dim=1024, depth=1, num_heads=16, mlp_ratio=0.25, num_classes=0)
    torch.save({"model": mae.state_dict(), "epoch": 340}, folder / "mae_checkpoint-340.pth")
    large = {"hidden_size": 1024, "num_hidden_layers": 1, "num_attention_heads": 16, "intermediate_size": 256}
    VideoMAEModel(VideoMAEConfig(**large)).save_pretrained(folder / "videomae")
    layers = {"conv_dim": (16,) * 7, "feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}
    HubertModel(HubertConfig(**large, **layers)).save_pretrained(folder / "hubert")
    Wav2Vec2FeatureExtractor().save_pretrained(folder / "hubert")
    names = {"image": "eva_vit_g.pth", "mae": "mae_checkpoint-340.pth", "videomae": "videomae", "speech": "hubert"}
    return {slot: str(folder / name) for slot, name in names.items()}


@pytest.fixture(scope="module")
def gathered(checkpoints):
    """Runs the encoders of a shipped pipeline on clips; transcript, fuser and reasoner are for other tests."""

    def gather(name, clips):
        models = {f"{slot}.model": path for slot, path in checkpoints.items()}
        spec = PipelineSpec.read(name).swap(
            **models, **{"image.layer": 1}, transcript=None, fuser=None, reasoner="loud-is-excited"
        )
        try:
            return spec.build().gather(clips)
        except WeightsError as error:
            pytest.skip(f"the face cannot be found without its weights: {error.message}")

    return gather


@pytest.fixture(scope="module")
def statement_clip(statement):
    return affekt_media.load(statement)


def test_every_slot_has_the_rows_and_widths_that_the_original_projects(gathered, statement_clip):
    from affekt_emotion_llama.linear import LinearFuser
    from affekt_emotion_llama.streams import pad

    voice = Clip(id="voice", audio=statement_clip.audio, missing={"video": "sound only"})
    seen, heard = gathered("emotion-llama", [statement_clip, voice])
    assert {slot: seen.features[slot].values.shape for slot in WIDTHS} == {
        slot: (ROWS[slot], width) for slot, width in WIDTHS.items()
    }
    assert set(seen.features) - set(WIDTHS) == {"action_units", "prosody"}  # what explanations are checked against
    assert seen.missing == {}
    assert set(heard.features) == {"speech", "prosody"}
    assert set(heard.missing) == {"image", "mae", "videomae", "action_units"}
    arrays = [
        {slot: found.values for slot, found in known.features.items() if slot in WIDTHS} for known in (seen, heard)
    ]
    tokens, mask = LinearFuser().module(WIDTHS, hidden=16)(*pad(arrays, WIDTHS))
    assert tokens.shape == (2, 260, 16)
    assert mask[0].all()
    assert mask[1].nonzero().flatten().tolist() == [258]  # 256 of the image, MAE, VideoMAE, then the voice


def test_the_peak_is_the_frame_of_the_largest_sum_of_action_units(gathered, statement_clip, checkpoints):
    (known,) = gathered("emotion-llama-peak", [statement_clip])
    (units,) = plugins().create("encoder", "action-units").encode([known.clip])
    time = units.clock()[units.values.sum(axis=1).argmax(), 0]
    frame = int(np.abs(known.clip.video.at() - time).argmin())
    assert frame > 0
    only = Clip(id="frame", video=type(known.clip.video)(frames=known.clip.video.frames[frame : frame + 1], fps=10))
    (wanted,) = plugins().create(
        "encoder", "eva", preset="emotion-llama", model=checkpoints["image"], layer=1
    ).encode([only])  # fmt: skip
    np.testing.assert_allclose(known.features["image"].values, wanted.values, atol=1e-4)


def test_a_smile_is_the_peak_whatever_the_mouth_says(shared):
    smile = affekt_media.load(shared / "samples" / "neutral_to_smile.mp4")
    try:
        (tracked,) = plugins().create("preparer", "face-track").prepare([smile])
    except WeightsError as error:
        pytest.skip(f"the face cannot be found without its weights: {error.message}")
    for without in ((), SPEECH_AND_BLINKS):
        peak = peak_time(tracked, plugins().create("encoder", "action-units"), without)
        assert 0.6 < peak < 2.4  # neutral before, smiling after


def test_openface_and_the_face_plugin_can_both_name_the_peak(checkpoints, statement_clip, tmp_path):
    rows = [f"{n}, {n / 10:.1f}, 1, 1, {2.0 if n == 33 else 0.1}" for n in range(87)]
    table = "\n".join(["frame, timestamp, confidence, success, AU12_r", *rows])
    (tmp_path / f"{statement_clip.id.removesuffix('.mp4')}.csv").write_text(table)
    chosen = {"use": "openface", "folder": str(tmp_path), "source": "csv"}
    options = {"model": checkpoints["image"], "tokens": "cls", "frames": "peak", "peak_from": chosen}
    encoder = plugins().create("encoder", "eva", **options)
    (found,) = encoder.encode([statement_clip])
    assert isinstance(found, Features)
    frame = int(np.abs(statement_clip.video.at() - 3.3).argmin())
    pictures = statement_clip.video.frames[[frame]]
    single = Clip(id="one", video=type(statement_clip.video)(frames=pictures, fps=10))
    (wanted,) = plugins().create("encoder", "eva", model=checkpoints["image"], tokens="cls").encode([single])
    np.testing.assert_allclose(found.values, wanted.values, atol=1e-4)
    (nobody,) = encoder.encode([Clip(id="elsewhere.mp4", video=statement_clip.video)])
    assert isinstance(nobody, Missing)
    assert nobody.reason.startswith("no peak frame without action units")
