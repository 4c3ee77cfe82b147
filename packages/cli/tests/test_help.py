import json
import subprocess
import sys
from importlib import metadata

import pytest
from affekt_cli import checkup, settings
from affekt_cli.help_lines import help_line
from affekt_cli.main import app
from typer.main import get_command

FRAMEWORKS = {
    "torch", "transformers", "librosa", "sklearn", "scipy", "numba", "cv2", "onnxruntime", "ctranslate2", "av",
    "huggingface_hub", "faster_whisper", "jinja2", "PIL", "ai_edge_litert",  "pandas", "matplotlib", "torchaudio",
    "torchvision", "s3prl", "whisper", "timm", "mmengine", "mmcv", "mmaction", "opensmile", "peft", "accelerate",
    "datasets", "ray", "openai", "TTS", "plotly", "pyarrow", "tensorflow", "gradio", "jiwer",
    "affekt_isolation.components", "affekt_report.page", "affekt_reply.answering",
}  # fmt: skip
HEAVIER = {
    "numpy",
    "affekt",
    "affekt_isolation",
    "affekt_media",
    "affekt_reply",
    "affekt_report",
    "affekt_weights",
    "yaml",
}
RUN = """
import sys
from affekt_cli.main import app
try:
    app({args})
except SystemExit as end:
    assert not end.code, end.code
print(*sys.modules, file=sys.stderr)
"""


def imported_by(arguments):
    command = [sys.executable, "-c", RUN.format(args=arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"]])
def test_help_imports_neither_frameworks_nor_affekt_itself(arguments):
    assert not imported_by(arguments) & (FRAMEWORKS | HEAVIER)


def test_help_imports_no_command_of_another_distribution():
    packages = {point.module.partition(".")[0] for point in metadata.entry_points(group="affekt.commands")}
    assert packages
    assert not imported_by(["--help"]) & packages


def test_every_command_is_described_in_its_own_words():
    points = metadata.entry_points(group="affekt.commands")
    lines = {point.name: help_line(point) for point in points}
    lines |= {name: command.help.partition("\n")[0] for name, command in get_command(app).commands.items()}
    assert {"ablate", "analyze", "bench", "extract", "features", "mini", "report", "train"} <= lines.keys()
    assert all(lines.values())
    assert len(set(lines.values())) == len(lines), sorted(lines.items(), key=lambda item: item[1])
    for point in points:
        assert lines[point.name] != point.dist.metadata["Summary"], f"{point.value} does not say what it does"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("app = typer.Typer(help='Told twice.')\n\n@app.callback()\ndef main():\n    'Less near.'", "Told twice."),
        ("app = typer.Typer()\n\n@app.callback()\ndef main():\n    'Near.'", "Near."),
        ("app = typer.Typer()\n\n@app.command()\ndef go():\n    'Goes.\\n\\nFar.'", "Goes."),
        ("app = typer.Typer()\n\n@app.command\ndef go():\n    'Goes.'", "Goes."),
        ("app = typer.Typer()\n\n@app.command()\ndef a():\n    'A.'\n\n@app.command()\ndef b():\n    'B.'", ""),
        ("app = typer.Typer()\nother = typer.Typer(help='Another.')", ""),
        ("not Python", ""),
    ],
)
def test_a_help_line_is_what_typer_shows_first(tmp_path, monkeypatch, source, line):
    (tmp_path / "told_by_source.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    point = metadata.EntryPoint(name="told", value="told_by_source:app", group="affekt.commands")
    assert help_line(point) == line
    assert "told_by_source" not in sys.modules


def test_listing_plugins_imports_no_framework():
    assert not imported_by(["plugins"]) & FRAMEWORKS


def test_listing_all_installed_plugins_is_quick():
    code = (
        "import time, affekt; begin = time.process_time(); found = affekt.plugins();"
        "print(time.process_time() - begin, len({entry.distribution for entry in found.components.values()}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    seconds, distributions = map(float, done.stdout.split())
    assert seconds < 0.5 + 0.05 * distributions, "a plugin's module imports too much to be listed"


def test_commands_of_other_distributions_appear_with_their_summary_and_are_not_imported(affekt):
    done = affekt("--help")
    assert done.returncode == 0, done.stderr
    assert "Goes." in done.stdout
    assert "Made up for tests" in done.stdout, "the summary of the distribution, where the source says nothing"
    assert "shattered" in done.stdout, "a command that cannot be imported is still listed: nothing was imported"


def test_a_command_of_another_distribution_runs(affekt):
    assert affekt("made-up", "Ada").stdout == "went with Ada\n"
    assert "Goes." in affekt("made-up", "--help").stdout


def test_a_broken_command_gives_its_error_and_the_others_work(affekt):
    done = affekt("shattered")
    assert done.returncode == 3
    assert "shattered at import" in done.stderr
    assert "affekt-made-up 0.3" in done.stderr
    assert "Traceback" not in done.stderr
    assert affekt("made-up", "Ada").returncode == 0


def test_a_command_of_a_taken_name_is_neither_distributions_and_both_are_named(affekt, tmp_path):
    folder = tmp_path / "affekt_rival-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: affekt-rival\nVersion: 1\n")
    (folder / "entry_points.txt").write_text("[affekt.commands]\nmade-up = rival:app\nanalyze = rival:app\n")
    sys.path.insert(0, str(tmp_path))
    try:
        done = affekt("made-up", "Ada")
        assert done.returncode == 3
        assert 'command "made-up" is announced by affekt-made-up and affekt-rival; neither is used' in done.stderr
        assert "made-up" not in affekt("--help").stdout
        assert affekt("analyze", "--help").returncode == 0, "the command's own names cannot be taken"
        found = {finding.name: finding for finding in checkup.commands(["analyze"])}
    finally:
        sys.path.remove(str(tmp_path))
    assert "affekt-made-up and affekt-rival" in found["made-up"].text
    assert "that of affekt-rival is not used" in found["analyze"].text
    assert found["shattered"].state == "broken"


def test_a_command_or_component_that_is_not_installed_is_answered_with_what_to_install(bare):
    for arguments, distribution in ((["train", "mini"], "affekt-training"), (["plugins", "hubert"], "affekt-hubert")):
        done = bare(*arguments)
        assert done.returncode == 3
        assert f"comes with {distribution}, which is not installed" in done.stderr
        assert f"Try: pip install {distribution}" in done.stderr
    assert 'Did you mean "hubert"' in bare("plugins", "hubrt").stderr
    assert bare("trian").returncode == 2


def test_the_changes_that_help_shows_are_taken_by_the_default_pipeline():
    pytest.importorskip("affekt_emotion_llama")
    for example in settings.EXAMPLES:
        assert example in settings.SETTING_HELP
        settings.read_spec("default", [example]).build().require_encoders()


def test_wrong_usage_exits_with_2(affekt):
    assert affekt("analyse", "x").returncode == 2
    assert affekt("analyze").returncode == 2


def test_a_terminal_without_unicode_is_no_reason_to_fail(process, tone):
    done = process("analyze", tone, "-p", "made-up", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "happy 75%" in done.stdout


def test_plugins_lists_who_offers_what(affekt):
    done = affekt("plugins")
    assert done.returncode == 0
    assert "glad" in done.stdout
    assert "affekt-made-up 0.3" in done.stdout
    listed = json.loads(affekt("plugins", "--json").stdout)
    glad = next(entry for entry in listed["components"] if entry["name"] == "glad")
    assert glad["role"] == "reasoner"
    assert glad["distribution"] == "affekt-made-up"
    assert any(entry["name"] == "made-up" for entry in listed["pipelines"])


def test_plugins_shows_a_plugin_that_fails_with_its_reason_beside_the_others(affekt, tmp_path, monkeypatch):
    info = tmp_path / "affekt_sick-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: affekt-sick\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[affekt]\nsick = sick_plugin\n")
    (tmp_path / "sick_plugin.py").write_text("raise RuntimeError('unwell')")
    monkeypatch.syspath_prepend(tmp_path)
    done = affekt("plugins")
    assert done.returncode == 0
    assert "unwell" in done.stdout
    assert "glad" in done.stdout
    failures = json.loads(affekt("plugins", "--json").stdout)["failures"]
    assert [failure["plugin"] for failure in failures] == ["sick"]


def test_plugins_name_shows_the_options(affekt):
    done = affekt("plugins", "glad")
    assert "happy" in done.stdout
    assert "0.75" in done.stdout
    (entry,) = json.loads(affekt("plugins", "glad", "--json").stdout)
    assert entry["options"]["properties"]["happy"]["default"] == 0.75
    done = affekt("plugins", "gladd")
    assert done.returncode == 2
    assert 'Did you mean "glad"?' in done.stderr


def test_plugins_of_another_interpreter_are_listed(affekt):
    pytest.importorskip("affekt_isolation")
    done = affekt("plugins", "--python", sys.executable)
    assert "loudness" in done.stdout
    assert "glad" not in done.stdout, "made-up is installed here only"
    assert affekt("plugins", "loudness", "--python", sys.executable).returncode == 2
    assert "cannot be run" in affekt("plugins", "--python", "nowhere").stderr
