"""The workflows, forms and files that GitHub reads are valid, name what exists, and give nobody more than is needed."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner, Result

ROOT = Path(__file__).resolve().parent.parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
ACTIONS = sorted(GITHUB.glob("actions/*/action.yml"))
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.github-actions": ACTIONS,
    "vendor.github-issue-forms": FORMS,
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}
PUBLISHERS = {"actions/download-artifact", "pypa/gh-action-pypi-publish", "actions/deploy-pages"}
"""The only actions that a job with `id-token: write` may use."""


def valid(schema: str, *paths: Path) -> Result:
    """What `check-jsonschema` says of files; run in this process, since its start is most of its time."""
    options = ["--force-filetype", "yaml"] if paths[0].suffix == ".cff" else []
    return CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *options, *map(str, paths)])


def jobs(path: Path) -> dict[str, dict]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


def commands() -> list[tuple[str, str]]:
    """Every line that a workflow or an action runs, with the file it stands in."""
    lines = []
    for path in [*WORKFLOWS, *ACTIONS]:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        parts = document["jobs"].values() if "jobs" in document else [document["runs"]]
        steps = [step for part in parts for step in part["steps"]]
        lines += [(path.name, line.strip()) for step in steps for line in step.get("run", "").splitlines()]
    return lines


@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_file_is_valid(schema):
    assert SCHEMAS[schema]
    result = valid(schema, *SCHEMAS[schema])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("workflows/tests.yml", "runs-on: ubuntu-latest", "runs_on: ubuntu-latest"),
        ("ISSUE_TEMPLATE/bug.yml", "type: dropdown", "type: menu"),
        ("dependabot.yml", "interval: weekly", "interval: sometimes"),
    ],
)
def test_a_slip_in_a_file_is_seen(tmp_path, name, before, after):
    schema = next(schema for schema, paths in SCHEMAS.items() if GITHUB / name in paths)
    text = (GITHUB / name).read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "slip.yml").write_text(text.replace(before, after, 1), encoding="utf-8")
    assert valid(schema, tmp_path / "slip.yml").exit_code == 1


def test_an_audit_of_the_workflows_finds_nothing():
    command = ["zizmor", "--offline", "--no-progress", "--min-severity", "medium", str(GITHUB)]
    executable = Path(sys.executable).parent / command[0]
    result = subprocess.run([str(executable), *command[1:]], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_that_builds_may_prove_who_it_is(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(document["permissions"].items()) <= {("contents", "read")}
    for name, job in document["jobs"].items():
        if "write" not in job.get("permissions", {}).values():
            continue
        used = {step.get("uses", "a command").split("@")[0] for step in job["steps"]}
        assert used <= PUBLISHERS, f"the job {name} may write, and also runs {used - PUBLISHERS}"


def test_what_is_published_was_built_and_tested_by_other_jobs():
    publish = jobs(GITHUB / "workflows" / "publish.yml")
    writers = [name for name, job in publish.items() if job.get("permissions", {}).get("id-token") == "write"]
    assert writers == ["publish"]
    assert set(publish["publish"]["needs"]) == {"build", "test"}
    assert publish["test"]["needs"] == "build"
    assert publish["publish"]["environment"]["name"].startswith("pypi-")


def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is():
    for path in [*WORKFLOWS, *ACTIONS]:
        for line in re.findall(r"^.*\buses: .*$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert re.search(r"uses: (\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", line), f"{path.name}: {line}"


def test_one_action_has_one_version():
    versions: dict[str, set[str]] = {}
    for path in [*WORKFLOWS, *ACTIONS]:
        for action, commit in re.findall(r"uses: ([\w./-]+)@(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            versions.setdefault(action, set()).add(commit)
    assert {action: found for action, found in versions.items() if len(found) > 1} == {}


def test_hatchs_scripts_that_the_workflows_run_exist():
    environments = tomllib.loads((ROOT / "hatch.toml").read_text(encoding="utf-8"))["envs"]
    asked = set()
    for file, line in commands():
        line = re.sub(r"\$\{\{.*?\}\}", "X", line)
        for target in re.findall(r"\bhatch run (?:\+\S+ )?(\S+)", line):
            environment, _, script = target.rpartition(":")
            table = environments.get(environment or "default")
            assert table is not None, f"{file}: hatch.toml has no environment {environment}"
            assert script in table.get("scripts", {}), f"{file}: {environment} has no script {script}"
            asked.add(target)
    assert {"demo", "lock:check", "release:rehearse", "release:tag"} <= asked


def test_the_files_that_the_workflows_name_exist():
    lines = [line for _, line in commands()]
    assert any(line == ".ci/run" for line in lines)
    for name in (".ci/run", "lock.txt", "bounds.txt"):
        assert any(name in line for line in lines)
        assert (ROOT / name).is_file(), f"{name} is named by a workflow and not there"


def test_the_rehearsals_options_exist():
    result = subprocess.run(
        [sys.executable, "-m", "release.rehearsal", "--help"], cwd=ROOT, capture_output=True, text=True,
        env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
    )  # fmt: skip
    for file, line in commands():
        if "release:rehearse" in line:
            for option in re.findall(r"--[a-z-]+", line):
                assert option in result.stdout, f"{file}: {option}"


def test_tags_of_every_distribution_start_the_workflow_and_no_others_do():
    from fnmatch import fnmatchcase

    from release.workspace import distributions

    document = yaml.safe_load((GITHUB / "workflows" / "publish.yml").read_text(encoding="utf-8"))
    patterns = document[True]["push"]["tags"]  # YAML 1.1 reads the key `on` as true
    for distribution in distributions():
        tag = f"{distribution.name}-v{distribution.version}"
        assert any(fnmatchcase(tag, pattern) for pattern in patterns), tag
    assert not any(fnmatchcase("v1.0", pattern) for pattern in patterns)
