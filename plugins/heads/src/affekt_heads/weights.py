"""The weights of the heads, which come with this package; WEIGHTS.md says more of their licences."""

from affekt_weights import BundledSource, TrainingData, WeightsFile, WeightsInfo

_HERE = BundledSource(package="affekt_heads", distribution="affekt-heads", folder="data")
_VOICES = (
    TrainingData(name="RAVDESS", licence="CC-BY-NC-SA-4.0"),
    TrainingData(name="EmoDB", licence="free for research"),
    TrainingData(name="nEMO", licence="CC-BY-NC-SA-4.0"),
    TrainingData(name="ASED", licence="research only"),
    TrainingData(name="Javanese voices", licence="MIT"),
    TrainingData(name="Urdu talk shows", licence="research only"),
    TrainingData(name="EmoGator", licence="Apache-2.0"),
)
"""Corpora of voices that both the voice head and the vocal probe learnt from."""

VOICE_HEAD = WeightsInfo(
    name="voice-head",
    summary="Nine emotions in a voice: a softmax regression on pooled layers of Whisper base's encoder",
    files=(
        WeightsFile(
            path="voice.safetensors",
            size=92_936,
            sha256="a6e7ad87730979efc6852563b1a5336b02f384a7d4b662a0358b064a85f75db1",
        ),
    ),
    sources=(_HERE,),
    licence="CC-BY-NC-SA-4.0 AND LicenseRef-affekt-research-only",
    restrictions="for research, not for commercial use",
    trained_on=(
        *_VOICES,
        TrainingData(name="Asterisk core sounds", licence="CC-BY-SA-3.0 and CC-BY-3.0"),
    ),
)
WORDS_HEAD = WeightsInfo(
    name="words-head",
    summary="Seven emotions in a sentence: a softmax regression on all-MiniLM-L6-v2's sentence vectors",
    files=(
        WeightsFile(
            path="words.safetensors",
            size=11_976,
            sha256="2bd5adab9cb8792be15692e8f44e1b8542e8e7469400c58897a8688550c169b2",
        ),
    ),
    sources=(_HERE,),
    licence="LicenseRef-affekt-research-only",
    restrictions="for research, not for commercial use",
    trained_on=(
        TrainingData(name="MELD train", licence="GPL-3.0; dialogue of a television series"),
        TrainingData(name="EmoryNLP train", licence="Apache-2.0; dialogue of a television series"),
    ),
    languages=("en",),
)
LOUDNESS_PROBE = WeightsInfo(
    name="loudness-probe",
    summary="The level of speech in dB: a ridge regression on layer 1 of Whisper base's encoder",
    files=(
        WeightsFile(
            path="loudness_probe.safetensors",
            size=2_180,
            sha256="b15ef29e9fe544d456200a4d962412f9dcd087d80a4d300359cea39186b54254",
        ),
    ),
    sources=(_HERE,),
    licence="Apache-2.0",
    trained_on=(TrainingData(name="White House statement of 14 July 2015", licence="public domain"),),
)
VOCAL_PROBE = WeightsInfo(
    name="vocal-probe",
    summary="Voices without words, told from music and noise: a logistic regression on pooled layers of Whisper base",
    files=(
        WeightsFile(
            path="vocal_probe.safetensors",
            size=16_524,
            sha256="60f0d3dcf4c65f00f3f81f88dac9fa957c8597d9d1317757c009d034fb66edf7",
        ),
    ),
    sources=(_HERE,),
    licence="CC-BY-NC-SA-4.0 AND LicenseRef-affekt-research-only",
    restrictions="for research, not for commercial use",
    trained_on=(
        *_VOICES,
        TrainingData(
            name="music and sounds of 13 Debian packages", licence="GPL-2.0-or-later, CC-BY-SA-3.0 and others"
        ),
    ),
)
