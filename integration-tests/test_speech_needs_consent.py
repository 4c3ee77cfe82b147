"""A hundred attempts to speak in a lent voice without what it takes: not one leaves a file, or a part of one."""

import contextlib
import json
import re
import secrets
import shutil
import sys
import tempfile
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import affekt_clone.speaker  # noqa: F401  # here, because torch leaves folders among temporary files when it is first imported
import affekt_weights
import numpy as np
import pytest
from affekt import AffektError, AudioSignal, SpeechRequest, plugins, respond
from affekt_cli.main import app
from affekt_voices import ConsentRecord, VoiceStore, watermark, write_speech
from affekt_voices.store import embedding_hash
from typer.testing import CliRunner

NOW = datetime.now(UTC)
RATE = 24_000
ANNA = np.full(256, 1 / 16, dtype=np.float32)
OTTO = np.roll(np.linspace(0, 0.1, 256, dtype=np.float32), 1)

PLUGIN = """
from affekt import ComponentInfo, hookimpl

@hookimpl
def affekt_components():
    yield ComponentInfo(role="reasoner", name="glad", target="lending_components:Glad", summary="Glad of all it hears")
    yield ComponentInfo(role="speaker", name="replay", target="lending_components:Replay", summary="Says what was lent")
"""
COMPONENTS = '''
from affekt import Component, EmotionPrediction, SpeechResult
from affekt_voices import VoiceStore

class Glad(Component):
    def reason(self, evidence):
        return [EmotionPrediction(scores={"happy": 0.8, "sad": 0.2}) for _ in evidence]

class Replay(Component):
    """Asks for the voice as every speaker must, and costs nothing to run: its recording stands for speech."""

    purpose: str = "replies"

    def speak(self, requests):
        return [self._one(request) for request in requests]

    def _one(self, request):
        lent = VoiceStore().use(request.voice, self.purpose)
        claims = {"synthetic": True, "cloned": True, "consent": lent.record.id, "purpose": self.purpose}
        return SpeechResult(audio=lent.recordings[0], request=request, provenance=claims)
'''


@dataclass
class Person:
    """Somebody who tries, with a store of voices and a folder to write to."""

    store: Path
    out: Path
    monkeypatch: pytest.MonkeyPatch
    number: int
    voice: str = "anna"
    options: dict[str, str] = field(default_factory=dict)
    """Of the speaker."""

    def open(self, at: datetime = NOW, store: Path | None = None) -> VoiceStore:
        folder = store or self.store
        return VoiceStore(folder / "voices", folder / "keys", lambda: at)

    def lend(self, voice: str = "anna", embedding: np.ndarray = ANNA, **changes) -> str:
        given = changes.pop("given", NOW - timedelta(days=1))
        record = ConsentRecord(
            id=secrets.token_hex(16), voice=voice, person="Anna Example", language="en", given=given,
            expires=changes.pop("expires", given + timedelta(days=30)), purposes=changes.pop("purposes", ("replies",)),
            phrase="I allow it.", heard="i allow it", word_errors=0.0, similarity=0.9, encoder="GE2E",
            embedding_sha256=embedding_hash(embedding),
        )  # fmt: skip
        self.open(given + timedelta(hours=1), **changes).add(record, embedding, [syllables()])
        return record.id


def syllables() -> AudioSignal:
    """A second with the bands and pauses of speech, which holds the mark."""
    time = np.arange(RATE) / RATE
    phase = 2 * np.pi * np.cumsum(180 - 40 * time) / RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 20)) * np.clip(np.sin(2 * np.pi * 3.1 * time), 0, 1) ** 0.5
    sound += 0.002 * np.random.default_rng(0).standard_normal(RATE)
    return AudioSignal(samples=(0.3 * sound / np.abs(sound).max()).astype(np.float32), sample_rate=RATE)


def none(person: Person) -> str:
    """No store at all, or one with another's voice."""
    if person.number % 2:
        person.lend("otto", OTTO)
        return 'nobody lent a voice "anna"'
    return "no voice was ever lent here"


def expired(person: Person) -> str:
    person.lend(given=NOW - timedelta(days=40 + person.number))
    return r'nobody lent a voice "anna" here, or it ran out'


def revoked(person: Person) -> str:
    person.lend()
    person.open().revoke("anna", "she asked")
    return r'nobody lent a voice "anna" here, or it ran out or was taken back'


def other_purpose(person: Person) -> str:
    person.lend(purposes=("research",) if person.number % 2 else ("replies",))
    if not person.number % 2:
        person.options["purpose"] = "advertising"
    return r'"anna" was not lent for "(replies|advertising)"'


def tampered(person: Person) -> str:
    """One byte of one file of the store."""
    person.lend()
    files = ("*/record.sealed", "*/embedding.sealed", "*/sound-0.sealed", "ledger.jsonl")
    path = [*(next((person.store / "voices").glob(name)) for name in files), person.store / "keys" / "user.key"]
    path = path[person.number % len(path)]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1 + person.number
    path.write_bytes(content)
    return r"was changed|is no entry|one of them is an older copy"


def swapped_embedding(person: Person) -> str:
    anna, otto = person.lend(), person.lend("otto", OTTO)
    voices = person.store / "voices"
    shutil.copy(voices / otto / "embedding.sealed", voices / anna / "embedding.sealed")
    return r'the sealed "\w+/embedding" was changed, moved'


def copied_store(person: Person) -> str:
    """The sealed voices of one user with the keys of another, or with none."""
    person.lend()
    shutil.rmtree(person.store / "keys")
    if person.number % 2:
        return "no voice was ever lent here"
    other = person.store.parent / "other"
    person.lend("otto", OTTO, store=other)
    shutil.copytree(other / "keys", person.store / "keys")
    return "line 1 of the ledger was changed|belongs to another key"


def clock_set_back(person: Person) -> str:
    """The ledger has seen a later day than it is now."""
    person.lend(expires=NOW + timedelta(days=300))
    person.open(NOW + timedelta(days=1 + person.number)).use("anna", "replies")
    return "by this machine's clock, but the last entry is from"


def no_watermark(person: Person) -> str:
    """Perth's module, its weights, or the whole package is not there."""
    person.lend()
    watermark._network.cache_clear()
    match person.number % 3:
        case 0:
            person.monkeypatch.setitem(sys.modules, "affekt_voices.perth", None)
            return "the watermark's network cannot be imported"
        case 1:
            person.monkeypatch.setattr(watermark, "PERTH", "no-such-weights")
            return "no-such-weights"
    person.monkeypatch.setattr(watermark, "THRESHOLD", 2.0)
    return "the watermark was written but cannot be heard"


def no_signer(person: Person) -> str:
    """The library is not there, or the key it signs with is none."""
    person.lend()
    if person.number % 2:
        person.monkeypatch.setitem(sys.modules, "c2pa", None)
        return "the speech cannot be signed"
    (person.store / "keys" / "signer.chain.pem").write_text("no certificate")
    (person.store / "keys" / "signer.key.pem").write_text("no key")
    return "the speech cannot be signed"


KINDS = {
    kind.__name__.replace("_", " "): kind
    for kind in (
        none, expired, revoked, other_purpose, tampered, swapped_embedding, copied_store, clock_set_back, no_watermark,
        no_signer,
    )
}  # fmt: skip
TEXTS = ("Hello.", "I am glad to hear that. Thank you!", "Grüß Gott", "42", "…")
SUFFIXES = (".wav", ".flac", ".mp3")


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    import soundfile

    path = tmp_path_factory.mktemp("clip") / "clip.wav"
    soundfile.write(path, syllables().samples, RATE)
    return path


@pytest.fixture
def attempt(tmp_path, monkeypatch, clip):
    """Tries to speak: by `affekt speak`, by `affekt respond`, and in Python. Returns exit code and message."""
    for name in ("kokoro", "whisper-base", "perth"):
        affekt_weights.fetch(name)
    texts = {
        "lending_plugin.py": PLUGIN,
        "lending_components.py": COMPONENTS,
        "affekt_lending-0.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: affekt-lending\nVersion: 0.1\n",
        "affekt_lending-0.1.dist-info/entry_points.txt": "[affekt]\nlending = lending_plugin\n",
    }
    for name, text in texts.items():
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(tmp_path / "site")
    plugins.cache_clear()

    def tried(person: Person, speaker: str) -> tuple[int, str]:
        number = person.number
        text, target = TEXTS[number % len(TEXTS)], person.out / f"reply{SUFFIXES[number % len(SUFFIXES)]}"
        pipeline = person.out.parent / "pipeline.yaml"
        pipeline.write_text(json.dumps({"reasoner": "glad", "speaker": {"use": speaker, **person.options}}))
        if number % 5 == 4:
            try:
                if number == 4:
                    result = respond(clip, text=text, voice=person.voice, pipeline=pipeline).result
                else:
                    request = SpeechRequest(text=text, voice=person.voice)
                    (result,) = plugins().create("speaker", speaker, **person.options).speak([request])
                write_speech(result, target)
            except AffektError as error:
                return 1, str(error)
            return 0, ""
        command = ["respond", str(clip), "--text", text] if number % 5 == 3 else ["speak", text]
        given = [*command, "-o", str(target), "--voice", person.voice, "-p", str(pipeline), "--intensity", "0.9"]
        done = CliRunner().invoke(app, given)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stderr

    yield tried
    with contextlib.suppress(KeyError):
        del sys.modules["lending_plugin"], sys.modules["lending_components"]
    plugins.cache_clear()
    watermark._network.cache_clear()


@pytest.fixture
def person(tmp_path, monkeypatch):
    """Makes somebody with folders of their own, each time anew."""

    def make(number: int) -> Person:
        folder = tmp_path / str(number)
        for name in ("out", "temporary"):
            (folder / name).mkdir(parents=True)
        monkeypatch.setenv("AFFEKT_VOICES", str(folder / "store"))
        monkeypatch.setattr(tempfile, "tempdir", str(folder / "temporary"))
        return Person(folder / "store", folder / "out", monkeypatch, number)

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_ten_attempts_of_each_kind_write_nothing_and_say_why(kind, attempt, person):
    # Where speech is made before it fails, a speaker that costs nothing; elsewhere the one that clones.
    speaker = "replay" if kind in ("no watermark", "no signer") else "clone"
    for number in range(10):
        tried = person(number)
        with tried.monkeypatch.context() as tried.monkeypatch:
            reason = KINDS[kind](tried)
            code, message = attempt(tried, speaker)
        assert code in (1, 3), f"{number}: {message}"
        assert re.search(reason, message), f"{number}: {message}"
        assert "Try: " in message, f"{number}: {message}"
        left = [*tried.out.iterdir(), *(tried.out.parent / "temporary").iterdir()]
        assert not left, f"{number}: {left}"


def test_with_consent_watermark_and_signer_the_same_attempts_write_a_file(attempt, person):
    for number in (0, 3, 4):
        tried = person(number)
        tried.lend()
        assert attempt(tried, "replay") == (0, "") or (tried.out / f"reply{SUFFIXES[number % 3]}").is_file()
        assert len(list(tried.out.iterdir())) == 1


NAMES = (
    "../x", "..", "/etc/passwd", "a/b", "a\\b", "anna\x00", "", " ", "con", "nul.txt", "a" * 300, "\u202eanna",
    "anna\n", "ANNA", "анна", "😀", "-", "~", "$HOME", "%2e%2e",
)  # fmt: skip


@pytest.mark.parametrize("speaker", ["clone", "replay"])
def test_a_voice_whose_name_is_a_trick_is_refused_and_nothing_is_written(speaker, attempt, person):
    for number, name in enumerate(NAMES):
        tried = person(number)
        tried.lend()
        before = sorted(path for path in tried.store.parent.rglob("*") if path.name != "ledger.jsonl")
        tried.voice = name
        code, message = attempt(tried, speaker)
        after = sorted(path for path in tried.store.parent.rglob("*") if path.name != "ledger.jsonl")
        assert code in (1, 2, 3), f"{name!r}: {message}"
        assert "Try: " in message, f"{name!r}: {message}"
        assert [path for path in after if path not in before and path.name != "pipeline.yaml"] == [], name
