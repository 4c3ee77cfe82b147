"""Data sets of texts that nobody speaks: EMCONA and GoEmotions."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from affekt_datasets import DatasetError, folds, read
from affekt_datasets.catalogue import examine

Build = Callable[..., Path]
HEADING = (
    "id\tid_ori\tid_gen\targument\tclaim\tbatch\tstrategy_gen\temotion_gen\tmodel_gen\tfallacy_gold\t"
    + "\t".join(f"emo_{n}\tfallacy_{n}\tconv_{n}\tconv_zscore_{n}" for n in range(3))
    + "\n"
)
SHARED = Path(os.environ.get("AFFEKT_SHARED", "../shared")) / "data"


def row(
    original: str, variant: str, emotions: tuple[str, str, str], conviction: str = "3", text: str = "Trust me."
) -> str:
    people = "\t".join(f"{emotion}\tad populum\t{conviction}\t0.5" for emotion in emotions)
    made = "N/A\tN/A\tN/A" if variant == "-1" else "imagery\tfear\tgpt-4o-mini"
    return f"1\t{original}\t{variant}\t{text}\tI am right\t4\t{made}\tad populum\t{people}\n"


def test_an_argument_keeps_what_every_person_said(build: Build) -> None:
    root = build({
        "fallacy.tsv": HEADING + row("7", "-1", ("none", "anger", "none"))
        + row("7", "0", ("fear", "anger", "none"), "100")
    })  # fmt: skip
    original, variant = read("emcona", root).samples
    assert (original.id, original.label, original.labels) == ("7-original", "none", ("none", "anger"))
    assert (original.notes["raters"], original.notes["intended"]) == (("none", "anger", "none"), None)
    assert original.notes["convincing"] == (3.0, 3.0, 3.0)
    assert (variant.id, variant.label, variant.notes["intended"]) == ("7-0", None, "fear")
    assert variant.notes["convincing"] == variant.notes["convincing_z"] == (None, None, None)
    assert original.speaker == variant.speaker
    clip = original.clip()
    assert (clip.text, clip.audio, clip.language) == ("Trust me.", None, "en")
    assert "no recording" in clip.why_missing("audio")


def test_what_is_wrong_with_arguments_is_counted(build: Build) -> None:
    root = build({
        "merged_majority.tsv": HEADING + row("7", "0", ("bliss", "none", "none"))
        + row("8", "0", ("none",) * 3, "often")
        + row("9", "0", ("none",) * 3, text=" ") + row("9", "1", ("none",) * 3) * 2
    })  # fmt: skip
    report = examine("emcona", root).report
    assert report.counts() == {"bad row": 4, "unknown label": 1, "duplicate": 1}
    with pytest.raises(DatasetError, match=r'1 unknown label.*\n.*"bliss"'):
        read("emcona", root)


def test_pairs_come_with_their_texts_and_five_votes(build: Build) -> None:
    root = build({
        "pairs.csv": "lang,id,ids,conv_labels,emo_labels,annotators,batch,dataset\n"
        'de,defabel-3,"0,1",1|2|0|1|1,0|2|2|2|0,5|6|7|8|9,batch_2,defabel\n'
        'en,hansard_bill-4,"2,1",1|1|1|1|1,2|2|2|2|2,5|6|7|8|9,batch_2,hansard_bill\n'
        'en,dagstuhl-5,"0,1",1|1|1|1|1,2|2|2|2|2,5|6|7|8|9,batch_2,dagstuhl\n',
        "pairs/defabel.tsv": '\tindex\tids\targ1\targ2\n1\t3\t0,1\t"Er sagt: ""so"""\tNein\n',
        "pairs/hansrad_bill.tsv": "index\tBill\tids\targ1\targ2\n4\tA Bill\t2,1\tMy Lords\tI agree\n",
    })  # fmt: skip
    dataset = examine("emcona", root, part="pairs")
    german, english = dataset.samples
    assert (german.id, german.language, german.label) == ("defabel-3-0-1", "de", None)
    assert (german.notes["first"], german.text) == ('Er sagt: "so"', 'Er sagt: "so"\n\nNein')
    assert german.notes["emotional"] == ("neither", "second", "second", "second", "neither")
    assert english.notes["second"] == "I agree"
    assert dataset.report.counts() == {"missing": 1}


def test_a_part_and_a_folder_that_are_not_there_are_named(build: Build) -> None:
    with pytest.raises(DatasetError, match='no part "triples"'):
        read("emcona", build({"fallacy.tsv": HEADING}), part="triples")
    with pytest.raises(DatasetError, match=r"has no pairs\.csv"):
        read("emcona", build({"fallacy.tsv": HEADING}), part="pairs")
    with pytest.raises(DatasetError, match='no column "id_ori"'):
        read("emcona", build({"fallacy.tsv": "argument\tclaim\nI say\tso\n"}))


def test_comments_of_several_emotions_have_no_single_label(build: Build) -> None:
    root = build({
        "train.tsv": 'So "happy\t17\tabc\nOdd and sad\t25,27\tdef\n',
        "test.tsv": "What\t28\tghi\nno tabs\nNo!\t3\tjkl\n"
    })  # fmt: skip
    dataset = examine("goemotions", root)
    happy, mixed, annoyed = dataset.samples
    assert (happy.label, happy.text, happy.split, happy.id) == ("joy", 'So "happy', "train", "abc")
    assert (mixed.label, mixed.labels) == (None, ("sadness", "neutral"))
    assert annoyed.label == "annoyance"
    assert dataset.report.counts() == {"unknown label": 1, "bad row": 1}


@pytest.mark.skipif(not (SHARED / "emcona").is_dir(), reason="needs $AFFEKT_SHARED/data/emcona")
def test_the_release_is_read_whole_and_folds_keep_variants_together() -> None:
    dataset = read("emcona", SHARED / "emcona")
    assert (len(dataset), len({sample.speaker for sample in dataset})) == (800, 160)
    assert sum(sample.label is None for sample in dataset) == 212
    for fold in folds(dataset, 5):
        assert not {one.speaker for one in fold.train} & {one.speaker for one in fold.test}
    pairs = read("emcona", SHARED / "emcona", part="pairs")
    assert set(Counter(sample.notes["corpus"] for sample in pairs).values()) == {200}
