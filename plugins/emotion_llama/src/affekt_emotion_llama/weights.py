"""The weights that come with this package; WEIGHTS.md says more of their licences."""

from affekt_weights import BundledSource, TrainingData, WeightsFile, WeightsInfo

EMOTION_LLAMA_MINI = WeightsInfo(
    name="emotion-llama-mini",
    summary="Nine emotions in voice, face and words: projections and LoRA adapters for SmolLM2-135M-Instruct",
    files=(
        WeightsFile(
            path="emotion_llama.json",
            size=2_733,
            sha256="893956b5678b80f29d1ebec69431a20fdecae42642b07f5a152a3cc0eb7f77d3",
        ),
        WeightsFile(
            path="projections.safetensors",
            size=5_209_352,
            sha256="8ffafe469527f18bbe909ecec03f044b4ae73a63bac7d88e1ca99d2286d7f1ab",
        ),
        WeightsFile(
            path="adapter/adapter_config.json",
            size=1_110,
            sha256="20ca48fe8f5e67e60a4c69d37a0375f6744b5f52e2290a9fa40b85264a44e52e",
        ),
        WeightsFile(
            path="adapter/adapter_model.safetensors",
            size=3_717_896,
            sha256="e59aa9c41dff4fd6b8ed7956f05cfc7456215cad687001d591a3a0371b1a3e95",
        ),
        WeightsFile(
            path="training.json",
            size=743_640,
            sha256="b34272a9c78a27ca441a7bce8fde7814859305a4c2af17875859fc45d5ab8f09",
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
