"""The converter of the original's checkpoints, as its documentation calls it."""

import sys

import pytest
import torch
from affekt_emotion_llama import upstream


def test_the_converter_says_what_is_wrong_and_raises_no_error_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "text.pth").write_bytes(b"no checkpoint")
    torch.save({"model": {"name": "a text"}}, tmp_path / "other.pth")
    for name, why in (
        ("absent", "no checkpoint"),
        ("text", "holds more than tensors"),
        ("other", "no table of tensors"),
    ):
        monkeypatch.setattr(sys, "argv", ["upstream", str(tmp_path / f"{name}.pth"), str(tmp_path / "OUT")])
        with pytest.raises(SystemExit) as ended:
            upstream.main()
        assert str(ended.value.code).startswith(f'Error: "{tmp_path / name}.pth"')
        assert why in str(ended.value.code)
    assert not (tmp_path / "OUT").exists()
