"""The columns of the score card that need a model, through tiny random models of the real classes."""

import json
import re

import numpy as np
import pytest
from affekt import OptionsError, WeightsError
from affekt_annotate.annotation import Annotation, Observation
from affekt_annotate.commands import app
from affekt_annotate.running import annotate
from affekt_annotate.score_card import card
from affekt_annotate.score_models import ScoreModels, clues_of
from affekt_media import load
from typer.testing import CliRunner

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
WORDS = re.findall(
    r"\w+", "the person lip corners rise cheeks jaw drops voice pitch is above says and of speaks for feeling"
)


def tokenizer(length):
    """Words alone, between a begin and an end."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    vocabulary = {word: number for number, word in enumerate(["<pad>", "<unk>", "<s>", "</s>", *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 2), ("</s>", 3)]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, model_max_length=length, pad_token="<pad>", unk_token="<unk>", bos_token="<s>",
        eos_token="</s>",
    )  # fmt: skip


TEXT = {
    "vocab_size": 4 + len(WORDS), "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory):
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("clip")
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
              "image_size": 32, "patch_size": 16}  # fmt: skip
    config = transformers.CLIPConfig(
        text_config=TEXT | {"max_position_embeddings": 20}, vision_config=vision, projection_dim=8
    )
    transformers.CLIPModel(config).save_pretrained(folder)
    pictures = transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    transformers.CLIPProcessor(image_processor=pictures, tokenizer=tokenizer(20)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def clap_folder(tmp_path_factory):
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("clap")
    sound = {"num_mel_bins": 16, "spec_size": 64, "window_size": 4, "patch_size": 4, "patch_stride": [4, 4],
             "patch_embeds_hidden_size": 8, "hidden_size": 16, "depths": [1, 1], "num_attention_heads": [2, 2],
             "num_hidden_layers": 2}  # fmt: skip
    config = transformers.ClapConfig(
        text_config=TEXT | {"max_position_embeddings": 100}, audio_config=sound, projection_dim=8
    )
    transformers.ClapModel(config).save_pretrained(folder)
    hears = transformers.ClapFeatureExtractor(feature_size=16, max_length_s=2, truncation="rand_trunc")
    transformers.ClapProcessor(feature_extractor=hears, tokenizer=tokenizer(80)).save_pretrained(folder)
    return folder


@pytest.fixture
def inference_folder(tmp_path):
    """A function that saves a classifier which always says the class of this place."""

    def save(name, labels, says):
        torch.manual_seed(0)
        config = transformers.BertConfig(
            **TEXT, max_position_embeddings=64, id2label=dict(enumerate(labels)), num_labels=3, type_vocab_size=2
        )
        network = transformers.BertForSequenceClassification(config)
        with torch.no_grad():
            network.classifier.weight.zero_()
            network.classifier.bias.copy_(torch.nn.functional.one_hot(torch.tensor(says), 3) * 5.0)
        network.save_pretrained(tmp_path / name)
        tokenizer(64).save_pretrained(tmp_path / name)
        return str(tmp_path / name)

    return save


@pytest.fixture
def smiles(world, tmp_path):
    """An annotation whose media are in the folder."""
    world.add("smiles")
    annotate(world.config(), world.samples(smiles="happy"), tmp_path / "out")
    one = Annotation.model_validate_json((tmp_path / "out/annotations.jsonl").read_text(encoding="utf-8"))
    tone = Observation(state="measured", text="the pitch of the voice is above its average", detector="a describer")
    return one.model_copy(update={"tone": tone})


def scores(one, models, media=None):
    """Measure → value or status."""
    told = {measure.name: measure for measure in card(one, models, media)}
    return {name: measure.status if measure.value is None else measure.value for name, measure in told.items()}


def test_the_picture_at_the_peak_is_compared_with_the_description_by_clip(smiles, clip_folder, tmp_path):
    media = tmp_path / "out/video/smiles.mp4"
    found = scores(smiles, ScoreModels(clip=str(clip_folder)), media)["clip_image_score"]
    network = transformers.CLIPModel.from_pretrained(clip_folder).eval()
    processor = transformers.CLIPProcessor.from_pretrained(clip_folder)
    video = load(media.resolve()).video
    at = next(peak.time for peak in smiles.face.peaks if peak.rule == "speech-robust")
    frame = video.frames[np.argmin(np.abs(video.at() - at))]
    ids = [2, *processor.tokenizer(smiles.blind.text, add_special_tokens=False).input_ids[:18], 3]  # 20 places in all
    with torch.inference_mode():
        text = network.text_projection(network.text_model(torch.tensor([ids])).pooler_output)
        pixels = processor.image_processor(frame, return_tensors="pt").pixel_values
        picture = network.visual_projection(network.vision_model(pixels).pooler_output)
    cosine = float(torch.nn.functional.cosine_similarity(text, picture))
    assert found == pytest.approx((cosine + 1) / 2, abs=1e-5)
    assert abs(cosine) > 0.01


def test_all_pieces_of_a_sound_longer_than_clap_hears_count_and_none_at_random(smiles, clap_folder, tmp_path):
    media = tmp_path / "out/video/smiles.mp4"
    found = [scores(smiles, ScoreModels(clap=str(clap_folder)), media)["clap_audio_score"] for _ in range(2)]
    assert found[0] == found[1]  # of its three seconds the model hears two at once
    network = transformers.ClapModel.from_pretrained(clap_folder).eval()
    processor = transformers.ClapProcessor.from_pretrained(clap_folder)
    sound = load(media.resolve(), sample_rate=48_000).audio.samples
    cosines = []
    for piece in (sound[:96_000], sound[96_000:]):
        read = processor(text=[smiles.tone.text], audio=[piece], sampling_rate=48_000, return_tensors="pt")
        with torch.inference_mode():
            told = network(**read)
        cosines.append(float(torch.nn.functional.cosine_similarity(told.text_embeds, told.audio_embeds)))
    assert found[0] == pytest.approx((np.mean(cosines) + 1) / 2, abs=1e-5)


def test_the_inference_models_own_names_of_classes_count_and_not_their_places(smiles, inference_folder):
    assert len(clues_of(smiles)) == 2  # tone and face; nobody looked at the scene
    mnli = inference_folder("mnli", ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], says=2)
    other = inference_folder("other", ["entailment", "neutral", "contradiction"], says=2)
    names = ("nli_entail", "nli_contra", "nli_consistency")
    for model, wanted in ((mnli, [1, 0, 1]), (other, [0, 1, 0])):
        found = scores(smiles, ScoreModels(nli=model))
        assert [found[name] for name in names] == wanted
    nameless = inference_folder("nameless", ["LABEL_0", "LABEL_1", "LABEL_2"], says=0)
    with pytest.raises(OptionsError, match='no class of the inference model begins with "entail"'):
        scores(smiles, ScoreModels(nli=nameless))


def test_without_a_model_or_media_the_columns_are_absent_and_say_why(smiles, clip_folder):
    assert scores(smiles, None)["clap_audio_score"] == "no model was named: --clap MODEL"
    assert scores(smiles, None)["nli_entail"] == "no model was named: --nli MODEL"
    told = scores(smiles, ScoreModels(clip=str(clip_folder)), None)["clip_image_score"]
    assert told.startswith("its media are not in the folder")


def test_a_model_of_another_kind_is_refused(smiles, clap_folder, tmp_path):
    with pytest.raises(WeightsError, match="CLIPModel"):
        scores(smiles, ScoreModels(clip=str(clap_folder)), tmp_path / "out/video/smiles.mp4")


def test_the_command_takes_the_models(smiles, clip_folder, inference_folder, tmp_path):
    nli = inference_folder("mnli", ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], says=0)
    asked = ["score", str(tmp_path / "out"), "--clip", str(clip_folder), "--nli", nli, "--json"]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    found = json.loads(told.output)
    assert found["nli_contra"]["mean"] == 1.0
    assert found["clip_image_score"]["clips"] == 1
    assert found["clap_audio_score"]["mean"] is None
