"""Where components compute: their option `device`, set for all of a pipeline at once.

    affekt.load().to("cuda")          # or `device: cuda` in a pipeline file

A component without the option stays where it is; one in another interpreter keeps what the file gives it.
"""

from typing import Any

from affekt.component import Component

OPTION = "device"
"""The option's name in every component that has it."""


def takes_device(kind: Any) -> bool:
    """Whether a class of components has the option."""
    return OPTION in getattr(kind, "model_fields", {})


def device_of(component: Any) -> str | None:
    """The device of a component; None where it has no such option."""
    if isinstance(component, Component) and not takes_device(type(component)):
        return None
    device: str | None = getattr(component, OPTION, None)
    return device


def moved(component: Any, device: str) -> Any:
    """A copy of a component on another device, whose weights load anew on first use.

    It is the component itself where it is there already or has no such option. What stands in for a component, such as
    one that takes features from a store, has a method `to(device)` of its own.

    Raises:
        OptionsError: the component refuses the device.
    """
    if device_of(component) in (None, device):
        return component
    if callable(to := getattr(component, "to", None)):
        return to(device)
    if isinstance(component, Component):
        given = {name: getattr(component, name) for name in component.model_fields_set}
        return type(component)(**{**given, OPTION: device})
    return component
