"""The conventions that lectures, papers and the most common tools follow."""

from __future__ import annotations

from cnncost.count.convention import Convention, Weights

STRICT = {"macs": 2, "adds": 1, "muls": 1, "compares": 1, "divs": 1, "exps": 1, "sqrts": 1}

FVCORE: dict[str, Weights] = {
    "*": {"macs": 1, "products": -1},  # it passes over scaled_dot_product_attention
    **{kind: {} for kind in ("RNN", "LSTM", "GRU", "Bilinear", "DeformConv")},  # unknown to it
    "Convolve": {"macs": 1},
    **{  # a LayerNorm for each of its parts
        f"Transformer{kind}Layer": {"macs": 1, "products": -1, "outputs": 5 * norms}
        for kind, norms in (("Encoder", 2), ("Decoder", 3))
    },
    "BatchNorm": {"outputs": 2},
    "BatchNorm-plain": {"outputs": 1},
    **{f"{kind}Norm": {"outputs": 5} for kind in ("Instance", "Layer", "Group")},
    **{f"{kind}Norm-plain": {"outputs": 4} for kind in ("Instance", "Layer", "Group")},
    "AdaptiveAvgPool2d": {"inputs": 1},
    "Upsample-nearest2d": {"outputs": 1},
    "Upsample-bilinear": {"outputs": 4},
}

COMMON: tuple[Convention, ...] = (
    Convention(
        "lecture",
        "multiply-adds of convolutions, linear layers and attention, kernel² per pooled output, nothing else",
        "the lecture tables",
        {
            "*": {"macs": 1},
            "MaxPool": {"compares": 1},
            "AvgPool": {"adds": 1},
            "AdaptiveAvgPool": {"adds": 1},
            "AdaptiveMaxPool": {"compares": 1},
        },
    ),
    Convention(
        "macs",
        "multiply-adds of convolutions, linear layers and attention only",
        "torchvision's tables and most papers",
        {"*": {"macs": 1}},
        flops_label="MACs",
    ),
    Convention(
        "flops",
        "two for each multiply-add, and every addition, comparison, division and exponential",
        "strict counting",
        {"*": STRICT},
    ),
    Convention(
        "torch",
        "two for each multiply-add of convolutions and matrix products",
        "torch.utils.flop_counter.FlopCounterMode",
        {"*": {"macs": 2}, "Bilinear": {}, "DeformConv": {}},  # it knows neither operator
        version="2.13",
    ),
    Convention(
        "fvcore",
        "multiply-adds, and a few of a value for norms, adaptive average pooling and upsampling",
        "fvcore.nn.FlopCountAnalysis, most of timm's GMACs",
        FVCORE,
        version="0.1.5",
    ),
)
