"""Tables and figures for papers, from results of real components; LaTeX is parsed, and figures are read back."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from affekt import PipelineSpec
from affekt_benchmark import origin
from affekt_benchmark.commands.report import app as report
from affekt_benchmark.material.suites import BenchmarkError, find
from affekt_benchmark.paper import figures, tables, writing
from affekt_benchmark.reports.tables import Table, latex, mark, written
from affekt_benchmark.results import Result
from affekt_benchmark.runs import measuring
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexWalker
from typer.testing import CliRunner


@pytest.fixture(scope="module")
def folders(corpus, levels, tmp_path_factory):
    """Two systems on the same clips, the second of which hears everything too loud; both state valence and arousal."""
    out = tmp_path_factory.mktemp("results")
    made = []
    for name, offset in (("level & rule", 0.0), ("shifted_10%", 10.0)):
        spec = PipelineSpec.read(levels).swap(**{"reasoner.offset": offset})
        asked = measuring.Request(spec=spec, data=corpus, system=name)
        result = measuring.measure(find("ravdess"), asked, out / str(offset), lambda done, total: None)
        random = np.random.default_rng(0)
        clips = [{**row, "arousal": float(random.uniform(-1, 1))} for row in result.clips]
        replace(result, clips=clips).write(out / str(offset))
        made.append(out / str(offset))
    return made


@pytest.fixture(scope="module")
def results(folders):
    return [Result.read(folder) for folder in folders]


def environments(text):
    """Name → bodies, of a document that a strict parser reads."""
    found = {}

    def walk(nodes):
        for node in nodes or ():
            if isinstance(node, LatexEnvironmentNode):
                found.setdefault(node.environmentname, []).append(node.latex_verbatim())
            walk(getattr(node, "nodelist", None))

    walk(LatexWalker(text, tolerant_parsing=False).get_latex_nodes()[0])
    return found


def test_latex_of_every_table_is_parsed_and_has_as_many_cells_as_columns(results, tmp_path):
    writing.write(results, tmp_path, 3)
    text = (tmp_path / "tables.tex").read_text()
    found = environments(text)
    assert len(found["tabular"]) == len(found["table"]) >= 5
    for body in found["tabular"]:
        columns = len(re.match(r"\\begin\{tabular\}\{(\w+)\}", body).group(1))
        rows = [line for line in body.splitlines() if line.endswith(r"\\")]
        assert rows
        assert all(len(re.findall(r"(?<!\\)&", row)) == columns - 1 for row in rows)
    assert r"level \& rule" in text
    assert r"shifted\_10\%" in text
    assert r"\toprule" in found["tabular"][0]
    labels = re.findall(r"\\label\{(.*?)\}", text)
    assert len(set(labels)) == len(labels)
    assert all(label.startswith("tab:ravdess-") for label in labels)


def test_measures_of_every_system_have_intervals_and_the_first_has_no_marks(results):
    table = tables.measures(results)
    uar = table.columns.index("uar")
    first, second = (row[uar] for row in table.rows)
    assert first[0] == results[0].measures["uar"]["uar"]
    assert first[1] <= first[0] <= first[2]
    assert first[3] == ""
    p = tables.tested(*results)["uar"][3]
    assert second[3] == mark(p)
    different = [results[0], replace(results[1], clips=results[1].clips[1:])]
    assert tables.differences(different) is None
    assert "not tested" in tables.measures(different).notes[-1]


def test_marks_go_by_the_corrected_p():
    assert [mark(p) for p in (None, 0.2, 0.049, 0.009)] == ["", "", "†", "‡"]
    assert written((0.5, 0.4, 0.6, "‡")) == "0.500‡ [0.400, 0.600]"
    text = latex([Table(name="T1", title="a < b", columns=("x", "y"), rows=[["one", (0.5, 0.4, 0.6, "†")]])], "", "own")
    assert r"0.500$^{\dagger}$ [0.400, 0.600]" in text
    assert "a $<$ b" in text


def test_what_is_answered_adds_up_and_errors_are_errors(results):
    answers = tables.answers(results)
    assert [sum(row[column] for row in answers.rows) for column in (1, 2, 3)] == [12, 12, 12]
    errors = tables.errors(results, 4)
    assert 0 < len(errors.rows) <= 4
    assert all(any(not cell.startswith(f"{row[1]} ") for cell in row[2:4]) for row in errors.rows)
    labels = {row[0]: row for row in tables.per_label(results)[0].rows}
    assert labels["angry"][2][0] == pytest.approx(results[0].value("f1:angry")[0])


def test_figures_are_vector_graphics_that_say_where_they_come_from(results, tmp_path):
    paths = writing.write(results, tmp_path, 0)
    names = {path.name for path in paths}
    assert {f"{name}.{kind}" for name in figures.FIGURES for kind in ("svg", "pdf")} < names
    for name in figures.FIGURES:
        said = " ".join(ET.parse(tmp_path / f"{name}.svg").getroot().itertext())
        for result in results:
            assert f"run {result.about['run']}" in " ".join(said.split())
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    before = (tmp_path / "f1.svg").read_bytes()
    writing.write(results, tmp_path, 0)
    assert (tmp_path / "f1.svg").read_bytes() == before


def test_without_arousal_there_is_no_plane_and_no_empty_figure(results):
    flat = [replace(one, clips=[{**row, "arousal": None} for row in one.clips]) for one in results]
    assert figures.valence_arousal(flat) is None


def test_every_table_and_figure_names_run_commit_lock_and_seeds(results, tmp_path):
    about = results[0].about
    line = origin.line(about)
    assert re.fullmatch(
        r"run [0-9a-f]{12}, commit (\w{10}\+?|unknown), lock [0-9a-f]{12}, seed 0, bootstrap seed 0", line
    )
    assert about["run"] != results[1].about["run"]
    assert about["environment"] == results[1].about["environment"] == origin.environment()
    writing.write(results, tmp_path, 0)
    assert all(line in (tmp_path / name).read_text() for name in ("tables.tex", "tables.md"))
    assert origin.line({"data": {"seed": 3}}) == "run unknown, commit unknown, lock unknown, seed 3"


def test_the_command_compares_two_results_and_writes_a_paper(folders, tmp_path):
    ran = CliRunner().invoke(report, ["--compare", *map(str, folders)], env={"COLUMNS": "200"})
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception!r}"
    assert "Differences to level & rule" in ran.output
    assert not (folders[0] / "report.html").exists()
    ran = CliRunner().invoke(report, [*map(str, folders), "--paper", str(tmp_path / "paper")])
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception!r}"
    assert (tmp_path / "paper" / "confusions.pdf").is_file()
    alone = CliRunner().invoke(report, ["--compare", str(folders[0])])
    assert isinstance(alone.exception, BenchmarkError)


def test_an_ablation_is_a_table(tmp_path):
    figure = {"value": 0.5, "low": 0.4, "high": 0.6}
    change = {"difference": 0.1, "low": 0.0, "high": 0.2, "p": 0.004, "p_holm": 0.008}
    told = {
        "plan": {"about": "", "suite": "ravdess", "seed": 7}, "measures": ["uar"], "clips": 12,
        "rows": [{"name": "base", "figures": {"uar": figure}, "changes": {}},
                 {"name": "other", "figures": {"uar": figure}, "changes": {"uar": change}}],
    }  # fmt: skip
    (tmp_path / "ablation.json").write_text(json.dumps(told))
    writing.write_ablation(tmp_path, tmp_path / "out")
    page = (tmp_path / "out" / "tables.md").read_text()
    assert "| other | 0.500‡ [0.400, 0.600] |" in page
    assert "seed 7" in page
    with pytest.raises(BenchmarkError, match="holds no ablation"):
        writing.write_ablation(tmp_path / "nowhere", tmp_path / "out")
