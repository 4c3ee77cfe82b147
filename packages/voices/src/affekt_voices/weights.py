"""Where the weights of the watermark and of the speaker encoder come from."""

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

GE2E = WeightsInfo(
    name="ge2e",
    summary="GE2E speaker encoder (Resemblyzer): tells whose voice it is",
    files=(
        WeightsFile(
            path="pretrained.pt",
            size=17_090_379,
            sha256="39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="resemblyzer",
                    version="0.1.4",
                    size=15_747_704,
                    sha256="8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
                ),
            ),
            members={"pretrained.pt": "resemblyzer/pretrained.pt"},
        ),
    ),
    licence="Apache-2.0",
    sample_rate=16_000,
    homepage="https://github.com/resemble-ai/Resemblyzer",
)
