"""The glossary of the docs holds the terms of the public names."""

import inspect
import re
from pathlib import Path
from typing import get_args

import affekt
import pytest
from affekt import elsewhere

PAGE = Path(__file__).parents[1] / "docs" / "glossary.md"
TERMS = re.findall(r"^(\S.*)\n:   \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_public_class_is_explained():
    classes = {
        name
        for name in (*affekt.__all__, *elsewhere.NAMES)
        if inspect.isclass(thing := getattr(affekt, name)) and not issubclass(thing, BaseException)
    }
    assert classes | {"Modality", "hookimpl", "ROLES"} <= {term.strip("`") for term in TERMS}


@pytest.mark.parametrize("role", affekt.ROLES)
def test_every_role_is_explained(role):
    assert f"`{role.capitalize()}`" in TERMS


def test_every_modality_is_named():
    explained = PAGE.read_text(encoding="utf-8").partition("`Modality`\n")[2].partition("\n\n")[0]
    assert all(f"`{modality}`" in explained for modality in get_args(affekt.Modality))


def test_names_in_code_exist():
    strange = [term for term in TERMS if term.startswith("`") and not hasattr(affekt, term.strip("`"))]
    assert strange == []


def test_terms_are_in_the_order_of_the_alphabet():
    plain = [term.strip("`").lower() for term in TERMS]
    assert plain == sorted(plain)
    assert len(plain) == len(set(plain))
