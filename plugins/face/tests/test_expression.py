"""The trained classifier on FER2013 and on real clips."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from affekt import AffektError, Clip, FaceTrack, Features, PipelineSpec
from affekt_face.classifier import Classifier, zoomed
from affekt_face.evaluate import judged, main, measured
from affekt_face.expression import Expression, grey
from affekt_face.face_sets import fer2013_test
from affekt_face.network import CLASSES, ExpressionNetwork, fold_normalisation

Load = Callable[[str], Clip]


def expressions(clip: Clip, **options: object) -> Features:
    [features] = Expression.create(**options).encode([clip])
    assert isinstance(features, Features)
    return features


def test_on_the_public_test_faces_it_is_right_and_knows_how_often(fer2013: Path) -> None:
    report = judged(Classifier.packaged(), fer2013_test(fer2013))
    assert report["accuracy"]["value"] >= 0.655
    assert report["uar"]["value"] >= 0.60
    assert report["ece"]["value"] <= 0.05


def test_tears_are_sad_and_laughter_is_happy(tracked: Load) -> None:
    features = expressions(tracked("tears_to_laughter_pexels"))
    begin = features.clock()[:, 0]
    happy, distress = features.column("happy"), features.column("sad") + features.column("fearful")
    assert np.median(features.column("sad")[(begin > 1.5) & (begin < 5.5)]) > 0.5
    assert np.median(distress[begin < 9]) > 0.6
    assert np.median(happy[begin > 11]) > 0.7


def test_a_neutral_face_turns_happy_when_it_smiles(tracked: Load) -> None:
    features = expressions(tracked("neutral_to_smile"))
    begin = features.clock()[:, 0]
    happy = features.column("happy")
    assert happy[begin < 0.6].mean() < 0.3
    assert happy[(begin > 0.9) & (begin < 2.0)].mean() > 0.6


def test_rows_are_distributions_that_carry_their_time(tracked: Load) -> None:
    clip = tracked("white_house_statement_2015")
    features = expressions(clip)
    assert clip.faces is not None
    assert features.names == ("angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised")
    np.testing.assert_allclose(features.values.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(features.clock()[:, 0], clip.faces.times)


def test_the_size_of_a_batch_changes_nothing(tracked: Load) -> None:
    clip = tracked("neutral_to_smile")
    np.testing.assert_allclose(expressions(clip, batch_size=5).values, expressions(clip).values, atol=1e-5)


def test_a_pipeline_file_may_say_batch_for_one_minor_version() -> None:
    spec = PipelineSpec.parse("encoders: {face: {use: expression, batch: 5}}\nreasoner: loud-is-excited")
    with pytest.warns(DeprecationWarning, match='"batch" of Expression is called "batch_size"'):
        assert spec.build().encoders["face"] == Expression(batch_size=5)


def test_neither_light_nor_a_mirror_changes_what_is_seen(tracked: Load) -> None:
    track = tracked("neutral_to_smile").faces
    assert track is not None
    faces = torch.from_numpy(np.stack([grey(crop) for crop in track.crops]))
    dim = (faces.float() * 0.5 + 40).round().to(torch.uint8)
    classifier = Classifier.packaged()
    torch.testing.assert_close(classifier(dim), classifier(faces), atol=0.05, rtol=0)
    torch.testing.assert_close(classifier(faces.flip(-1)), classifier(faces), atol=1e-5, rtol=0)


def test_a_blank_crop_gives_finite_probabilities() -> None:
    track = FaceTrack(
        times=np.zeros(1), boxes=np.zeros((1, 4), np.float32), crops=np.full((1, 128, 128, 3), 90, np.uint8)
    )
    assert expressions(Clip(id="blank", faces=track)).values.sum() == pytest.approx(1)


@pytest.mark.parametrize("content", [None, b"", b"not safetensors at all"])
def test_a_file_without_networks_is_one_clear_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AffektError, match=r"holds no expression networks: [^\n]+\nTry: "):
        Classifier.read(path)


def test_a_network_of_random_weights_answers_every_class_for_every_size() -> None:
    torch.manual_seed(0)
    network = ExpressionNetwork((8, 16), (1, 1)).eval()
    assert network(torch.rand(2, 1, 31, 31)).shape == (2, len(CLASSES))


def test_folding_the_normalisation_changes_no_logit() -> None:
    torch.manual_seed(1)
    network = ExpressionNetwork((8, 16), (1, 1))
    network(torch.rand(16, 1, 48, 48))  # moves the means and deviations of the normalisation
    network.eval()
    faces = torch.rand(3, 1, 48, 48)
    before = network(faces)
    fold_normalisation(network)
    assert not [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    torch.testing.assert_close(network(faces), before, atol=1e-4, rtol=1e-4)


def test_a_closer_look_shows_the_middle_larger() -> None:
    face = torch.zeros(1, 1, 48, 48)
    face[..., 12:36, 12:36] = 1
    assert zoomed(face, 1.0) is face
    assert zoomed(face, 2.0).mean() > 0.95
    assert 1.1 < zoomed(face, 1.12).mean() / face.mean() < 1.4


def test_measures_are_what_their_definitions_say() -> None:
    labels = np.array([3, 3, 3, 5])
    probabilities = np.full((4, 7), 0.01)
    probabilities[[0, 1, 2, 3], [3, 3, 5, 5]] = 0.94
    report = measured(probabilities, labels)
    assert report["accuracy"]["value"] == 0.75
    assert report["uar"]["value"] == pytest.approx((2 / 3 + 1) / 2)
    assert report["ece"]["value"] == pytest.approx(0.94 - 0.75)
    assert report["accuracy"]["low"] <= 0.75 <= report["accuracy"]["high"]


def test_the_command_names_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert 'public_test.npz" is no split of FER2013' in capsys.readouterr().err
