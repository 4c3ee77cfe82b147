"""Gives Kokoro's graph inputs for prosody, and faster convolutions.

Kokoro (StyleTTS 2, Li et al., 2023) predicts pitch and energy for every frame and hands both to its decoder through
two tensors. The operations added here stand between the two, so that what is heard is still made by the network.
"""

from pathlib import Path
from typing import Any

import onnx
from affekt.errors import WeightsError
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import NodeProto, TensorProto, helper

VERSION = "prosody-2"
"""Changes with the operations below, so that a model spliced by another version is not taken for this one's."""

PITCH, ENERGY = "/encoder/Reshape_output_0", "/encoder/Reshape_1_output_0"
"""What the predictor hands to the decoder: hertz, near 0 where unvoiced; and a log-like energy."""
INPUTS = ("pitch_ratio", "span_ratio", "energy_shift")
"""Scalars: factor of the pitch; factor of its distance to the mean in octaves; shift of the predicted energy."""

_VOICED = 45.0
"""Hertz. The voices speak above 60 Hz; frames below are unvoiced, or on their way there."""
_REACH = 0.6
"""Natural log, 10 semitones. What is further from the mean moves with it but is not spread: a transition."""


def splice(source: Path, target: Path) -> None:
    """Writes `source` with the three inputs to `target`.

    Raises:
        WeightsError: this is not the graph that the seam was found in.
    """
    try:
        model = onnx.load(source)
    except DecodeError as error:
        raise WeightsError(f'"{source}" is no ONNX model: {error}', hint="`affekt weights verify kokoro`") from error
    nodes = list(model.graph.node)
    seam = [position for position, node in enumerate(nodes) if {PITCH, ENERGY} & set(node.output)]
    if len(seam) != 2:
        raise WeightsError(
            f'"{source}" is not the expected export of Kokoro: it lacks the tensor {PITCH} or {ENERGY}',
            hint="`affekt weights verify kokoro`",
        )
    for node in nodes:
        for position, name in enumerate(node.input):
            if name in (PITCH, ENERGY):
                node.input[position] = "affekt/pitch" if name == PITCH else "affekt/energy"
    del model.graph.node[:]
    spliced = [*nodes[: max(seam) + 1], *_prosody(), *nodes[max(seam) + 1 :]]
    model.graph.node.extend(step for node in spliced for step in _in_floats(node))
    model.graph.initializer.extend(
        helper.make_tensor(f"affekt/{name}", TensorProto.FLOAT, [], [value])
        for name, value in {"voiced_above": _VOICED, "reach": _REACH, "minus_reach": -_REACH, "one": 1.0}.items()
    )
    model.graph.input.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in INPUTS)
    onnx.save(model, target)


def _in_floats(node: NodeProto) -> list[NodeProto]:
    """A convolution of integers as one of floats, which ONNX Runtime computes twice as fast and to the same sound.

    Weights stay 8 bit in the file; they are widened when the session is made.
    """
    if node.op_type != "ConvInteger":
        return [node]
    (result,) = node.output
    options = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    wide = [f"{result}/float{index}" for index in range(4)]
    return [
        *(
            helper.make_node("Cast", [name], [output], to=TensorProto.FLOAT)
            for name, output in zip(node.input, wide, strict=True)
        ),
        helper.make_node("Sub", [wide[0], wide[2]], [f"{result}/sound"]),
        helper.make_node("Sub", [wide[1], wide[3]], [f"{result}/weight"]),
        helper.make_node("Conv", [f"{result}/sound", f"{result}/weight"], [f"{result}/sum"], **options),
        helper.make_node("Cast", [f"{result}/sum"], [result], to=TensorProto.INT32),
    ]


def _prosody() -> list[NodeProto]:
    """pitch′ = pitch · pitch_ratio · exp((span_ratio − 1) · distance to the mean log pitch), where voiced."""

    def node(operation: str, inputs: str, output: str, **attributes: Any) -> NodeProto:
        tensors = [f"affekt/{name}" if name[0] not in "/." else name for name in inputs.split()]
        return helper.make_node(operation, [_outer(name) for name in tensors], [f"affekt/{output}"], **attributes)

    return [
        node("Greater", f"{PITCH} voiced_above", "is_voiced"),
        node("Cast", "is_voiced", "voiced", to=TensorProto.FLOAT),
        node("Max", f"{PITCH} voiced_above", "audible"),
        node("Log", "audible", "log"),
        node("Mul", "log voiced", "voiced_log"),
        node("ReduceSum", "voiced_log", "sum", keepdims=0),
        node("ReduceSum", "voiced", "count", keepdims=0),
        node("Max", "count one", "frames"),
        node("Div", "sum frames", "mean"),
        node("Sub", "log mean", "distance"),
        node("Clip", "distance minus_reach reach", "near"),
        node("Sub", "span_ratio one", "widening"),
        node("Mul", "near widening", "change"),
        node("Exp", "change", "factor"),
        node("Mul", f"{PITCH} factor", "spanned"),
        node("Mul", "spanned pitch_ratio", "moved"),
        node("Where", f"is_voiced moved {PITCH}", "pitch"),
        node("Add", f"{ENERGY} energy_shift", "energy"),
    ]


def _outer(name: str) -> str:
    """The graph's own inputs keep their plain names."""
    plain = name.removeprefix("affekt/")
    return plain if plain in INPUTS else name
