"""Tasks for lmms-eval: their files are read as lmms-eval reads them, and their functions are run on answers."""

import importlib.util
import json
from pathlib import Path

import pytest
import yaml
from affekt_benchmark.commands.bench import app as bench
from affekt_benchmark.lmms_eval import write
from affekt_benchmark.material.suites import BenchmarkError
from affekt_datasets import Sample
from typer.testing import CliRunner

KNOWN = {
    "task", "dataset_path", "dataset_kwargs", "test_split", "output_type", "doc_to_visual", "doc_to_text",
    "doc_to_target", "process_results", "cluster_key", "score_key", "generation_kwargs", "metric_list", "metadata",
}  # fmt: skip
"""Keys that these tasks use, all of them fields of TaskConfig in lmms-eval 0.7.3."""


def loaded(path):
    """The configuration, with `!function scoring.f` as the function of that file beside it, as lmms-eval does it."""

    class Loader(yaml.SafeLoader):
        pass

    def function(loader, node):
        module, name = loader.construct_scalar(node).split(".")
        spec = importlib.util.spec_from_file_location(module, path.parent / f"{module}.py")
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        return getattr(made, name)

    Loader.add_constructor("!function", function)
    return yaml.load(path.read_text(), Loader)


@pytest.fixture
def samples(corpus):
    return [
        Sample(id=path.stem, media=path, label="angry" if number % 2 else "sad", labels=("furious",), text="Go away.",
               speaker=path.parent.name, notes={"reason": "The loud voice trembles."})
        for number, path in enumerate(sorted(corpus.rglob("*.wav")))
    ]  # fmt: skip


def test_every_task_is_a_configuration_with_functions_metrics_and_clusters(samples, tmp_path):
    assert write(samples, "mine", tmp_path) == ["closed", "open", "reasoning"]
    for task in ("closed", "open", "reasoning"):
        read = loaded(tmp_path / f"mine_{task}.yaml")
        assert set(read) == KNOWN
        assert read["task"] == f"mine_{task}"
        docs = [
            json.loads(line) for line in Path(read["dataset_kwargs"]["data_files"]["test"]).read_text().splitlines()
        ]
        assert len(docs) == 12
        (sound,) = read["doc_to_visual"](docs[0])
        assert (sound["sampling_rate"], sound["array"].ndim) == (16_000, 1)
        assert "Go away." in read["doc_to_text"](docs[0])
        scored = read["process_results"](docs[0], ["Answer: " + read["doc_to_target"](docs[0])])
        metrics = {metric["metric"]: metric for metric in read["metric_list"]}
        assert set(scored) == set(metrics)
        for name, cell in scored.items():
            assert cell[read["cluster_key"]] == docs[0]["speaker"]
            assert metrics[name]["aggregation"]([cell]) == cell[read["score_key"]]


def test_answers_are_read_and_scored_as_they_should_be(samples, tmp_path):
    write(samples, "mine", tmp_path)
    closed, free, reasoning = (loaded(tmp_path / f"mine_{task}.yaml") for task in ("closed", "open", "reasoning"))
    doc = json.loads((tmp_path / "test.jsonl").read_text().splitlines()[1])
    for answer, accuracy, unreadable in [("Angry.", 1, 0), ("sad", 0, 0), ("sad or angry", 0, 1), ("hm", 0, 1),
                                         ("not sad\nAnswer: angry", 1, 0)]:  # fmt: skip
        scored = closed["process_results"](doc, [answer])
        assert (scored["accuracy"]["score"], scored["unreadable"]["score"]) == (accuracy, unreadable)
    uar = {one["metric"]: one["aggregation"] for one in closed["metric_list"]}["uar"]
    assert uar([{"truth": "sad", "score": 1.0}] * 3 + [{"truth": "angry", "score": 0.0}]) == 0.5
    words = free["process_results"](doc, ["enraged, sad"])
    assert (words["precision"]["score"], words["recall"]["score"], words["average"]["score"]) == (0.5, 1.0, 0.75)
    told = reasoning["process_results"](doc, ["A loud voice.\nAnswer: angry"])
    assert told["word_recall"]["score"] == pytest.approx(2 / 3)


def test_without_descriptions_reasons_are_not_scored_and_one_label_leaves_open_words(samples, tmp_path):
    bare = [Sample(id=one.id, media=one.media, label=one.label) for one in samples]
    write(bare, "bare", tmp_path)
    metrics = [one["metric"] for one in loaded(tmp_path / "bare_reasoning.yaml")["metric_list"]]
    assert metrics == ["accuracy", "uar", "unreadable"]
    assert write([Sample(id="a", media=None, text="So.", labels=("sad",))], "words", tmp_path / "w") == ["open"]
    with pytest.raises(BenchmarkError, match="neither sound nor video"):
        write([Sample(id="a", media=tmp_path / "a.npy", row=3, label="sad")], "rows", tmp_path / "r")
    with pytest.raises(BenchmarkError, match="none of 1 samples"):
        write([Sample(id="a", media=None, label="sad")], "none", tmp_path / "n")


def test_the_command_writes_tasks_of_a_data_set(corpus, tmp_path):
    ran = CliRunner().invoke(bench, ["lmms-eval", "ravdess", str(corpus), "-o", str(tmp_path)])
    assert ran.exit_code == 0, f"{ran.output}\n{ran.exception!r}"
    assert "affekt_ravdess_closed" in ran.output
    assert loaded(tmp_path / "affekt_ravdess_closed.yaml")["task"] == "affekt_ravdess_closed"
