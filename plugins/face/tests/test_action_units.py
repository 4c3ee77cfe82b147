"""Action units on real faces."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from affekt import Clip, Features, Missing
from affekt_face.action_units import MIXING, ActionUnits
from affekt_face.blendshapes import ACTION_UNITS, BLENDSHAPES, LANDMARKS_OF_BLENDSHAPES

Load = Callable[[str], Clip]


def units(clip: Clip) -> Features:
    [features] = ActionUnits().encode([clip])
    assert isinstance(features, Features)
    return features


def test_a_smile_raises_the_lip_corners_when_it_comes(tracked: Load) -> None:
    features = units(tracked("neutral_to_smile"))
    smile, begin = features.column("AU12"), features.clock()[:, 0]
    assert smile[begin < 0.6].max() < 0.1
    assert smile[(begin > 0.9) & (begin < 2.0)].min() > 0.8
    assert features.column("AU10")[(begin > 0.9) & (begin < 2.0)].min() > 0.4


def test_brows_rise_in_tears_and_lip_corners_in_laughter(tracked: Load) -> None:
    features = units(tracked("tears_to_laughter_pexels"))
    begin = features.clock()[:, 0]
    assert np.median(features.column("AU01")[(begin > 6) & (begin < 9)]) > 0.4
    assert np.median(features.column("AU12")[(begin > 6) & (begin < 9)]) < 0.1
    assert np.median(features.column("AU12")[begin > 11]) > 0.6


def test_every_row_carries_its_name_and_its_time(tracked: Load) -> None:
    clip = tracked("white_house_statement_2015")
    features = units(clip)
    assert clip.faces is not None
    assert features.names == tuple(ACTION_UNITS)
    assert features.values.shape == (len(clip.faces.times), 18)
    np.testing.assert_array_equal(features.clock()[:, 0], clip.faces.times)
    assert (np.diff(features.clock(), axis=1) > 0).all()
    assert (features.clock()[:-1, 1] <= features.clock()[1:, 0] + 1e-9).all()
    assert features.values.min() >= 0
    assert features.values.max() <= 1


def test_no_column_is_dead(tracked: Load) -> None:
    names = ("neutral_to_smile", "tears_to_laughter_pexels", "white_house_statement_2015")
    strongest = np.max([units(tracked(name)).values.max(axis=0) for name in names], axis=0)
    assert [name for name, value in zip(ACTION_UNITS, strongest, strict=True) if value < 0.01] == []


def test_a_batch_keeps_its_order_and_names_what_is_missing(tracked: Load) -> None:
    smile = tracked("neutral_to_smile")
    assert smile.faces is not None
    plain = replace(smile, faces=replace(smile.faces, landmarks=None))
    first, second, third = ActionUnits().encode([Clip(id="empty"), smile, plain])
    assert first == Missing(reason="the clip has no face")
    assert isinstance(second, Features)
    assert third == Missing(reason="the face track has no landmarks to read action units from")


def test_left_and_right_are_averaged() -> None:
    np.testing.assert_allclose(MIXING.sum(axis=0), 1)
    column = MIXING[:, list(ACTION_UNITS).index("AU12")]
    assert column[BLENDSHAPES.index("mouthSmileLeft")] == 0.5
    assert len(BLENDSHAPES) == 52
    assert len(LANDMARKS_OF_BLENDSHAPES) == 146
