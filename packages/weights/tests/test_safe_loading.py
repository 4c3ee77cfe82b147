import os
import pickle
from pathlib import Path

import pytest
from affekt_weights import UnsafeWeights, load_state

torch = pytest.importorskip("torch", reason="torch is not a dependency of affekt-weights")


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, ("touch ran",))


def test_safetensors_and_plain_tensors_are_loaded(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    state = {"weight": torch.arange(6.0).reshape(2, 3)}
    save_file(state, tmp_path / "model.safetensors")
    torch.save(state, tmp_path / "model.pth")
    for name in ("model.safetensors", "model.pth"):
        assert torch.equal(load_state(tmp_path / name)["weight"], state["weight"])


@pytest.mark.parametrize("suffix", [".pt", ".bin"])
def test_a_pickle_that_runs_code_is_refused_and_does_not_run(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": Evil()}, tmp_path / f"torch{suffix}")
    (tmp_path / f"plain{suffix}").write_bytes(pickle.dumps(Evil()))
    for name in ("torch", "plain"):
        with pytest.raises(UnsafeWeights, match="could run code"):
            load_state(tmp_path / f"{name}{suffix}")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.npy", "model"])
def test_other_kinds_are_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(Evil()))
    with pytest.raises(UnsafeWeights, match="neither"):
        load_state(tmp_path / name)


def test_a_broken_safetensors_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not at all")
    with pytest.raises(UnsafeWeights, match="no safetensors file"):
        load_state(tmp_path / "model.safetensors")
