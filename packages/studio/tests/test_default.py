"""The default pipeline's face, voice and words on a real recording, each judged alone."""

import json
from dataclasses import replace
from importlib.resources import as_file, files

import affekt
import affekt_media
import pytest
from affekt_studio import hume_predictions
from affekt_studio.config import StudioConfig
from affekt_studio.live import pipeline_for


@pytest.mark.slow
def test_a_stream_is_judged_without_a_transcriber_and_without_writing_sentences(tmp_path):
    pipeline = pipeline_for(StudioConfig(folder=tmp_path), None, {}, with_words=False)
    assert pipeline.reasoner.task is None
    assert pipeline.reasoner.abstain_below > 0  # as in the file
    assert "transcript" not in pipeline.prepare
    assert "transcript" in pipeline_for(StudioConfig(folder=tmp_path), None, {}, with_words=True).prepare


@pytest.mark.slow
def test_face_voice_and_words_are_judged_each_by_its_own_evidence():
    heard = {"use": "given-text", "text": "Today, after two years of negotiations, we have achieved something."}
    pipeline = affekt.load(speaker=None, transcript=heard)
    with as_file(files("affekt_cli") / "sample/white_house_statement_2015.mp4") as path:
        clip = affekt_media.load(path)
    audio = replace(clip.audio, samples=clip.audio.samples[: 3 * clip.audio.sample_rate])
    video = replace(clip.video, frames=clip.video.frames[:30], times=clip.video.at()[:30])
    short = replace(clip, audio=audio, video=video)
    found = hume_predictions.predict(pipeline, [short], "statement.mp4", list(hume_predictions.MODELS))
    models = found["results"]["predictions"][0]["models"]
    rows = {model: each["grouped_predictions"][0]["predictions"] for model, each in models.items()}
    assert set(rows) == {"face", "prosody", "language"}
    face = rows["face"][0]
    assert set(face["box"]) == {"x", "y", "w", "h"}
    assert "AU12 Lip Corner Puller" in {unit["name"] for unit in face["facs"]}
    assert "years of negotiations" in rows["language"][0]["text"]
    judged = {model: {one["name"]: one["score"] for one in own[0]["emotions"]} for model, own in rows.items()}
    assert len({json.dumps(scores) for scores in judged.values()}) == 3  # not one answer under three names
    assert all(sum(scores.values()) == pytest.approx(1, abs=1e-3) for scores in judged.values())
    assert "Joy" in found["x_affekt"]["measured"]
    assert "Admiration" not in found["x_affekt"]["measured"]
