"""What other tools count, each as a convention: its total of a network, digit for digit.

Each entry was derived from the tool's source. `python -m tests.tools` records the tools' own totals, and
tests compare the entries with them; TensorFlow's profiler, pytorchcv, timm and the old thop and ptflops are
not run there. A layer type that is not listed counts nothing, unless it is `unknown`: then the tool's rule
for it is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnncost.count.common import FVCORE
from cnncost.count.convention import Convention, Weights

NORMS = ("Batch", "Instance")
AVERAGES = ("AvgPool", "AdaptiveAvgPool")
POOLS = ("MaxPool", *AVERAGES)


def of_each(kinds: Iterable[str], **weights: int) -> dict[str, Weights]:
    """The same weights for several layer types."""
    return dict.fromkeys(kinds, weights)


def norms(plain: int, full: int, kinds: Iterable[str] = NORMS) -> dict[str, Weights]:
    """The operations for each output of a norm without a learned scale, and with one."""
    return {
        **of_each((f"{kind}Norm-plain" for kind in kinds), outputs=plain),
        **of_each((f"{kind}Norm" for kind in kinds), outputs=full),
    }


UNRULED = (
    "ConvTranspose",
    *("GroupNorm", "InstanceNorm", "LocalResponseNorm"),
    *("PReLU", "SiLU", "GELU", "Hardswish", "Hardsigmoid", "Softmax"),
    "Upsample",
)
"""Types for which torchscan prints no total, or counts by a rule that is not known here."""

WITH_BIAS = {"macs": 1, "adds": 1}

RECURRENT = ("RNN", "LSTM", "GRU")
CELLS = tuple(f"{kind}Cell" for kind in RECURRENT)
GATED = {"macs": 1, "adds": 1, "exps": 1, "muls": -1}
"""LSTMs in ptflops: as others, and two more for each unit, which are its exponentials less its products."""

COMPOSED = ("TransformerEncoderLayer", "TransformerDecoderLayer", "Bilinear", "DeformConv")
UNMEASURED = (*RECURRENT, *CELLS, *COMPOSED)
"""Types on which a tool has not been run."""

CALFLOPS: Mapping[str, Weights] = {
    "Conv": {"macs": 2, "adds": 1},
    "Linear": {"macs": 2},
    "MultiheadAttention": {"macs": 2, "products": -2},
    **norms(1, 2, ["Batch"]),
    **norms(4, 5, ["Layer", "Group", "Instance"]),
    **of_each(("ReLU", "SiLU", "GELU", "LeakyReLU", "ELU"), outputs=1),
    **of_each(POOLS, inputs=1),
}

TOOLS: dict[str, Convention] = {
    tool.name: tool
    for tool in (
        Convention(
            "timm",
            "fvcore's count with attention written out as matrix products",
            "timm's results tables, GMACs",
            {**FVCORE, "*": {"macs": 1}},
            flops_label="MACs",
        ),
        Convention(
            "fvcore-fused",
            "fvcore's count where PyTorch runs attention as one operation, of which fvcore counts nothing",
            "fvcore.nn.FlopCountAnalysis under torch.no_grad()",
            {**FVCORE, "MultiheadAttention": {}},
            called="fvcore (fused attention)",
            version="0.1.5",
            unknown=COMPOSED[:2],
        ),
        Convention(
            "thop",
            "multiply-adds, and a few for each output of norms and average pools",
            "thop.profile",
            {
                **of_each(("Conv", "Linear"), macs=1),
                "ConvTranspose": {"reached_outputs": 1},
                **norms(2, 4, ["Batch", "Layer", "Instance"]),
                "LayerNorm2d": {},
                "AvgPool": {"outputs": 1},
                "AdaptiveAvgPool": {"inputs": 1, "outputs": 1},
                **of_each(f"{kind}-functional" for kind in AVERAGES),
                "PReLU": {"outputs": 1},
                "Upsample-bilinear": {"outputs": 11},
                "Upsample-linear": {"outputs": 5},
                "Upsample-nearest": {"outputs": 1},
                **of_each((*RECURRENT, *CELLS), **WITH_BIAS),
            },
            flops_label="MACs",
            version="0.1.1",
            unknown=("Softmax", *COMPOSED),
        ),
        Convention(
            "ptflops-old",
            "multiply-adds and biases, one or two for each output of batch norm and activations, and the "
            "inputs of pools",
            "ptflops.get_model_complexity_info; its README and OpenMMLab's tables print it",
            {
                **of_each(("Conv", "Linear"), **WITH_BIAS),
                **norms(1, 2, ["Batch"]),
                **of_each(("ReLU", "ReLU6", "PReLU", "ELU", "LeakyReLU"), outputs=1),
                **of_each(POOLS, inputs=1),
                **of_each((f"{kind}-functional" for kind in ("ReLU", "ReLU6", *POOLS)), inputs=0),
                "Upsample": {"outputs": 1},
            },
            flops_label="MACs",
            called="ptflops 0.6",
            version="0.6",
            unknown=("MultiheadAttention", *UNMEASURED),
        ),
        Convention(
            "ptflops",
            "multiply-adds and biases, and one or two for each value of norms, activations and pools",
            "ptflops.get_model_complexity_info, backend pytorch",
            {
                **of_each(("Conv", "Linear"), **WITH_BIAS),
                "MultiheadAttention": {"macs": 1, "outputs": 5, "exps": 1},
                **norms(1, 2, ["Batch", "Instance", "Group"]),
                "LayerNorm": {"outputs": 1},
                "LayerNorm2d": {"outputs": 2},
                **of_each(("ReLU", "GELU"), outputs=2),
                **of_each(("ReLU-functional", "GELU-functional", "ReLU6", "SiLU", "PReLU", "ELU"), outputs=1),
                **of_each(POOLS, inputs=2),
                **of_each((f"{kind}-functional" for kind in POOLS), inputs=1),
                **of_each(("RNN", "GRU", "RNNCell", "GRUCell"), **WITH_BIAS),
                **of_each(("LSTM", "LSTMCell"), **GATED),
            },
            flops_label="MACs",
            version="0.7.5",
            unknown=COMPOSED,
        ),
        Convention(
            "ptflops-aten",
            "multiply-adds and biases",
            "ptflops.get_model_complexity_info, backend aten",
            {
                **of_each(("Conv", "Linear"), **WITH_BIAS),
                "MultiheadAttention": {"macs": 1, "products": -1, "outputs": 4},
                **of_each(("RNN", "GRU", *CELLS), token_params=1),
            },
            flops_label="MACs",
            called="ptflops (aten)",
            version="0.7.5",
            unknown=COMPOSED,
        ),
        Convention(
            "torchinfo",
            "multiply-adds and biases of convolutions; once the parameters of any other layer",
            "torchinfo.summary",
            {
                "Conv": WITH_BIAS,
                "ConvTranspose": {"placed_params": 1},
                **of_each(
                    ("Linear", "BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "PReLU"), params=1
                ),
                **of_each(RECURRENT, token_params=1),
            },
            flops_label="mult-adds",
            version="1.8.0",
            unknown=(*CELLS, *COMPOSED),
        ),
        Convention(
            "calflops",
            "two for each multiply-add, biases of convolutions, and a few for each output of norms, "
            "activations and pools",
            "calflops.calculate_flops",
            CALFLOPS,
            version="0.3.2",
            unknown=("ConvTranspose", "PReLU", *UNMEASURED),
        ),
        Convention(
            "deepspeed",
            "as calflops, and attention in full",
            "deepspeed.profiling.flops_profiler",
            {
                **CALFLOPS,
                "MultiheadAttention": {"macs": 2},
                "ConvTranspose": {"macs": 2, "adds": 1},
                **of_each(("PReLU", "Softmax", "Upsample"), outputs=1),
                "LocalResponseNorm": {"outputs": 5},
            },
            version="0.19.8",
            unknown=UNMEASURED,
        ),
        Convention(
            "tensorflow",
            "two for each multiply-add, one for each output of biases, norms and elementwise operations, and "
            "the inputs of pools",
            "tf.profiler; Araujo 2019 and TF-slim print it",
            {
                **of_each(("Conv", "Linear"), macs=2, adds=1),
                **of_each(("BatchNorm", "Add", "Multiply", "SiLU"), outputs=1),
                **of_each(POOLS, inputs=1),
            },
            unknown=UNMEASURED,
            called="TensorFlow's profiler",
        ),
        Convention(
            "pytorchcv",
            "two for each multiply-add, one to five for each value of norms, activations and pools; its "
            "README prints half of it",
            "pytorchcv's measurements",
            {
                **of_each(("Conv", "Linear"), macs=2, outputs=-1, adds=1),
                **of_each(("ReLU", "ReLU6", "Hardsigmoid"), outputs=1),
                "Sigmoid": {"outputs": 4},
                "SiLU": {"outputs": 5},
                "Hardswish": {"outputs": 2},
                "BatchNorm": {"outputs": 4},
                "MaxPool": {"compares": 1},
                "AvgPool": {"adds": 1},
                **of_each(("AdaptiveAvgPool", "ChannelShuffle"), inputs=1),
            },
            unknown=UNMEASURED,
        ),
        Convention(
            "thop-old",
            "multiply-adds and biases of convolutions, and a few for each output of norms and average pools",
            "thop.profile",
            {
                "Conv": WITH_BIAS,
                "Linear": {"macs": 1},
                "BatchNorm": {"outputs": 2},
                "AvgPool": {"outputs": 1},
                "AdaptiveAvgPool": {"inputs": 1, "outputs": 1},
                **of_each(f"{kind}-functional" for kind in AVERAGES),
            },
            flops_label="MACs",
            called="thop 0.0.31",
            version="0.0.31",
            unknown=UNMEASURED,
        ),
        Convention(
            "torchprofile",
            "multiply-adds, and one for each output of norms and average pools",
            "torchprofile.profile_macs",
            {
                **of_each(("Conv", "Linear"), macs=1),
                "MultiheadAttention": {"macs": 1, "layers": 4},
                **norms(0, 1, ["Batch", "Instance", "Group"]),
                "LayerNorm": {"outputs": 1},
                **of_each((*AVERAGES, "Multiply", "LayerScale", "LeakyReLU"), outputs=1),
                "Upsample-bilinear": {"outputs": 4},
                "LocalResponseNorm": {"outputs": 3},
                **of_each(("LSTM", "RNNCell"), macs=1),
                "LSTMCell": {"macs": 1, "muls": 1},
            },
            flops_label="MACs",
            version="0.1.0",
            unknown=("ConvTranspose", "GRUCell", *COMPOSED),
        ),
        Convention(
            "torchscan",
            "two for each multiply-add, and a few for each output of norms, activations and pools; "
            "a square kernel of k×k counts as k",
            "torchscan.crawl_module, module FLOPs",
            {
                **of_each(("Conv", "Linear"), macs=2, outputs=-1, adds=1),
                "MultiheadAttention": {"macs": 2, "exps": 2, "score_rows": -1, "layers": 1},
                "BatchNorm": {"outputs": 4, "params": 1},
                "BatchNorm-plain": {"outputs": 2},
                "LayerNorm": {"outputs": 8, "sqrts": 2},
                "ReLU": {"outputs": 1},
                "ReLU6": {"outputs": 2},
                **of_each(("Sigmoid", "LeakyReLU"), outputs=4),
                **of_each(("Tanh", "ELU"), outputs=6),
                "Dropout": {"outputs": 1},
                "MaxPool": {"kernel_outputs": 1, "outputs": -1},
                "AvgPool": {"kernel_outputs": 1, "outputs": 1},
                "AdaptiveAvgPool": {"window_outputs": 1, "outputs": 1},
                **of_each(f"{kind}-functional" for kind in ("ReLU", "ReLU6", *POOLS)),
            },
            version="0.2.0",
            unknown=(*UNRULED, *UNMEASURED),
        ),
        Convention(
            "torchscan-macs",
            "multiply-adds, two for each output of batch norm, and pools with a square kernel of k×k as k",
            "torchscan.crawl_module, MACs",
            {
                **of_each(("Conv", "Linear"), macs=1),
                "BatchNorm": {"outputs": 2},
                "BatchNorm-plain": {"outputs": 2},
                "MaxPool": {"kernel_outputs": 1, "outputs": -1},
                "AvgPool": {"kernel_outputs": 1, "outputs": 1},
                "AdaptiveAvgPool": {"window_outputs": 1, "outputs": 1},
                **of_each(f"{kind}-functional" for kind in POOLS),
            },
            flops_label="MACs",
            called="torchscan (MACs)",
            version="0.2.0",
            unknown=(*UNRULED, "LayerNorm", *UNMEASURED),
        ),
        Convention(
            "torchlens",
            "two for each multiply-add, biases, and several for each output of every other operation",
            "torchlens.trace, total forward FLOPs",
            {
                **of_each(("Conv", "Linear"), macs=2, adds=1),
                "MultiheadAttention": {"macs": 2, "outputs": 4, "exps": 6},
                "ConvTranspose": {"macs": 2, "adds": 1},
                **norms(5, 5, ["Batch", "Layer", "Group", "Instance"]),
                **of_each(
                    ("ReLU", "ReLU6", "LeakyReLU", "PReLU", "Add", "Multiply", "LayerScale"), outputs=1
                ),
                **of_each(("PositionEmbedding",), outputs=1),
                "Upsample": {"outputs": 4},
                "Softmax": {"outputs": 5},
                "Tanh": {"outputs": 6},
                "ELU": {"outputs": 9},
                "LocalResponseNorm": {"outputs": 11},
                "Hardswish": {"outputs": 4},
                "Hardsigmoid": {"outputs": 3},
                "Sigmoid": {"outputs": 4},
                "SiLU": {"outputs": 5},
                "GELU": {"outputs": 14},
                "MaxPool": {"kernel_outputs": 1},
                "AvgPool": {"kernel_outputs": 1},
                "AvgPool-functional": {"outputs": 1},
                "AdaptiveAvgPool": {"inputs": 1},
                "Dropout": {"outputs": 2},
            },
            version="2.36.1",
            unknown=UNMEASURED,
        ),
        Convention(
            "onnx-tool",
            "multiply-adds and biases after an export that folds batch norms into convolutions; "
            "up to 33 for each value of norms and activations",
            "onnx_tool on torch's export",
            {
                **of_each(("Conv", "Linear"), **WITH_BIAS),
                "BatchNorm": {"outputs": 31},
                "BatchNorm-folded": {"outputs": 1},
                "LayerNorm": {"outputs": 7, "sqrts": 29},
                **of_each(("ReLU", "Add", "Multiply", "LayerScale"), outputs=1),
                **of_each(("ReLU6", "LeakyReLU", "PReLU"), outputs=2),
                "GroupNorm": {"outputs": 9},
                "InstanceNorm": {"outputs": 7},
                "Upsample-bilinear": {"outputs": 4},
                "ELU": {"outputs": 35},
                "Tanh": {"outputs": 76},
                "Softmax": {"outputs": 36},
                "Sigmoid": {"outputs": 32},
                "SiLU": {"outputs": 33},
                "GELU": {"outputs": 7},
                "Hardswish": {"outputs": 5},
                "Hardsigmoid": {"outputs": 4},
                "MaxPool": {"compares": 1},
                "AvgPool": {"adds": 1},
                "AdaptiveAvgPool": {"window_outputs": 1},
                "AdaptiveAvgPool-global": {"inputs": 1, "outputs": 4},
            },
            flops_label="MACs",
            version="1.0.1",
            unknown=("ConvTranspose", "MultiheadAttention", *UNMEASURED),
        ),
    )
}
"""The tools by name, the most used first; `torch`, `fvcore` and `macs` are among the common conventions."""
