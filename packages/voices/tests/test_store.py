import json
import re
import secrets
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from affekt import AudioSignal, SpeechRequest, SpeechResult
from affekt.errors import AffektError
from affekt_voices import ConsentError, ConsentRecord, ManifestError, StoreError, VoiceStore, WatermarkError
from affekt_voices import speech_file as files
from affekt_voices.commands import app
from affekt_voices.enrolment import Consent, enrol
from affekt_voices.store import _packed, embedding_hash
from typer.testing import CliRunner

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EMBEDDING = np.full(256, 1 / 16, dtype=np.float32)
PLANTED = np.linspace(-0.9, 0.9, 24_000, dtype=np.float32)


@pytest.fixture(scope="session", autouse=True)
def weights() -> None:
    """Of these tests, only those that write speech need the watermark's weights; they ask for `speech`."""


def record(**changes: object) -> ConsentRecord:
    fields = {
        "id": secrets.token_hex(16),
        "voice": "anna",
        "person": "Anna Example",
        "purposes": ("replies",),
        "language": "en",
        "given": NOW,
        "expires": NOW + timedelta(days=30),
        "phrase": "I, Anna, allow it.",
        "heard": "i anna allow it",
        "word_errors": 0.0,
        "similarity": 0.9,
        "encoder": "GE2E",
        "embedding_sha256": embedding_hash(EMBEDDING),
    }
    return ConsentRecord.model_validate({**fields, **changes})


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


class Place:
    """A store in a folder, and ways to open it again."""

    def __init__(self, folder: Path) -> None:
        self.voices, self.keys, self.clock = folder / "voices", folder / "keys", Clock()

    def open(self) -> VoiceStore:
        return VoiceStore(self.voices, self.keys, self.clock)

    def sealed(self, name: str = "record") -> Path:
        return next(self.voices.glob(f"*/{name}.sealed"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.open().add(record(), EMBEDDING, [AudioSignal(samples=PLANTED, sample_rate=24_000)])
    return made


def test_a_lent_voice_comes_back_as_it_was(place: Place):
    voice = place.open().use("anna", "replies")
    np.testing.assert_array_equal(voice.embedding, EMBEDDING)
    np.testing.assert_array_equal(voice.recordings[0].samples, PLANTED)
    assert [entry.event for entry in place.open().history()] == ["added", "used"]


def test_nothing_on_the_disk_can_be_read_without_the_key(place: Place):
    content = b"".join(path.read_bytes() for path in place.voices.rglob("*") if path.is_file())
    for secret in (b"Anna", b"anna", PLANTED[1000:1010].tobytes(), EMBEDDING[:4].tobytes()):
        assert secret not in content
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.keys.iterdir() if path.name != ".lock")


def test_what_is_derived_is_computed_once_and_gone_with_the_voice(place: Place):
    calls: list[int] = []

    def compute() -> dict[str, np.ndarray]:
        calls.append(1)
        return {"latent": np.arange(3.0)}

    lent = place.open().use("anna", "replies").record
    for _ in range(3):
        np.testing.assert_array_equal(place.open().derived(lent, "xtts 1", compute)["latent"], np.arange(3.0))
    place.open().derived(lent, "xtts 2", compute)
    assert len(calls) == 2
    place.open().revoke("anna")
    assert not list(place.voices.glob("*/"))
    with pytest.raises(ConsentError, match="gone"):
        place.open().derived(lent, "xtts 1", compute)


def test_what_takes_minutes_is_kept_sealed_replaced_and_gone_with_the_voice(place: Place):
    lent, style = place.open().use("anna", "replies").record, np.linspace(-2.0, 2.0, 300)
    assert place.open().kept(lent, "fitted 1") is None
    for arrays in ({"style": style * 2}, {"style": style}):
        place.open().keep(lent, "fitted 1", arrays)
    kept = place.open().kept(lent, "fitted 1")
    assert kept is not None
    np.testing.assert_array_equal(kept["style"], style)
    assert len(list(place.voices.glob("*/derived-*.sealed"))) == 1
    assert style[:4].tobytes() not in b"".join(path.read_bytes() for path in place.voices.rglob("*.sealed"))
    place.open().keep(lent, "fitted 1", None)
    place.open().keep(lent, "fitted 1", None)
    assert place.open().kept(lent, "fitted 1") is None


@pytest.mark.parametrize("end", ["revoke", "purge", "expire"])
def test_nothing_is_kept_of_a_voice_that_ended_while_it_was_computed(end: str, place: Place):
    store = place.open()
    lent = store.use("anna", "replies").record
    if end == "expire":
        _expired(place)
    else:
        getattr(place.open(), end)("anna")
    before = {path: path.read_bytes() for path in place.voices.rglob("*") if path.is_file()}
    with pytest.raises(ConsentError, match="Try: "):
        store.keep(lent, "fitted 1", {"style": np.arange(3.0)})
    if end != "expire":
        with pytest.raises(ConsentError, match="Try: "):
            store.kept(lent, "fitted 1")
    assert {path: path.read_bytes() for path in place.voices.rglob("*") if path.is_file()} == before


def test_fitting_needs_a_speaker_that_fits_voices(place: Place):
    done = CliRunner().invoke(app, ["fit", "anna", "--speaker", "nobody"])
    assert done.exit_code == 1
    assert "Try: " in done.stderr


def _expired(place: Place) -> None:
    place.clock.time = NOW + timedelta(days=31)


def _not_begun(place: Place) -> None:
    place.clock.time = NOW - timedelta(minutes=2)


def _clock_back(place: Place) -> None:
    place.clock.time = NOW + timedelta(days=20)
    place.open().use("anna", "replies")
    place.clock.time = NOW + timedelta(days=1)


def _older_copy(place: Place) -> None:
    """Revoked, and then both the folder of voices and the record's key are put back."""
    shutil.copytree(place.voices, place.voices.with_name("copy"))
    key = next(place.keys.glob("*[0-9a-f].key")).read_bytes()
    name = next(path.name for path in place.keys.glob("*.key") if path.name != "user.key")
    content = (place.keys / name).read_bytes() if name else key
    place.open().revoke("anna")
    shutil.rmtree(place.voices)
    shutil.copytree(place.voices.with_name("copy"), place.voices)
    (place.keys / name).write_bytes(content)


def _copied_elsewhere(place: Place) -> None:
    """The folder of voices on a machine with another key."""
    shutil.rmtree(place.keys)
    other = Place(place.voices.parent / "other")
    other.open().add(record(voice="otto"), EMBEDDING, [])
    shutil.copytree(other.keys, place.keys)


def _flipped(name: str) -> Callable[[Place], None]:
    def attack(place: Place) -> None:
        path = place.sealed(name)
        content = bytearray(path.read_bytes())
        content[-5] ^= 1
        path.write_bytes(content)

    return attack


def _swapped_embedding(place: Place) -> None:
    """Another voice's sealed embedding under this voice's consent."""
    other = np.roll(EMBEDDING, 1) * np.linspace(0.5, 1.5, 256, dtype=np.float32)
    place.open().add(record(voice="otto", embedding_sha256=embedding_hash(other)), other, [])
    anna, otto = (place.open().record(name).id for name in ("anna", "otto"))
    shutil.copy(place.voices / otto / "embedding.sealed", place.voices / anna / "embedding.sealed")


def _ledger_cut(place: Place) -> None:
    place.open().use("anna", "replies")
    ledger = place.voices / "ledger.jsonl"
    ledger.write_text("".join(ledger.read_text().splitlines(keepends=True)[:-1]))


def _ledger_changed(place: Place) -> None:
    ledger = place.voices / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace("added", "noted"))


def _ledger_rewritten(place: Place) -> None:
    entry = json.loads((place.voices / "ledger.jsonl").read_text())
    (place.voices / "ledger.jsonl").write_text(json.dumps({**entry, "chain": "0" * 64}) + "\n")


def _ledger_gone(place: Place) -> None:
    (place.voices / "ledger.jsonl").unlink()
    (place.keys / "ledger.anchor").unlink()


def _put_back(end: str) -> Callable[[Place], None]:
    """The voice's own folder and key from a backup, under the ledger of today."""

    def attack(place: Place) -> None:
        names = [place.sealed().parent, place.keys / f"{place.sealed().parent.name}.key"]
        kept = {path: path.read_bytes() for path in (*names[0].iterdir(), names[1])}
        getattr(place.open(), end)("anna")
        names[0].mkdir()
        for path, content in kept.items():
            path.write_bytes(content)

    return attack


def _put_back_while_open(place: Place) -> None:
    store = place.open()
    _put_back("revoke")(place)
    store.use("anna", "replies")


def _key_lost(place: Place) -> None:
    (place.keys / "user.key").unlink()


ATTACKS: dict[str, tuple[Callable[[Place], None], type[AffektError]]] = {
    "revoked": (lambda place: void(place.open().revoke("anna")), ConsentError),
    "purged": (lambda place: void(place.open().purge("anna")), ConsentError),
    "expired": (_expired, ConsentError),
    "not begun": (_not_begun, ConsentError),
    "clock set back": (_clock_back, StoreError),
    "older copy": (_older_copy, StoreError),
    "copied elsewhere": (_copied_elsewhere, AffektError),
    "record flipped": (_flipped("record"), StoreError),
    "embedding flipped": (_flipped("embedding"), StoreError),
    "recording flipped": (_flipped("sound-0"), StoreError),
    "embedding swapped": (_swapped_embedding, StoreError),
    "ledger cut": (_ledger_cut, StoreError),
    "ledger changed": (_ledger_changed, StoreError),
    "ledger rewritten": (_ledger_rewritten, StoreError),
    "ledger gone": (_ledger_gone, StoreError),
    "put back after revoking": (_put_back("revoke"), ConsentError),
    "put back after purging": (_put_back("purge"), ConsentError),
    "put back while in use": (_put_back_while_open, ConsentError),
    "key lost": (_key_lost, ConsentError),
}


def void(_: object) -> None:
    """Only for what the call does."""


@pytest.mark.parametrize("name", ATTACKS)
def test_a_voice_is_not_given_without_valid_consent(name: str, place: Place):
    attack, error = ATTACKS[name]
    with pytest.raises(error, match=r"Try: "):  # noqa: PT012
        attack(place)
        place.open().use("anna", "replies")


def test_a_voice_is_not_given_for_another_purpose_and_the_ledger_says_so(place: Place):
    with pytest.raises(ConsentError, match=r'not lent for "advertising"(.|\n)*Try: one of replies'):
        place.open().use("anna", "advertising")
    assert place.open().history()[-1].event == "refused"


@pytest.mark.parametrize(
    "name", ["../anna", "anna/../anna", "/etc/passwd", "", "Anna", "a" * 41, "anna\x00", "-anna", "анна", "con."]
)
def test_a_name_cannot_lead_out_of_the_store(name: str, place: Place):
    with pytest.raises(ConsentError, match="is no name of a voice"):
        place.open().use(name, "replies")
    with pytest.raises(ConsentError, match="is no name of a voice"):
        place.open().add(record(voice=name), EMBEDDING, [])


TRICKS = (
    "../x",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "anna\x00",
    "",
    "con.",
    "nul.txt",
    "a" * 300,
    "\u202eanna",
    "anna\n",
    "анна",
)


@pytest.mark.parametrize("name", TRICKS, ids=range(len(TRICKS)))
@pytest.mark.parametrize("command", ["add", "show", "revoke", "purge"])
def test_no_command_takes_a_trick_for_a_name_nor_writes_anything(
    command: str, name: str, place: Place, tmp_path: Path, monkeypatch
):
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    more = ["--consent", "consent.wav", "--person", "Anna"] if command == "add" else []
    monkeypatch.setattr("affekt_voices.store.datetime", place.clock)
    place.clock.now = lambda zone: NOW  # type: ignore[attr-defined]
    done = CliRunner().invoke(app, [command, *more, "--", name, *(["minute.wav"] if more else [])])
    assert done.exit_code == 1
    assert re.search(r"is no name of a voice\s+Try: ", done.stderr), done.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"person": ""}, "'' is no name of a person"),
        ({"person": "a" * 201}, "is no name of a person"),
        ({"person": "Anna\nOtto"}, "is no name of a person"),
        ({"person": "Anna \u202eottO"}, "is no name of a person"),
        ({"purposes": ()}, "'' is no purpose"),
        ({"purposes": ("replies", "../x")}, "'../x' is no purpose"),
        ({"expires": NOW - timedelta(days=1)}, "which is past"),
    ],
)
def test_terms_that_no_record_can_hold_are_refused_before_anybody_listens(changes: dict, found: str, place: Place):
    terms = {"person": "Anna", "purposes": ("replies",), "expires": datetime.now(UTC) + timedelta(days=1), **changes}
    with pytest.raises(ConsentError, match=rf"{re.escape(found)}(.|\n)*Try: "):
        enrol(place.open(), "otto", Consent(**terms), [Path("minute.wav")], Path("consent.wav"))


def test_a_record_is_bound_to_one_embedding_also_for_who_holds_the_keys(place: Place):
    other = np.roll(np.linspace(0.0, 0.1, 256, dtype=np.float32), 1)
    with pytest.raises(StoreError, match="is not the one its consent was given for"):
        place.open().add(record(voice="otto"), other, [])
    assert [one.voice for one in place.open().records()] == ["anna"]
    store = place.open()
    anna = store.record("anna").id
    store._write(anna, "embedding", store._record_key(anna), _packed({"embedding": other}))
    with pytest.raises(StoreError, match="is not the one its consent was given for"):
        store.use("anna", "replies")


def test_a_damaged_record_keeps_nobody_from_using_and_taking_back_another(place: Place):
    place.open().add(record(voice="otto"), EMBEDDING, [])
    _flipped("record")(place)
    (damaged,) = {path.parent for path in place.voices.glob("*/record.sealed")} - {
        place.voices / one.id for one in place.open()._readable()
    }
    (left,) = place.open()._readable()
    with pytest.raises(StoreError, match=rf'cannot be read(.|\n)*Try: delete "{re.escape(str(damaged))}"'):
        place.open().records()
    assert place.open().use(left.voice, "replies").record == left
    place.open().purge(left.voice)
    shutil.rmtree(damaged)
    assert place.open().records() == []


def test_a_phrase_is_only_given_for_terms_that_a_record_can_hold():
    given = CliRunner().invoke(app, ["phrase", "--person", "Anna Example", "--days", "1"])
    assert "I, Anna Example, allow affekt to speak with my voice for replies until" in given.stdout
    refused = CliRunner().invoke(app, ["phrase", "--person", "Anna", "--purpose", "../x"])
    assert (refused.exit_code, "is no purpose" in refused.stderr, refused.stdout) == (1, True, "")


def test_a_voice_past_its_time_is_deleted_when_the_store_is_opened(place: Place):
    _expired(place)
    store = place.open()
    assert store.records() == []
    assert not list(place.voices.glob("*/"))
    assert [entry.event for entry in store.history()] == ["added", "expired"]


@pytest.mark.parametrize("end", ["purge", "revoke"])
def test_purging_and_revoking_leave_no_byte_of_the_voice(end: str, place: Place, tmp_path: Path, monkeypatch):
    latent = np.linspace(-3.0, 3.0, 500)
    place.open().derived(place.open().record("anna"), "xtts 1", lambda: {"latent": latent})
    place.open().use("anna", "replies")
    with pytest.raises(ConsentError):
        place.open().use("anna", "advertising")
    sealed = [path.read_bytes() for path in (*place.voices.glob("*/*.sealed"), *place.keys.glob("*.key"))]
    assert len(sealed) == 6  # record, embedding, sound and latent; the record's key; the user's, which stays
    kept = (place.keys / "user.key").read_bytes()
    planted = [PLANTED.tobytes(), EMBEDDING[:4].tobytes(), latent.tobytes(), b"Anna", b"anna", b"I, Anna, allow it."]
    monkeypatch.setenv("AFFEKT_VOICES", str(tmp_path))
    monkeypatch.setattr("affekt_voices.store.datetime", place.clock)  # the command asks the machine's clock
    place.clock.now = lambda zone: NOW  # type: ignore[attr-defined]
    done = CliRunner().invoke(app, [end, "anna"])
    assert done.exit_code == 0, done.output
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for whole in (*planted, *(old for old in sealed if old != kept)):
        for begin in range(0, len(whole), 16):
            piece = whole[begin : begin + 16]
            assert len(piece) < 4 or piece not in left
    assert kept in left, "the folder that was searched is the store's"


def test_a_taken_name_is_refused_and_an_interrupted_enrolment_is_swept_up(place: Place):
    with pytest.raises(ConsentError, match='there is a voice "anna" already'):
        place.open().add(record(), EMBEDDING, [])
    half = place.voices / ("0" * 32)
    half.mkdir()
    (half / "embedding.sealed").write_bytes(b"half")
    place.open()
    assert not half.exists()


def spoken(audio: AudioSignal, **provenance: object) -> SpeechResult:
    claims = {"synthetic": True, "cloned": True, "purpose": "replies", **provenance}
    return SpeechResult(audio=audio, request=SpeechRequest(text="Hello."), provenance=claims)  # type: ignore[arg-type]


@pytest.mark.parametrize("attempt", ["no record", "foreign record", "revoked", "other purpose", "no purpose"])
def test_speech_in_a_lent_voice_is_not_written_without_a_valid_record(attempt: str, place: Place, tmp_path: Path):
    store, sound = place.open(), AudioSignal(samples=PLANTED, sample_rate=24_000)
    consent = store.record("anna").id
    claims = {
        "no record": {},
        "foreign record": {"consent": "f" * 32},
        "revoked": {"consent": consent},
        "other purpose": {"consent": consent, "purpose": "advertising"},
        "no purpose": {"consent": consent, "purpose": None},
    }[attempt]
    if attempt == "revoked":
        store.revoke("anna")
    (tmp_path / "out").mkdir()
    with pytest.raises(ConsentError):
        files.write_speech(spoken(sound, **claims), tmp_path / "out" / "reply.wav", store)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(("part", "error"), [("mark", WatermarkError), ("sign", ManifestError)])
def test_nothing_is_written_without_watermark_or_signer(
    part: str, error: type[AffektError], place: Place, speech: AudioSignal, tmp_path: Path, monkeypatch
):
    def missing(*_: object) -> None:
        raise error("the module is missing", hint="install it")

    monkeypatch.setattr(files, part, missing)
    (tmp_path / "out").mkdir()
    store = place.open()
    with pytest.raises(error):
        files.write_speech(spoken(speech, consent=store.record("anna").id), tmp_path / "out" / "reply.wav", store)
    assert not list((tmp_path / "out").iterdir())
