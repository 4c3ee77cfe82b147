from affekt_cli.main import app
from typer.testing import CliRunner

BEGIN, END = "<!-- options: encoder loudness -->\n", "<!-- /options -->\n"


def kit(*words):
    return CliRunner().invoke(app, ["kit", "options", *map(str, words)])


def test_a_readme_is_filled_in_and_then_checked(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"# Before\n\n{BEGIN}old\n{END}\nAfter\n")
    stale = kit("--check", readme)
    assert stale.exit_code != 0
    assert "out of date: encoder loudness" in stale.output
    assert kit("--write", readme).exit_code == 0
    assert kit("--check", readme).exit_code == 0
    row = "| `hop` | number, > 0 | `0.1` | Seconds a row |\n"
    assert readme.read_text() == (
        f"# Before\n\n{BEGIN}| Option | Value | Default | What it does |\n|---|---|---|---|\n{row}{END}\nAfter\n"
    )


def test_a_name_prints_the_table_of_every_role_that_has_it():
    printed = kit("loudness").output
    assert printed.startswith(BEGIN)
    assert printed.rstrip().endswith(END.rstrip())


def test_an_unknown_name_is_refused():
    assert "there is no component" in kit("nothing").output
