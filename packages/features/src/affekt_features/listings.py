"""Which clip of a data set has which entry: keys name contents, people and other programs name clips.

An extraction writes one small file a slot, `clips/SET/SLOT-….json`. The part after the slot names the component with
its options, the preparers and the decode parameters, so that two recipes of one encoder lie side by side.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from affekt import DataError

from affekt_features.keys import digest
from affekt_features.store import FeatureStore


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The clips of one data set in one slot."""

    dataset: str
    slot: str
    recipe: str
    """Eight hexadecimal digits: of the component, the preparers and the decode parameters."""
    component: str
    """The encoder's name."""
    clips: Mapping[str, str]
    """Clip id → key. Clips that miss the modality have a key, too."""

    @property
    def name(self) -> str:
        """The name as its file is called: "prosody-1f00ba44"."""
        return f"{self.slot}-{self.recipe}"


def add(store: FeatureStore, dataset: str, slot: str, recipe: Mapping[str, Any], clips: Mapping[str, str]) -> None:
    """Lists clips with their keys, beside those that are listed already."""
    name = f"clips/{dataset}/{slot}-{digest(recipe)[:8]}.json"
    noted = store.noted(name)
    before = noted.get("clips", {}) if isinstance(noted, dict) else {}
    data = {"component": recipe["component"]["name"], "clips": {**before, **clips}}
    if data != noted:
        store.note(name, data)


def listings(store: FeatureStore, dataset: str | None = None) -> Iterator[Listing]:
    """Every listing of a store, or of one data set.

    Raises:
        DataError: a listing is damaged.
    """
    for name in store.backend.names("clips"):
        _, owner, file = name.split("/", 2)
        if dataset is not None and owner != dataset:
            continue
        data = store.noted(name)
        slot, _, recipe = file.removesuffix(".json").rpartition("-")
        try:
            yield Listing(
                dataset=owner, slot=slot, recipe=recipe, component=str(data["component"]), clips=dict(data["clips"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f'"{name}" of "{store.url}" is no listing of clips', hint="removing it and `affekt extract` again"
            ) from error
