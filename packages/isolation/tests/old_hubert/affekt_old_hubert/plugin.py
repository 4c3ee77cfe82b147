"""Announces the components. Imported to list plugins: keep it free of torch."""

from affekt import ComponentInfo, hookimpl


@hookimpl
def affekt_components():
    yield ComponentInfo(
        role="encoder",
        name="old-hubert",
        target="affekt_old_hubert.encoder:OldHubertEncoder",
        summary="HuBERT on transformers 4",
        sample_rate=16_000,
    )
