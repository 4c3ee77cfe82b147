import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import affekt_testing
import pytest
from affekt_testing.batch import BatchSuite
from affekt_testing.suite import Suite

HERE = Path(__file__).parent

CAUGHT_BY = {
    "Heavy": "test_listing_stays_light",
    "Slow": "test_is_cheap_to_make",
    "ReadsWhenMade": "test_is_cheap_to_make",
    "Doubles": "test_options_survive_a_file",
    "TakesAnything": "test_unknown_options_are_refused",
    "Undescribed": "test_options_say_what_they_do",
    "UndeclaredWeights": "test_declares_licence_and_size_of_its_weights",
    "UndeclaredHub": "test_declares_licence_and_size_of_its_weights",
    "NewWeightsEachTime": "test_repeats_itself",
    "Mutates": "test_leaves_its_inputs_alone",
    "ReturnsHandles": "test_pickles_its_outputs",
    "KeepsFilesOpen": "test_closes_what_it_opens",
    "KeepsThreads": "test_closes_what_it_opens",
    "KeepsProcesses": "test_closes_what_it_opens",
    "ReturnsATuple": "test_one_result_per_clip",
    "FailsOnNothing": "test_an_empty_batch_is_no_trouble",
    "Leaks": "test_a_batch_does_not_leak",
    "HearsOnlyLong": "test_features_come_out",
    "WrongClock": "test_the_clock_covers_the_clip",
    "ZerosForNothing": "test_says_when_its_modality_is_missing",
    "OwnReason": "test_says_when_its_modality_is_missing",
    "Renames": "test_clips_keep_who_they_are",
    "GivesNoReason": "test_says_when_its_modality_is_missing",
    "WidthOfItsSlots": "test_tokens_have_one_width",
    "AttendsToZeros": "test_says_when_its_modality_is_missing",
    "CluesInMilliseconds": "test_clues_lie_in_the_clip",
    "GuessesFromNothing": "test_says_when_its_modality_is_missing",
    "NotANumber": "test_measures_are_named_numbers",
    "ZeroForNothing": "test_nothing_to_measure_is_an_error",
    "HidesThatItIsSynthetic": "test_speech_says_that_it_is_synthetic",
    "Whispers": "test_speech_can_be_heard",
    "AnotherRate": "test_speech_can_be_heard",
    "SilenceForNothing": "test_says_when_its_modality_is_missing",
    "OverridesQuietly": "test_a_batch_does_not_leak",
    "RemovesQuietly": "test_leaves_its_inputs_alone",
    "ReasonNoLongerHolds": "test_a_batch_does_not_leak",
    "NewInTheKit": "test_no_longer_new",
}
"""A component that breaks one promise → the only test that fails."""

GOOD = ("Ear", "Writes", "Means", "Says", "Share", "Hums", "OverridesWithAReason")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The kit's verdict on all of them, from one run in which both distributions are installed."""
    folder = tmp_path_factory.mktemp("installed")
    for name in ("bad", "heavy"):
        info = folder / f"affekt_{name}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: affekt-{name}\nVersion: 0.1.0\n")
        (info / "entry_points.txt").write_text(f"[affekt]\n{name} = affekt_{name}.plugin\n")
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={folder}",
        f"--junitxml={folder}/junit.xml",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(HERE / "bad" / "bad_suites.py")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(HERE / "bad")])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout, ElementTree.parse(folder / "junit.xml")


def failed(report, name):
    cases = [case for case in report[1].iter("testcase") if case.get("classname").endswith(f".Test{name}")]
    assert len(cases) >= 12
    return {case.get("name"): case for case in cases if case.find("failure") is not None or case.find("error")}


@pytest.mark.parametrize(("name", "test"), CAUGHT_BY.items(), ids=CAUGHT_BY)
def test_a_bad_component_is_caught_by_exactly_one_test(report, name, test):
    assert sorted(failed(report, name)) == [test]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_component_passes(report, name):
    assert not failed(report, name)


def test_there_is_a_bad_component_for_every_test_of_every_suite():
    suites = [Suite, BatchSuite, *(getattr(affekt_testing, name) for name in affekt_testing.__all__ if "Suite" in name)]
    tests = {name for suite in suites for name in vars(suite) if name.startswith("test_")}
    assert tests <= set(CAUGHT_BY.values())


def test_every_test_says_what_to_fix_and_failures_show_it(report):
    suites = [Suite, BatchSuite, *(getattr(affekt_testing, name) for name in affekt_testing.__all__ if "Suite" in name)]
    silent = [n for s in suites for n, test in vars(s).items() if n.startswith("test_") and not test.__doc__]
    assert not silent
    assert "Padding is the usual leak" in report[0]
    assert 'Try: delete it and fix the component, or @pytest.mark.xfail(reason="…") above it' in report[0]


def test_a_test_that_is_new_in_the_kit_warns_first(report):
    assert "from affekt-testing 99 on this counts: not as the next version wants it" in report[0]
