"""The weights that come with this package; WEIGHTS.md says more of their licences."""

from affekt_weights import BundledSource, TrainingData, WeightsFile, WeightsInfo

EMOTION_LLAMA_MINI = WeightsInfo(
    name="emotion-llama-mini",
    summary="Nine emotions in voice, face and words: projections and LoRA adapters for SmolLM2-135M-Instruct",
    files=(
        WeightsFile(
            path="emotion_llama.json",
            size=2_273,
            sha256="a29cee0c4cbc865c9b527808b9e571162036e4627f6f5217dd66008500af7be2",
        ),
        WeightsFile(
            path="projections.safetensors",
            size=5_209_352,
            sha256="cb05fa40f81bda104fe50e083951d823804533531cb5d542cc14484453b6952b",
        ),
        WeightsFile(
            path="adapter/adapter_config.json",
            size=1_110,
            sha256="fc3bd0ecc341ad3ccf670bd0167df200f647d7d7f49ee2add41f54ccc33d5d49",
        ),
        WeightsFile(
            path="adapter/adapter_model.safetensors",
            size=3_717_896,
            sha256="b7bc601e6f6b824c0182b3ab93ae332f5bbba8b825d943623d7b99c18fe29a51",
        ),
        WeightsFile(
            path="training.json",
            size=376_278,
            sha256="62b84ff8bacfc858dc2ca099a7ae5f09ee88cbd2ec5db3f4d5eb520662f71757",
        ),
    ),
    sources=(
        BundledSource(
            package="affekt_emotion_llama",
            distribution="affekt-emotion-llama",
            folder="shipped/emotion-llama-mini",
        ),
    ),
    licence="CC-BY-NC-SA-4.0 AND LicenseRef-affekt-research-only",
    restrictions="for research, not for commercial use",
    trained_on=(
        TrainingData(name="RAVDESS", licence="CC-BY-NC-SA-4.0"),
        TrainingData(name="EmoDB", licence="free for research"),
        TrainingData(name="Asterisk core sounds", licence="CC-BY-SA-3.0 and CC-BY-3.0"),
        TrainingData(name="FER2013 train", licence="research only"),
        TrainingData(name="MELD train", licence="GPL-3.0; dialogue of a television series"),
        TrainingData(name="EmoryNLP train", licence="Apache-2.0; dialogue of a television series"),
    ),
    languages=("en",),
    paper="https://arxiv.org/abs/2406.11161",
)
