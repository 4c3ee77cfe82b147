"""What the plugin announces."""

import subprocess
import sys
from importlib import import_module

from affekt_face.plugin import affekt_components, affekt_weights


def test_listing_imports_no_framework() -> None:
    code = (
        "import sys, affekt_face.plugin as p; list(p.affekt_components()); list(p.affekt_weights());"
        "print([m for m in ('torch', 'cv2', 'ai_edge_litert', 'safetensors') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "[]"


def test_every_target_exists_and_needs_announced_weights() -> None:
    for info in affekt_components():
        module, name = info.target.split(":")
        component = getattr(import_module(module), name)()
        assert hasattr(component, {"preparer": "prepare", "encoder": "encode"}[info.role])
        assert set(info.weights) <= {entry.name for entry in affekt_weights()}
