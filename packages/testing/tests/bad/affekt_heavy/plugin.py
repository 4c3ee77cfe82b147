"""Imports its component, and with it a heavy library, to be listed."""

from affekt import ComponentInfo, hookimpl

from affekt_heavy.encoder import Heavy


@hookimpl
def affekt_components():
    target = f"{Heavy.__module__}:{Heavy.__name__}"
    yield ComponentInfo(role="encoder", name="heavy", target=target, summary="Imports to list")
