"""Every official layout, read from a miniature of it."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from affekt_datasets import DatasetError, Sample, by_reason, folds, read
from affekt_datasets.tables import from_table, to_table

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


@pytest.mark.parametrize(
    ("name", "file", "label", "speaker"),
    [
        ("nemo", "EB0_surprised_12.wav", "surprise", "nemo-EB0"),
        ("ased", "S4-04-02-01-29.wav", "sad", "ased-29"),
        ("javanese_voice", "03-02-05_04.wav", "fearful", "javanese-03"),
        ("javanese_av", "03-02-05.mp4", "fearful", "javanese-03"),
        ("urdu", "SM5_F10_N038.wav", "neutral", "urdu-SM5"),
        ("emogator", "000123-28-2.mp3", "surprise (positive)", "emogator-000123"),
    ],
)
def test_voices_whose_names_say_everything(
    build: Build, sounds: Callable[[int], bytes], name: str, file: str, label: str, speaker: str
) -> None:
    (sample,) = read(name, build({file: sounds(1)})).samples
    assert (sample.label, sample.speaker, sample.id) == (label, speaker, Path(file).stem)
    with pytest.raises(DatasetError, match=r"bad row"):
        read(name, build({file: sounds(1), "readme.wav": sounds(2)}))


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
    found = [(fold.name, len(fold.train), len(fold.test)) for fold in folds(dataset)]
    assert found == [(str(fold), 4, 1) for fold in range(1, 6)]


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


def packed(**corpora: dict[str, dict[str, object]]) -> bytes:
    """A file of labels as MERBench saves them."""
    file = io.BytesIO()
    arrays = {f"{name}_corpus": np.array(told, dtype=object) for name, told in corpora.items()}
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


TRANSCRIPT = "name,chinese,english\n{0},你好,Hello\n"


def test_the_nine_folders_of_mer_unibench(build: Build, sounds: Callable[[int], bytes]) -> None:
    root = build({
        "cmumosi-process/label.npz": packed(train={"a_1": {"emo": 0, "val": -1.8}}, val={}, test={
            "b_x_1": {"emo": 0, "val": 0.4}, "b_x_2": {"emo": 0, "val": 0.0}}),
        "cmumosi-process/transcription-engchi-polish.csv": TRANSCRIPT.format("b_x_1"),
        **{f"cmumosi-process/subvideo/{name}.mp4": sounds(n) for n, name in enumerate(("a_1", "b_x_1", "b_x_2"))},
        "simsv2-process/label.npz": packed(train={}, val={}, test={"aqgy4_1": {"val": np.float32(-0.6)}}),
        "simsv2-process/transcription-engchi-polish.csv": TRANSCRIPT.format("aqgy4_1"),
        "simsv2-process/video_new/aqgy4_1.mp4": sounds(4),
        "iemocap-process/label_4way.npz": packed(whole={
            "Ses01F_impro01_M000": {"emo": 2}, "Ses05M_script01_1_F002": {"emo": np.int64(3)}}),
        "iemocap-process/subvideo-tgt/Ses01F_impro01_M000.avi": sounds(5),
        "iemocap-process/subvideo-tgt/Ses05M_script01_1_F002.avi": sounds(6),
        "meld-process/label.npz": packed(train={}, val={}, test={"dia0_utt1": {"emo": 1, "val": -10}}),
        "meld-process/subvideo/dia0_utt1.mp4": sounds(7),
        "mer2023-dataset-process/label-6way.npz": packed(
            train={"sample_1": {"emo": "worried", "val": -2.5}}, test1={"sample_2": {"emo": 1, "val": -10}},
            test2={}, test3={}),
        "mer2023-dataset-process/video/sample_1.avi": sounds(8),
        "mer2023-dataset-process/video/sample_2.mp4": sounds(9),
        "mer2024-dataset-process/label-6way.npz": packed(train={}, test1={"sample_3": {"emo": "sad", "val": -10}}),
        "mer2024-dataset-process/video/sample_3.mp4": sounds(10),
        "ovmerdplus-process/ovlabel.csv": 'name,openset\ns_1,"[\'happy\', \'proud\']"\ns_2,[]\n',
        "ovmerdplus-process/subtitle_eng.csv": "name,sentence\ns_1,We won!\n",
        "ovmerdplus-process/video/s_1.mp4": sounds(11), "ovmerdplus-process/video/s_2.mp4": sounds(12),
    })  # fmt: skip
    (old, some, none) = read("cmu-mosi", root / "cmumosi-process").samples
    assert (old.split, old.label, old.valence, old.text) == ("train", "negative", -1.8, None)
    assert (some.split, some.label, some.speaker, some.text) == ("test", "positive", "cmu-mosi-b_x", "Hello")
    assert none.label == "neutral"
    (chinese,) = read("ch-sims-v2", root / "simsv2-process").samples
    assert (chinese.label, chinese.text, chinese.language) == ("negative", "你好", "zh")
    assert read("ch-sims-v2", root / "simsv2-process", language="en").samples[0].text == "Hello"
    first, last = read("iemocap", root / "iemocap-process").samples
    assert (first.label, first.split, first.speaker) == ("neutral", "train", "iemocap-1M")
    assert (last.label, last.split, last.speaker, last.session) == ("anger", "test", "iemocap-5F", "iemocap-5")
    (meld,) = read("meld", root / "meld-process").samples
    assert (meld.label, meld.split, meld.speaker, meld.valence) == ("joy", "test", None, None)
    worried, angry = read("mer2023", root / "mer2023-dataset-process").samples
    assert (worried.label, worried.valence, worried.split) == ("worried", -2.5, "train")
    assert (angry.label, angry.valence, angry.split) == ("angry", None, "test1")
    assert read("mer2024", root / "mer2024-dataset-process").split("semi").samples[0].label == "sad"
    proud, nothing = read("emer", root / "ovmerdplus-process").samples
    assert (proud.labels, proud.text, nothing.labels) == (("happy", "proud"), "We won!", ("neutral",))


def test_a_pickle_that_asks_for_more_than_data_is_not_obeyed(build: Build, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {tmp_path}/obeyed",)

    root = build({"label.npz": packed(train={"a_1": {"val": Evil()}}, val={}, test={})})
    with pytest.raises(DatasetError, match=r"asks for \w+\.system, which labels do not need"):
        read("cmu-mosi", root)
    assert not (tmp_path / "obeyed").exists()
    (root / "label.npz").write_bytes(packed(train={"a_1": {"val": 1}})[:-40])
    with pytest.raises(DatasetError, match="cannot be read"):
        read("cmu-mosi", root)
    (root / "label.npz").write_bytes(packed(train={"a_1": {"val": 1.0}}))
    with pytest.raises(DatasetError, match='no array "val_corpus"'):
        read("cmu-mosi", root)


def test_ch_sims_as_its_makers_hand_it_out(build: Build, sounds: Callable[[int], bytes]) -> None:
    root = build({
        "label.csv": "video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode\n"
        "video_0001,1,我不想嫁给李茶,-1.0,-0.8,-0.6,-1,Negative,train\n"
        "video_0001,0002,好,0.0,0,0,0,Neutral,test\n",
        "Raw/video_0001/0001.mp4": sounds(1), "Raw/video_0001/0002.mp4": sounds(2),
    })  # fmt: skip
    bad, neutral = read("ch-sims", root).samples
    assert (bad.id, bad.label, bad.valence, bad.split) == ("video_0001/1", "negative", -1.0, "train")
    assert (bad.speaker, bad.language, bad.notes["label_T"]) == ("ch-sims-video_0001", "zh", "-0.8")
    assert (neutral.label, neutral.split) == ("neutral", "test")


def test_iemocap_as_its_makers_hand_it_out(build: Build, sounds: Callable[[int], bytes]) -> None:
    name, dialogue = "Ses05F_impro01", "Session5/dialog"
    root = build({
        f"{dialogue}/EmoEvaluation/{name}.txt": "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
        f"[6.2901 - 8.2357]\t{name}_M000\texc\t[4.5000, 4.0000, 2.5000]\nC-E2:\tHappy;\t()\n"
        f"[9.0 - 10.0]\t{name}_F000\tfru\t[2.5000, 2.5000, 2.5000]\n",
        f"{dialogue}/transcriptions/{name}.txt": f"{name}_M000 [006.2901-008.2357]: We won!\n",
        f"Session5/sentences/wav/{name}/{name}_M000.wav": sounds(1),
        f"Session5/sentences/wav/{name}/{name}_F000.wav": sounds(2),
    })  # fmt: skip
    dataset = read("iemocap", root)
    (sample,) = dataset.samples
    assert by_reason(dataset.left_out) == {"a label outside the vocabulary": 1}
    assert (dataset.left_out[0].detail, dataset.left_out[0].sample.label) == ("fru", None)
    assert dataset.report.counts() == {}
    assert sample.session == "iemocap-5"
    assert (sample.label, sample.valence, sample.text, sample.fold) == ("happy", 4.5, "We won!", 5)
    assert (sample.speaker, sample.split) == ("iemocap-5M", "test"), "the M speaks, though F is captured"


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
        "labels.csv": "file_name,label,labels,valence,split,speaker,session,fold,mood\n"
        "a/1.wav,sad,sad;tired,-0.5,train,x,monday,1,dark\nb/1.wav,,,,test,y,,2,\n",
    })  # fmt: skip
    one, two = read("folder", root).samples
    assert (one.id, one.labels, one.fold, dict(one.notes)) == ("a/1", ("sad", "tired"), 1, {"mood": "dark"})
    assert (two.id, two.label, two.valence, two.split) == ("b/1", None, None, "test")
    assert (one.session, two.session) == ("monday", None)
    assert from_table(to_table(read("folder", root))).samples == (one, two)


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


def test_fer2013_as_the_competitions_table(build: Build) -> None:
    image = np.arange(48 * 48, dtype=np.uint32).astype(np.uint8)
    rows = "".join(
        f"{code},{' '.join(map(str, image))},{usage}\n" for code, usage in ((3, "Training"), (6, "PublicTest"))
    )
    root = build({"fer2013.csv": f"emotion,pixels,Usage\n{rows}"})
    dataset = read("fer2013", root)
    assert [(sample.label, sample.split) for sample in dataset] == [("happy", "train"), ("neutral", "public_test")]
    video = dataset.samples[1].clip().video
    assert video is not None
    np.testing.assert_array_equal(video.frames[0, :, :, 0].ravel(), image)
    (root / "fer2013.csv").write_text("emotion,pixels,Usage\n3,1 2 300,Training\n")
    with pytest.raises(DatasetError, match="48 × 48 pixels"):
        read("fer2013", root).samples[0].clip()
    (root / "fer2013.csv").write_text("emotion,pixels,Usage\n9,1,Training\n3,1,Test\n")
    with pytest.raises(DatasetError, match=r'1 unknown label[\s\S]*"9"[\s\S]*1 bad row[\s\S]*"Test"'):
        read("fer2013", root)
