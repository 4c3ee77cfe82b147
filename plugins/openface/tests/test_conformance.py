import pytest
from affekt_openface.encoder import OpenFaceEncoder
from affekt_testing import EncoderSuite, make_clips


class TestTables(EncoderSuite):
    component = OpenFaceEncoder

    @pytest.fixture
    def options(self, tmp_path_factory):
        folder = tmp_path_factory.getbasetemp() / "openface"
        if not folder.is_dir():
            folder.mkdir()
            for clip in make_clips():
                rows = [
                    f"{number}, {time:.3f}, 1, 1, 0.5, 1.5" for number, time in enumerate(clip.faces.times, start=1)
                ]
                header = "frame, timestamp, confidence, success, AU04_r, AU12_r"
                (folder / f"{clip.id}.csv").write_text("\n".join([header, *rows]))
        return {"folder": str(folder), "source": "csv"}
