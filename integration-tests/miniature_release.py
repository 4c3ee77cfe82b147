"""What the page *Reproduce Emotion-LLaMA* starts from, a few clips large.

The data sets have their official layouts, with seconds of a real recording as clips; the networks are tiny random ones
of the classes that the real weights have.
"""

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import timm
import torch
from safetensors.torch import save_file
from timm.models.vision_transformer import VisionTransformer
from transformers import (
    HubertConfig,
    HubertModel,
    VideoMAEConfig,
    VideoMAEForPreTraining,
    Wav2Vec2FeatureExtractor,
)

ROOT = Path(__file__).resolve().parent.parent
for tests in ("packages/benchmark/tests", "plugins/emotion_llama/tests"):
    sys.path.insert(0, str(ROOT / tests))

import miniatures  # noqa: E402
import tiny_checkpoints  # noqa: E402

DESCRIPTIONS = {
    "happy": "The lip corners rise and the voice is bright, so the person feels happy.",
    "sad": "The voice is quiet and slow, so the person feels sad.",
    "neutral": "The face rests and the voice is even, so the person feels neutral.",
    "angry": "The brows draw down and the voice is loud, so the person feels angry.",
}


def write_data(folder: Path, recording: Path) -> None:
    """MERR, DFEW, MER2024 and EMER, every clip another moment of the recording."""
    merr(folder / "MERR")
    miniatures.dfew(folder / "DFEW", clips_a_fold=1)
    miniatures.mer2024(folder / "MER2024")
    miniatures.emer(folder / "EMER")
    moments = _moments(recording)
    for path in sorted(folder.rglob("*.mp4")):
        _write_clip(path, recording, next(moments))


def merr(root: Path) -> None:
    """Both lists and both JSON files of the release."""
    names = miniatures.named("sample_0", 4)
    for grain, text in (("coarse", "caption"), ("fine", "smp_reason_caption")):
        lines = [f"{name} 12 {emotion} 0.5\n" for name, emotion in names.items()]
        entries = {
            name: {"pseu_emotion": emotion, "text": "We have made a decision.", text: DESCRIPTIONS[emotion]}
            for name, emotion in names.items()
        }
        miniatures.put(root / f"MERR_{grain}_grained.txt", "".join(lines))
        miniatures.put(root / f"MERR_{grain}_grained.json", json.dumps(entries))
    miniatures.tones(root / "video", names, ".mp4")


def write_weights(folder: Path) -> None:
    """Networks a few numbers wide; EVA has its 40 blocks and 1025 tokens, for its preset reads the 39th."""
    llama = folder / "Llama-2-7b-chat-hf"
    llama.mkdir(parents=True)
    tiny_checkpoints.language_model(llama)
    _eva(folder / "eva")
    _mae(folder / "mae_checkpoint-340.pth")
    _videomae(folder / "maeVideo_ckp399")
    _hubert(folder / "chinese-hubert-large")


def _moments(recording: Path) -> Iterator[float]:
    """Beginnings of clips, in seconds, no two the same."""
    with av.open(str(recording)) as source:
        assert source.duration is not None
        seconds = source.duration / av.time_base
    number = 0
    while True:
        yield 0.2 + (0.37 * number) % (seconds - 1.5)
        number += 1


def _write_clip(path: Path, recording: Path, start: float, seconds: float = 0.6) -> None:
    """A part of the recording, at a quarter of its size, with its sound."""
    with av.open(str(recording)) as source, av.open(str(path), "w") as target:
        video, audio = source.streams.video[0], source.streams.audio[0]
        pictures = target.add_stream("mpeg4", rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 320, 180, "yuv420p"
        sound = target.add_stream("aac", rate=16_000, layout="mono")
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=16_000)
        source.seek(int(start * av.time_base))
        count = 0
        for frame in source.decode(video, audio):
            if frame.time is None or not start <= frame.time < start + seconds:
                if frame.time is not None and frame.time > start + seconds + 0.5:
                    break
                continue
            if isinstance(frame, av.VideoFrame):
                small = frame.reformat(320, 180, "yuv420p")
                small.pts, small.time_base = count, Fraction(1, 25)
                small.pict_type = av.video.frame.PictureType.NONE
                count += 1
                target.mux(pictures.encode(small))
            else:
                frame.pts = None
                for part in resampler.resample(frame):
                    target.mux(sound.encode(part))
        target.mux(pictures.encode(None))
        target.mux(sound.encode(None))


def _random(network: torch.nn.Module) -> None:
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(std=0.1)


def _eva(folder: Path) -> None:
    name = "eva_giant_patch14_clip_224"
    arguments = {"img_size": 56, "embed_dim": 32, "depth": 40, "num_heads": 1, "mlp_ratio": 2}
    network = timm.create_model(name, num_classes=0, **arguments)
    _random(network)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"architecture": name, "model_args": arguments}))
    save_file(network.state_dict(), folder / "model.safetensors")


def _mae(path: Path) -> None:
    network = VisionTransformer(
        img_size=32, patch_size=16, embed_dim=128, depth=2, num_heads=2, mlp_ratio=2, num_classes=0
    )
    _random(network)
    torch.save({"model": network.state_dict() | {"mask_token": torch.zeros(1, 1, 64)}, "epoch": 340}, path)


def _videomae(folder: Path) -> None:
    config = VideoMAEConfig(
        hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=256, image_size=32,
        use_mean_pooling=False, decoder_hidden_size=32, decoder_num_hidden_layers=1, decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
    )  # fmt: skip
    network = VideoMAEForPreTraining(config)
    _random(network)
    network.save_pretrained(folder)


def _hubert(folder: Path) -> None:
    torch.manual_seed(0)
    config = HubertConfig(
        hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, initializer_range=0.2,
        feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True,
    )  # fmt: skip
    HubertModel(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor().save_pretrained(folder)
