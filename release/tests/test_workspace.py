"""What distributions ask of each other exists."""

import pytest

from release.workspace import distributions, wrong_requirements


def complaints(root, name):
    workspace = distributions(root)
    return list(wrong_requirements(next(each for each in workspace if each.name == name), workspace))


def test_an_extra_that_names_nothing_fails(make, root):
    make("affekt-meta", extras={"train": [], "all": ["affekt-lost>=0.1", "numpy"]})
    assert complaints(root, "affekt-meta") == [
        "the extra train names nothing",
        "the extra all: no distribution of the workspace is called affekt-lost",
    ]


def test_an_extra_of_a_neighbour_must_exist(make, root):
    make("affekt-heads", extras={"train": ["numpy"]})
    make("affekt-meta", extras={"mini": ["affekt-heads[train]", "affekt-heads[tune]"]})
    assert complaints(root, "affekt-meta") == ["the extra mini: affekt-heads has no extra tune"]


def test_a_bound_that_excludes_the_neighbours_version_fails(make, root):
    make("affekt-heads", version="0.2.0")
    make("affekt-meta", dependencies=("affekt-heads>=0.1,<0.2",))
    (complaint,) = complaints(root, "affekt-meta")
    assert "does not allow affekt-heads 0.2.0" in complaint


def test_others_requirements_are_none_of_our_business(make, root):
    make("affekt-meta", dependencies=("numpy>=99", "affektive>=1"))
    assert complaints(root, "affekt-meta") == []


@pytest.mark.parametrize("name", [distribution.name for distribution in distributions()])
def test_each_of_ours_asks_for_what_there_is(name):
    workspace = distributions()
    assert list(wrong_requirements(next(each for each in workspace if each.name == name), workspace)) == []
