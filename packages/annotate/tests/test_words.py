"""What is said in another language: the transcript, and Whisper's English beside it."""

import csv
import os
import shutil
from pathlib import Path

import pytest
import yaml
from affekt import Clip, Translation, WeightsError
from affekt_annotate.annotation import Annotation
from affekt_annotate.commands import app
from affekt_annotate.words import spoken
from typer.testing import CliRunner

NEMO = Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data/nemo"


def test_a_translation_stands_beside_what_is_said_and_names_who_translated():
    english = Translation(language="en", original="pl", text="I like  reading.", source="Whisper")
    clip = Clip(id="a", text="Lubię czytać.", language="pl", translation=english)
    said = spoken(clip, given=False)
    assert (said.text, said.language, said.source) == ("Lubię czytać.", "pl", "recognised")
    assert (said.translation, said.translator) == ("I like reading.", "Whisper")
    german = Translation(language="de", original="pl", text="Ich lese gern.", source="someone")
    assert spoken(Clip(id="a", text="Lubię czytać.", language="pl", translation=german), given=True).translation == ""


@pytest.mark.slow
def test_polish_speech_is_transcribed_translated_and_exported_in_english(tmp_path):
    pytest.importorskip("affekt_whisper")
    if not (NEMO / "labels.csv").is_file():
        pytest.skip("nEMO is not in AFFEKT_SHARED")
    from affekt_weights import fetch

    try:
        fetch("whisper-base")
    except WeightsError as error:
        pytest.skip(f"the weights whisper-base cannot be had: {error.message}")
    (tmp_path / "clips").mkdir()
    shutil.copy(NEMO / "EB0_anger_1.opus", tmp_path / "clips/reads.opus")
    with (NEMO / "labels.csv").open(encoding="utf-8") as file:
        transcript = next(row["text"] for row in csv.DictReader(file) if row["file"] == "EB0_anger_1.opus")
    table = f"file_name,label,language,transcript\nreads,angry,pl,{transcript}\n"
    (tmp_path / "labels.csv").write_text(table, encoding="utf-8")
    pipeline = {
        "name": "listening",
        "prepare": {"transcript": {"use": "whisper", "threads": 1}},
        "encoders": {"prosody": "prosody", "loudness": "loudness"},
        "reasoner": "loud-is-excited",
    }
    (tmp_path / "listening.yaml").write_text(yaml.safe_dump(pipeline), encoding="utf-8")
    (tmp_path / "annotate.yaml").write_text(f"pipeline: {tmp_path / 'listening.yaml'}\n", encoding="utf-8")
    asked = [str(tmp_path / "clips"), "-o", str(tmp_path / "out"), "--labels", str(tmp_path / "labels.csv"),
             "--config", str(tmp_path / "annotate.yaml")]  # fmt: skip
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    one = Annotation.model_validate_json((tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8"))
    assert (one.words.language, one.words.source, one.words.translator) == ("pl", "recognised", "Whisper")
    assert one.words.text.lower().startswith("lubię")  # "Lubię czytać przed snem": I like reading before I sleep
    assert one.words.translation.lower().startswith("i like")
    assert f"“{one.words.translation}”" not in one.blind.text
    assert one.words.text.rstrip(".") in one.blind.text
    told = CliRunner().invoke(app, ["score", str(tmp_path / "out")])
    (line,) = [line for line in told.output.splitlines() if line.startswith("asr_wer")]
    assert 0 < float(line.split()[1]) <= 1, line
