"""Where the weights of the watermark come from."""

from affekt_weights import WeightsFile, WeightsInfo, Wheel, WheelSource

CHECKPOINT = "perth_net_250000.pth.tar"

PERTH = WeightsInfo(
    name="perth",
    summary="Perth (implicit): writes an inaudible watermark into speech, and hears it",
    files=(
        WeightsFile(
            path=CHECKPOINT,
            size=37_429_684,
            sha256="a15bce457ebc53ce5e6c9c3f11df78cf7ee2bf9cdab0a798902135b4c4027670",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="resemble-perth",
                    version="1.0.1",
                    size=34_404_578,
                    sha256="65e9c37531b1a128a4a56226b75dece4521683cf3611b0b2a5ffe234f00c9342",
                ),
            ),
            members={CHECKPOINT: f"perth/perth_net/pretrained/implicit/{CHECKPOINT}"},
        ),
    ),
    licence="MIT",
    sample_rate=32_000,
    homepage="https://github.com/resemble-ai/Perth",
)
