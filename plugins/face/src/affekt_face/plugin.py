"""Announces the components and their weights. Imported to list plugins: keep it free of frameworks."""

from collections.abc import Iterator

from affekt import ComponentInfo, hookimpl
from affekt_weights import WeightsInfo

from affekt_face.weights import EXPRESSION_NETWORK, FACE_LANDMARKER


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
        weights=("expression-network",),
    )


@hookimpl
def affekt_weights() -> Iterator[WeightsInfo]:
    yield from (FACE_LANDMARKER, EXPRESSION_NETWORK)
