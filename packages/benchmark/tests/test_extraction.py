import json

import numpy as np
import pytest
from affekt_benchmark.commands import extraction as extraction_command
from affekt_benchmark.costs import extraction
from affekt_benchmark.costs.extraction import Bucketed, SharedDecode
from affekt_benchmark.costs.random_speech import four_encoders, write_clips
from affekt_media import load

pytest.importorskip("torch")
pytest.importorskip("s3prl")


def test_one_decode_and_buckets_give_equal_values_and_say_what_they_save(tmp_path):
    files = write_clips(tmp_path, 6, (0.5, 1.5), seed=0)
    encoders = four_encoders(tmp_path)
    shared, decoded = extraction.of_shared_decode(files[:2], encoders)
    assert [clip.duration for clip in decoded] == [load(path).duration for path in files[:2]]
    assert shared.difference == 0
    assert shared.gain > 0
    assert list(shared.encoding) == list(encoders)
    clips = [load(path) for path in files]
    found = extraction.of_buckets(clips, tmp_path / "hubert", 6, batch_size=4, device="cpu")
    assert found.difference < extraction.CLOSE
    assert (found.layer, found.layers) == (6, 12)
    told = extraction_command.plain(shared, [found])
    assert json.loads(json.dumps(told))["one_decode"]["largest_difference"] == 0
    assert len(list(extraction_command.table(shared, [found]).rows)) == 2


def shared(taken):
    return SharedDecode(
        decoding=2.0, encoding={"a": 1.0, "b": 1.0}, separate=6.0, shared=taken, difference=0.0
    )  # the limit is (2 · 2 + 2) / (2 + 2)


@pytest.mark.parametrize(("taken", "enough"), [(4.0, True), (4.4, True), (4.5, False)])
def test_nine_tenths_of_the_limit_are_enough(taken, enough):
    assert shared(taken).limit == 1.5
    assert shared(taken).is_enough == enough


@pytest.mark.parametrize(("loop", "difference", "enough"), [(1.5, 1e-6, True), (1.4, 1e-6, False), (9.0, 1e-4, False)])
def test_faster_counts_only_with_equal_values(loop, difference, enough):
    found = Bucketed(layer=6, layers=12, loop=loop, bucketed=1.0, difference=difference)
    assert extraction_command.is_enough(shared(4.0), [found]) == enough


def test_the_lengths_of_the_clips_are_mixed(tmp_path):
    seconds = [load(path).duration for path in write_clips(tmp_path, 3, (0.5, 4), seed=1)]
    assert len(set(seconds)) == 3
    assert np.all((np.array(seconds) >= 0.5) & (np.array(seconds) <= 4))
