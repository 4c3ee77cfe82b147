"""From a trained description to the rationale: a tiny LLaMA learns 16 descriptions, three of them with a lie."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from affekt import AudioSignal, Clip, Evidence, Features
from affekt_emotion_llama.language import language_model as language
from affekt_emotion_llama.language.prompt import LABELS, PromptForm, answer_ids, build, target
from affekt_emotion_llama.language.sequence import embed
from affekt_emotion_llama.linear import LinearFuser
from affekt_emotion_llama.model import EmotionLlama
from affekt_emotion_llama.projections import Projection
from affekt_emotion_llama.reasoner import EmotionLlamaReasoner
from affekt_emotion_llama.saved import FuserUse, ModelConfig
from tiny_checkpoints import TEXT, language_model

SECONDS = 6.0
UNITS = ("AU01", "AU02", "AU04", "AU05", "AU06", "AU09", "AU12", "AU15", "AU20", "AU26")
FORM = PromptForm(layout="short", template="{}", video_tokens=0, feature_tokens=1)


@dataclass(frozen=True)
class Told:
    """A description, what is to be measured in its clip, and the lie in it."""

    label: str
    text: str
    units: tuple[str, ...] = ()
    pitch: float = 0.0
    loudness: float = 0.0
    rate: float = 0.0
    lie: str = ""

    @property
    def right(self) -> str:
        """The description as it is trained, without its lie."""
        return target(self.text.replace(self.lie, "") if self.lie else self.text)


TOLD = (
    Told("happy", "The person smiles and the cheeks rise. The voice is higher, which suggests that she feels happy.",
         ("AU12", "AU06"), pitch=5),
    Told("sad", "The lip corners drop and the inner brows rise. The voice is softer. The person feels sad.",
         ("AU15", "AU01"), loudness=-8),
    Told("angry", "The person frowns deeply, and the tone is agitated. These clues suggest that he feels angry.",
         ("AU04",)),
    Told("neutral", "Clues of face and voice suggest that the person feels neutral."),
    Told("surprise", "Her eyes widen, her jaw drops and she gasps: the person is surprised.", ("AU05", "AU26")),
    Told("fear", "The man's lips stretch and his voice is trembling, so he seems to feel fear.", ("AU20",)),
    Told("contempt", "He does not smile. He speaks in a cold voice about the others, in contempt.", ()),
    Told("doubt", "In the video the woman raises her eyebrows and looks aside, and the words sound hesitant: doubt.",
         ("AU01", "AU02")),
    Told("worried", "The inner brows rise while the speech is faster. The person is worried about what comes next.",
         ("AU01",), rate=3),
    Told("happy", "She laughs out loud and her cheeks rise, she looks at her friend, and she feels happy.", ("AU06",)),
    Told("sad", "A tired voice, a low gaze, and a face that tells of a loss. Overall the person feels sad.", ()),
    Told("angry", "The nose wrinkles and her pitch is lower. She is angry at him.", ("AU09",), pitch=-5),
    Told("neutral", "The person talks to somebody beside the camera, and nothing much moves. It is neutral.", ()),
    # The lies: at the beginning, in the middle and at the end, and one within a clause.
    Told("happy", "She frowns. The person smiles and the voice is louder. Therefore the person feels happy.",
         ("AU12",), loudness=8, lie="She frowns."),
    Told("sad", "The lip corners drop, her pitch is higher, and she looks down. The person feels sad.",
         ("AU15",), lie="her pitch is higher,"),
    Told("surprise", "The outer brows rise and he opens his mouth. The person is surprised. The nose wrinkles.",
         ("AU02", "AU26"), lie="The nose wrinkles."),
)  # fmt: skip


def measured(told: Told) -> dict[str, Features]:
    """Action units that rise from 2 to 4 s where the description says so, and a voice that departs then."""
    time = np.arange(60) / 10
    units = np.full((60, len(UNITS)), 0.05, np.float32)
    for unit in told.units:
        units[(time >= 2) & (time < 4), UNITS.index(unit)] = 0.7
    fine = np.arange(600) / 100
    away = ((fine >= 2) & (fine < 4)).astype(np.float64)
    wave = 0.5 * np.sin(fine * 9)
    columns = [wave + told.pitch * away, -30 + told.loudness * away, np.ones(600), 4 + told.rate * away, np.ones(600)]
    voice = np.stack(columns, axis=1).astype(np.float32)
    return {
        "action_units": Features(values=units, hop=0.1, names=UNITS),
        "prosody": Features(values=voice, hop=0.01, names=("pitch", "loudness", "voicing", "rate", "speech")),
    }


def clips() -> list[Evidence]:
    """Sixteen clips: what the model reads of each tells it from the others."""
    rows = np.random.default_rng(7).standard_normal((len(TOLD), 1, 8)).astype(np.float32)
    sound = AudioSignal(samples=np.zeros(int(SECONDS * 1000), np.float32), sample_rate=1000)
    return [
        Evidence(
            clip=Clip(id=str(index), audio=sound),
            features={"speech": Features(values=row, hop=SECONDS), **measured(told)},
        )
        for index, (row, told) in enumerate(zip(rows, TOLD, strict=True))
    ]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    """A tiny random LLaMA that was trained until it knows its 16 descriptions by heart."""
    words = "\n".join([TEXT, *(target(told.text) for told in TOLD)])
    base = language_model(
        tmp_path_factory.mktemp("learner"), words, vocab_size=600, hidden_size=64, intermediate_size=128,
        initializer_range=0.1,
    )  # fmt: skip
    options = {"projections": [Projection(name="ear", slot="speech").model_dump(mode="json")]}
    config = ModelConfig(
        language_model=str(base), fuser=FuserUse(options=options), dims={"speech": 8}, hidden=64, prompt=FORM
    )
    loaded = language.load(str(base))
    torch.manual_seed(0)
    fusion = config.fusion()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several wait for each other longer than a model of this size computes
    try:
        learn(loaded.model, loaded.tokenizer, fusion)
    finally:
        torch.set_num_threads(threads)
    loaded.model.save_pretrained(base)
    folder = tmp_path_factory.mktemp("model")
    EmotionLlama(config=config, fusion=fusion, language_model=loaded.model, tokenizer=loaded.tokenizer).save_pretrained(
        folder
    )
    return str(folder)


def learn(network, tokenizer, fusion, steps=80):
    """All of the network's weights, on labels and descriptions, by the same prompts as inference."""
    embeddings = network.get_input_embeddings()
    asked = [(build(tokenizer, FORM, "emotion"), [told.label for told in TOLD])]
    asked += [(build(tokenizer, FORM, "reason"), [target(told.text) for told in TOLD])]
    rows = torch.from_numpy(np.stack([known.features["speech"].values for known in clips()]))
    answers = [(prompt, index, torch.tensor(answer_ids(tokenizer, text)))
               for prompt, texts in asked for index, text in enumerate(texts)]  # fmt: skip
    longest = max(len(prompt) + len(ids) for prompt, _, ids in answers)
    optimizer = torch.optim.AdamW([*network.parameters(), *fusion.parameters()], lr=6e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
    for _ in range(steps):
        tokens, mask = fusion({"speech": rows}, {"speech": torch.ones(rows.shape[:2], dtype=torch.bool)})
        inputs = torch.zeros(len(answers), longest, 64)
        labels = torch.full((len(answers), longest), -100)
        for at, (prompt, index, ids) in enumerate(answers):
            text = torch.cat([embed(embeddings, prompt, tokens[index], mask[index]), embeddings(ids)])
            inputs[at, : len(text)] = text
            labels[at, len(text) - len(ids) : len(text)] = ids
        loss = network(inputs_embeds=inputs, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    assert loss.item() < 0.05, loss.item()


@pytest.fixture(scope="module")
def felt(model):
    known = clips()
    fused = LinearFuser(model=model).fuse(known)
    evidence = [replace(one, fused=tokens) for one, tokens in zip(known, fused, strict=True)]
    return EmotionLlamaReasoner(model=model).reason(evidence)


def test_the_model_knows_its_descriptions_by_heart(felt):
    """A precondition of what follows."""
    assert [one.generated for one in felt] == [target(told.text) for told in TOLD]
    assert set(LABELS) >= {one.label for one in felt}


def test_every_right_description_arrives_in_the_rationale_word_for_word(felt):
    arrived = [told.right in one.rationale for told, one in zip(TOLD, felt, strict=True)]
    assert sum(arrived) == 16, [told.text for told, here in zip(TOLD, arrived, strict=True) if not here]


def test_planted_lies_are_struck_and_nothing_else(felt):
    for told, one in zip(TOLD, felt, strict=True):
        struck = "left out: what was measured contradicts it" in one.rationale
        assert struck == bool(told.lie), told.text
        assert not told.lie or target(told.lie) not in one.rationale
        assert not told.lie or target(told.lie) in one.generated
    assert sum(bool(told.lie) for told in TOLD) == 3


def test_what_is_kept_of_the_generation_is_what_the_model_wrote_before_any_check(felt):
    assert [one.labels[0] for one in felt] == [one.label for one in felt]
    assert felt[13].generated.startswith("she frowns the person smiles")
    assert felt[13].clues[0].checked is False


def test_a_text_that_names_another_emotion_than_the_label_is_told(model):
    known = clips()[1]
    (fused,) = LinearFuser(model=model).fuse([known])
    shares = {label: 0.9992 if label == "angry" else 0.0001 for label in LABELS}
    reasoner = EmotionLlamaReasoner(model=model, expected=shares, trust=0.1)
    (one,) = reasoner.reason([replace(known, fused=fused)])
    assert one.label == "angry"
    assert TOLD[1].right in one.rationale
    assert "Text and label disagree: it speaks of sad, and angry is scored highest." in one.rationale


def test_label_and_text_agree(felt):
    assert [one.label for one in felt] == [told.label for told in TOLD]
    assert not any("disagree" in one.rationale for one in felt)
