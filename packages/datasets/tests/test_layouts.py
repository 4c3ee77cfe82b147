"""Every official layout, read from a miniature of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from affekt_datasets import Sample, read

Tree = dict[str, bytes | str]

Build = Callable[[Tree], Path]


def by_id(samples: tuple[Sample, ...]) -> dict[str, Sample]:
    return {sample.id: sample for sample in samples}


def test_mer2023_as_handed_out(build: Build, mer2023: Tree) -> None:
    dataset = read("mer2023", build(mer2023))
    assert dataset.splits() == {"train": 2, "test1": 1, "test2": 1, "test3": 1}
    found = by_id(dataset.samples)
    first = found["sample_00000001"]
    assert (first.label, first.valence, first.text, first.language) == ("happy", 2.5, "Well, I never!", "en")
    assert found["sample_00000005"].valence is None
    assert list(dataset.features) == ["HL-UTT"]
    assert first.clip().text == "Well, I never!"
    assert first.clip().audio is not None


def test_mer2023_with_its_unlabelled_pool(build: Build, mer2023: Tree) -> None:
    pool = read("mer2023", build(mer2023), unlabelled=True).split("unlabelled")
    assert [(sample.id, sample.label) for sample in pool] == [("sample_00000006", None)]


def test_mer2023_with_the_lists_of_emotion_llama(build: Build, sounds: Callable[[int], bytes]) -> None:
    root = build({
        "video/sample_1.avi": sounds(1), "video/samplenew_2.mp4": sounds(2),
        "relative_train3_NCEV.txt": "sample_1 100 worried -2.5\n",
        "relative_test3_NCEV.txt": "samplenew_2 125 sad -10\n",
    })  # fmt: skip
    train, test = read("mer2023", root).samples
    assert (train.label, train.valence, train.split) == ("worried", -2.5, "train")
    assert (test.label, test.valence, test.split) == ("sad", None, "test3")


def test_mer2024_with_its_three_tracks(build: Build, sounds: Callable[[int], bytes]) -> None:
    root = build({
        "video-labeled/sample_1.mp4": sounds(1), "video-unlabeled-with-test2noise/samplenew_2.mp4": sounds(2),
        "video-unlabeled-with-test2noise/samplenew_3.mp4": sounds(3),
        "label-disdim.csv": "name,discrete,valence\nsample_1,surprise,1.5\n",
        "reference-semi.csv": "name,discrete\nsamplenew_2,sad\n",
        "reference-noise.csv": "name,discrete\nsamplenew_3,neutral\n",
        "check-openset.csv": "name,openset\nsample_1,\"['Amazed', 'self-deprecating']\"\n",
        "label-transcription.csv": "name,chinese,english\nsample_1,哎呀,Oh dear\n",
    })  # fmt: skip
    dataset = read("mer2024", root)
    assert {s.split: s.label for s in dataset} == {"train": "surprise", "semi": "sad", "noise": "neutral"}
    assert read("mer2024", root, language="zh").samples[0].text == "哎呀"
    (opened,) = read("mer2024", root, tracks=["ov"]).samples
    assert (opened.label, opened.labels) == (None, ("amazed", "self-deprecating"))


@pytest.mark.parametrize("grain", ["coarse", "fine"])
def test_merr_with_its_field_names(build: Build, merr: Tree, grain: str) -> None:
    (sample,) = read("merr", build(merr), grain=grain).samples
    assert (sample.label, sample.valence, sample.text) == ("surprise", -0.61232674, "Oh my!")
    assert sample.notes["peak_AU_list"] == ["AU05:0.36", "AU26:1.02"]
    assert sample.notes["caption"] == "a woman"
    assert sample.clip().video is not None


def test_dfew_with_five_folds(build: Build, dfew: Tree) -> None:
    dataset = read("dfew", build(dfew))
    assert {sample.id: (sample.label, sample.fold) for sample in dataset} == {
        "1": ("happy", 1), "2": ("fear", 2), "3": ("neutral", 3), "4": ("angry", 4), "5": ("disgust", 5),
    }  # fmt: skip
    folds = list(dataset.official_folds())
    assert [(fold, len(train), len(test)) for fold, train, test in folds] == [(fold, 4, 1) for fold in range(1, 6)]


def test_dfew_as_folders_of_pictures(build: Build, dfew: Tree) -> None:
    from PIL import Image

    root = build({name: content for name, content in dfew.items() if not name.startswith("Clip")})
    for clip in range(1, 6):
        (folder := root / f"Clip/clip_224x224_16f/{clip:05d}").mkdir(parents=True)
        for number in range(1, 12):
            Image.new("RGB", (8, 6), (number, clip, 0)).save(folder / f"{number}.png")
    clip = read("dfew", root).samples[1].clip()
    assert clip.video is not None
    assert [int(frame[0, 0, 0]) for frame in clip.video.frames] == list(range(1, 12)), "not in the order of numbers"


def test_emer_old_and_new(build: Build, sounds: Callable[[int], bytes]) -> None:
    root = build({
        "gt-eng.csv": 'names,emotions,subtitles,reasons\nsample_1,angry,Go away.,"He roared, so he is angry."\n',
        "final-EMER-reason.csv": 'name,chinese,english\nsample_1,怒吼,"In the video, he roars."\n',
        "final-openset-english.csv": 'name,openset\nsample_1,"[""angry"", ""fed up""]"\n',
        "video/sample_1.mp4": sounds(1),
    })  # fmt: skip
    (old,) = read("emer", root, version=1).samples
    assert (old.labels, old.text, old.notes["reason"]) == (("angry",), "Go away.", "He roared, so he is angry.")
    (new,) = read("emer", root).samples
    assert (new.label, new.labels, new.notes["reason"]) == (None, ("angry", "fed up"), "In the video, he roars.")


def test_meld_counts_dialogues_anew_in_every_split(build: Build, sounds: Callable[[int], bytes]) -> None:
    heading = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\n"
    root = build({
        "train_sent_emo.csv": f'{heading}1,It\x92s fine,Joey,joy,positive,0,0,8,21,"00:16:16,059","00:16:21,731"\n',
        "test_sent_emo.csv": f'{heading}1,Oh no,Ross,fear,negative,0,0,8,21,"00:16:16,059","00:16:21,731"\n',
        "train_splits/dia0_utt0.mp4": sounds(1),
        "output_repeated_splits_test/dia0_utt0.mp4": sounds(2),
        "output_repeated_splits_test/._dia0_utt0.mp4": b"",
    })  # fmt: skip
    train, test = read("meld", root).samples
    assert (train.id, train.text, train.speaker, train.label) == ("train_dia0_utt0", "It’s fine", "meld-Joey", "joy")
    assert (test.id, test.split, test.notes["sentiment"]) == ("test_dia0_utt0", "test", "negative")


def test_ravdess_chooses_one_of_its_modalities(build: Build, sounds: Callable[[int], bytes], film: bytes) -> None:
    root = build({
        "Actor_04/03-01-05-02-01-02-04.wav": sounds(1), "Actor_04/01-01-05-02-01-02-04.mp4": film,
        "Actor_04/03-02-03-01-01-01-04.wav": sounds(2),
    })  # fmt: skip
    (sample,) = read("ravdess", root).samples
    assert (sample.label, sample.speaker, sample.notes["sex"]) == ("angry", "ravdess-04", "female")
    (seen,) = read("ravdess", root, modality="audio-video").samples
    assert seen.media is not None
    assert seen.media.suffix == ".mp4"
    assert read("ravdess", root, channel="song").samples[0].label == "happy"


def test_a_folder_of_ones_own(build: Build, sounds: Callable[[int], bytes]) -> None:
    root = build({
        "a/1.wav": sounds(1), "b/1.wav": sounds(2),
        "labels.csv": "file_name,label,labels,valence,split,speaker,fold,mood\n"
        "a/1.wav,sad,sad;tired,-0.5,train,x,1,dark\nb/1.wav,,,,test,y,2,\n",
    })  # fmt: skip
    one, two = read("folder", root).samples
    assert (one.id, one.labels, one.fold, dict(one.notes)) == ("a/1", ("sad", "tired"), 1, {"mood": "dark"})
    assert (two.id, two.label, two.valence, two.split) == ("b/1", None, None, "test")


def test_fer2013_pictures_are_clips_of_one_frame(build: Build) -> None:
    root = build({})
    root.mkdir()
    images = np.arange(2 * 48 * 48, dtype=np.uint32).reshape(2, 48, 48).astype(np.uint8)
    names = np.array(["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"])
    for split in ("train", "public_test"):
        np.savez(root / f"{split}.npz", images=images, labels=np.array([3, 6], np.uint8), names=names)
    dataset = read("fer2013", root)
    assert [sample.label for sample in dataset.split("train")] == ["happy", "surprise"]
    video = dataset.samples[1].clip().video
    assert video is not None
    np.testing.assert_array_equal(video.frames[0, :, :, 2], images[1])
