"""Where the weights of the voice activity detector come from."""

from affekt_weights import WeightsFile, WeightsInfo, Wheel, WheelSource

SILERO_VAD = WeightsInfo(
    name="silero-vad",
    summary="Silero's voice activity detector, version 6: the chance of speech every 32 ms",
    files=(
        WeightsFile(
            path="silero_vad_16k_sequence.onnx",
            size=1_246_165,
            sha256="9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="silero-vad",
                    version="6.2.3",
                    size=11_317_527,
                    sha256="7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
                ),
            ),
            members={"silero_vad_16k_sequence.onnx": "silero_vad/data/silero_vad_16k_sequence.onnx"},
        ),
    ),
    licence="MIT",
    homepage="https://github.com/snakers4/silero-vad",
)
