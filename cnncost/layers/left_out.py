"""What torch.nn has and cnncost leaves out, with the reason; a test holds both to torch's own list."""

from __future__ import annotations

LOSS = "a loss compares an output with targets; it is part of training, not of the network"
MARGIN = ("MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "SoftMarginLoss")
LAZY = "it only infers the size of its input, which every layer does here; write `{}`"

REASONS: dict[str, tuple[str, ...]] = {
    LOSS: (
        *("BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CosineEmbeddingLoss", "CrossEntropyLoss"),
        *("GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss"),
        *("MarginRankingLoss", "NLLLoss", "NLLLoss2d", "PoissonNLLLoss", "SmoothL1Loss"),
        *("TripletMarginLoss", "TripletMarginWithDistanceLoss", *MARGIN),
    ),
    f"{LOSS}; for its linear layer write `Linear(classes)`": ("LinearCrossEntropyLoss",),
    f"{LOSS}; for its scores of a class write `Linear(classes) >> LogSoftmax`": (
        "AdaptiveLogSoftmaxWithLoss",
    ),
    "a container of layers; write them one below the other, or as a chain `a >> b`": (
        *("Sequential", "ModuleList", "ModuleDict", "Container", "Module"),
    ),
    "a container of parameters; a layer has its own": ("ParameterList", "ParameterDict"),
    "a stack of layers; write `6 * TransformerEncoderLayer(8)`, and `>> LayerNorm` where it ends with one": (
        "TransformerEncoder",
    ),
    "a stack of layers; write `6 * TransformerDecoderLayer(8, memory=ref(encoder))`": ("TransformerDecoder",),
    "two stacks of layers; write `6 * TransformerEncoderLayer(8) >> LayerNorm`, and a decoder of "
    "`6 * TransformerDecoderLayer(8, memory=ref(encoder)) >> LayerNorm`": ("Transformer",),
    "the base class of the recurrent layers; write RNN, LSTM or GRU": ("RNNBase",),
    "the base class of the recurrent cells; write RNNCell, LSTMCell or GRUCell": ("RNNCellBase",),
    "it runs a network on several devices; a network costs the same on each": ("DataParallel",),
    "it is batch normalisation over several devices; write BatchNorm1d, BatchNorm2d or BatchNorm3d": (
        "SyncBatchNorm",
    ),
    "quantised arithmetic; write the layers as they are, and give `--dtype int8` for their bytes": (
        *("Quantize", "DeQuantize", "FloatFunctional", "FXFloatFunctional", "QFunctional"),
    ),
    "layers joined for quantisation; write them one after the other, as in `Conv2d(64, 3) >> ReLU`": (
        *(f"Conv{kind}{axes}d" for kind in ("Bn", "BnReLU", "ReLU") for axes in (1, 2, 3)),
        *("BNReLU2d", "BNReLU3d", "LinearBn1d", "LinearReLU"),
    ),
    "an older form of local response normalisation; write LocalResponseNorm": ("CrossMapLRN2d",),
    **{
        LAZY.format(name): (f"Lazy{name}",)
        for name in (
            *(f"{kind}{axes}d" for kind in ("Conv", "ConvTranspose") for axes in (1, 2, 3)),
            *(f"{kind}Norm{axes}d" for kind in ("Batch", "Instance") for axes in (1, 2, 3)),
            "Linear",
        )
    },
}
"""The classes that are left out, by the reason."""

LEFT_OUT = {name: reason for reason, names in REASONS.items() for name in names}
"""Why each class of torch.nn is left out."""


def left_out(name: str) -> str:
    """The sentence about a class that is left out."""
    return f"cnncost leaves out `{name}` of torch.nn: {LEFT_OUT[name]}"
