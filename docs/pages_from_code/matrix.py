"""Components by role, with the modality, the licence and size of their weights and what they need; and all weights."""

import ast
from collections.abc import Iterable

from affekt.roles import ROLES
from affekt.targets import Announced
from affekt_weights.manifest import BundledSource, WeightsInfo

from pages_from_code.workspace import Workspace

FRAMEWORKS = {
    "coqui-tts",
    "ctranslate2",
    "faster-whisper",
    "llama-cpp-python",
    "mmcv-lite",
    "onnxruntime",
    "openai",
    "opensmile",
    "s3prl",
    "timm",
    "torch",
    "torchaudio",
    "torchvision",
    "transformers",
}
"""What is large or hard to install: named in the column "Needs" when a plain install asks for it."""
COLUMNS = ("Component", "What it does", "Modality", "Languages", "Weights", "Size", "Licence of the weights", "Needs")


def components(workspace: Workspace) -> str:
    """One table a role. A column that is empty for a role is left out."""
    tables = []
    for role in ROLES:
        announced = [entry for (of, _), entry in sorted(workspace.registry.components.items()) if of == role]
        rows = [_component(workspace, entry) for entry in announced]
        tables.append(f"## {role.capitalize()}s\n\n{_table(COLUMNS, rows)}")
    return "\n\n".join(tables)


def weights(workspace: Workspace) -> str:
    """Every entry of the weights manifest."""
    rows = []
    for name, entry in sorted(workspace.registry.weights.items()):
        info = entry.info
        rows.append(
            {
                "Weights": f"`{name}`",
                "What they are": info.summary,
                "Size": _sizes([info]),
                "Licence": info.licence + (f". {_sentence(info.restrictions)}" if info.restrictions else ""),
                "Trained on": ", ".join(str(data) for data in info.trained_on),
                "Distribution": _link(entry.distribution),
            }
        )
    return _table(("Weights", "What they are", "Size", "Licence", "Trained on", "Distribution"), rows)


def _component(workspace: Workspace, entry: Announced) -> dict[str, str]:
    info = entry.info
    entries = [workspace.registry.weights[name].info for name in info.weights]
    member = workspace.named(entry.distribution)
    licences = [weights.licence for weights in entries] + ([info.licence] if info.licence else [])
    return {
        "Component": f"`{info.name}`<br>{_link(entry.distribution)}",
        "What it does": info.summary,
        "Modality": _modality(workspace, info.target) if info.role == "encoder" else "",
        "Languages": ", ".join(info.languages),
        "Weights": ", ".join(f"`{name}`" for name in info.weights) or ("from a hub" if info.size else ""),
        "Size": _size(info.size) if info.size else _sizes(entries),
        "Licence of the weights": ", ".join(dict.fromkeys(licences)),
        "Needs": ", ".join(sorted(FRAMEWORKS & workspace.libraries(member))),
    }


def _modality(workspace: Workspace, target: str) -> str:
    """The class attribute `modality` of an encoder, read from its source.

    Raises:
        ValueError: the class does not state it as a literal.
    """
    module, _, name = target.partition(":")
    (file,) = (
        path for member in workspace.members if (path := member.source / f"{module.replace('.', '/')}.py").exists()
    )
    for kind in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(kind, ast.ClassDef) and kind.name == name:
            for node in kind.body:
                if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "modality" and node.value:
                    return str(ast.literal_eval(node.value))
    raise ValueError(f"{target} states no modality\nTry: modality: ClassVar[Modality] = ... in the class itself")


def _link(distribution: str) -> str:
    return f"[{distribution}](distributions/{distribution}.md)"


def _size(size: int) -> str:
    if size < 1e6:
        return f"{size / 1e3:.0f}\u00a0kB"
    return f"{size / 1e9:.1f}\u00a0GB" if size >= 1e9 else f"{size / 1e6:.1f}\u00a0MB"


def _sizes(entries: Iterable[WeightsInfo]) -> str:
    """What is downloaded, and what comes inside the distribution: "95.0 MB + 3.1 MB bundled"."""
    bundled = {entry.name: isinstance(entry.sources[0], BundledSource) for entry in entries}
    downloaded = sum(entry.size for entry in entries if not bundled[entry.name])
    inside = sum(entry.size for entry in entries if bundled[entry.name])
    return " + ".join([_size(downloaded)] * bool(downloaded) + [f"{_size(inside)} bundled"] * bool(inside))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


def _table(columns: Iterable[str], rows: list[dict[str, str]]) -> str:
    filled = [column for column in columns if any(row[column] for row in rows)]
    lines = ["| " + " | ".join(filled) + " |", "|" + "---|" * len(filled)]
    lines += ["| " + " | ".join(row[column].replace("|", "\\|") for column in filled) + " |" for row in rows]
    return "\n".join(lines)
