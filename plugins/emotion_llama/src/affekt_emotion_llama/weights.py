"""The weights that come with this package; WEIGHTS.md says more of their licences."""

from affekt_weights import BundledSource, TrainingData, WeightsFile, WeightsInfo

EMOTION_LLAMA_MINI = WeightsInfo(
    name="emotion-llama-mini",
    summary="Nine emotions in voice, face and words: projections and LoRA adapters for SmolLM2-135M-Instruct",
    files=(
        WeightsFile(
            path="emotion_llama.json",
            size=2_686,
            sha256="b7523d986b4434ecae1c68b906d28cac98ee1a55f327be108bd156f5e38d471f",
        ),
        WeightsFile(
            path="projections.safetensors",
            size=5_209_352,
            sha256="0ba5f65fe5d12095f9f435fd316b21a1cfbc38026e15a6fdd0b4afa949f49e8f",
        ),
        WeightsFile(
            path="adapter/adapter_config.json",
            size=1_110,
            sha256="843f19e586ec8a1d32da1813bda17f1a4df33a5ef3d7fbb61f7fed41d203ebb4",
        ),
        WeightsFile(
            path="adapter/adapter_model.safetensors",
            size=3_717_896,
            sha256="52061a62f1ac510c9fddd395f3d2f71b126550f78f251c3500ebfd90f596bc98",
        ),
        WeightsFile(
            path="training.json",
            size=617_852,
            sha256="4d73c4cdf690ea47316aed6280a38b621974e193561bc5eac4203cf107954bc0",
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
        TrainingData(name="nEMO", licence="CC-BY-NC-SA-4.0"),
        TrainingData(name="ASED", licence="research only"),
        TrainingData(name="Javanese voices", licence="MIT"),
        TrainingData(name="Urdu talk shows", licence="research only"),
        TrainingData(name="EmoGator", licence="Apache-2.0"),
        TrainingData(name="Asterisk core sounds", licence="CC-BY-SA-3.0 and CC-BY-3.0"),
        TrainingData(name="FER2013 train", licence="research only"),
        TrainingData(name="MELD train", licence="GPL-3.0; dialogue of a television series"),
        TrainingData(name="EmoryNLP train", licence="Apache-2.0; dialogue of a television series"),
        TrainingData(name="MERR", licence="CC BY-NC, of MER2023: research only; its text is not in the weights' files"),
    ),
    languages=("en",),
    paper="https://arxiv.org/abs/2406.11161",
)
