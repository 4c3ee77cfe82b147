"""The plan of an ablation that README and docstring show."""

import re
from pathlib import Path

import pytest
from affekt import PipelineSpec
from affekt_benchmark.comparisons import plan as module
from affekt_benchmark.comparisons.plan import Plan
from yaml import safe_load

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PLANS = [README[README.index("```yaml\nsuite:") + 8 :].partition("```")[0], str(module.__doc__).partition("\n\n")[2]]


@pytest.mark.parametrize("text", PLANS, ids=["README", "docstring"])
def test_the_documented_variants_are_pipelines_that_can_be_built(text):
    text = "\n".join(line for line in text.splitlines() if re.match(r"^\s*(#|[\w][\w .]*:|$)", line))
    plan = Plan.model_validate(safe_load(text))
    built = 0
    for variant in plan.variants.values():
        if variant.pipeline is not None and variant.train is None:
            PipelineSpec.read(variant.pipeline).swap(**variant.set).build()
            built += 1
    assert built >= 2
