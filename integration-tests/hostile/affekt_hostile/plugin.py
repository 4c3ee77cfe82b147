"""Announces one encoder a deed; listing them must be harmless."""

from affekt import ComponentInfo, hookimpl

MODULES = ("raises_when_imported", "exits_when_imported", "hangs_when_imported", "does_not_exist")


@hookimpl
def affekt_components():
    from pathlib import Path
    from re import findall

    names = findall(r"^class (\w+)\(Encoder\)", Path(__file__).with_name("encoders.py").read_text(), 8)
    targets = {name: f"affekt_hostile.encoders:{name}" for name in names}
    targets |= {module: f"affekt_hostile.{module}:Encoder" for module in MODULES}
    targets["is_no_component"] = "json:JSONDecoder"
    for name, target in targets.items():
        slug = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).strip("-")
        yield ComponentInfo(role="encoder", name=slug.replace("_", "-"), target=target, summary="Hostile")
