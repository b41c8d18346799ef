"""The conventions by name: one entry for each, and the door for those of others."""

from __future__ import annotations

import os

from cnncost.count.convention import Convention
from cnncost.errors import CnncostError, NameUnknown, did_you_mean, shown

STRICT = {"macs": 2, "adds": 1, "muls": 1, "compares": 1, "divs": 1, "exps": 1, "sqrts": 1}

CONVENTIONS: dict[str, Convention] = {
    convention.name: convention
    for convention in (
        Convention(
            "lecture",
            "multiply-adds of convolutions, linear layers and attention, kernel² per pooled output, "
            "nothing else",
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
        ),
        Convention(
            "fvcore",
            "multiply-adds, and a few of a value for norms, adaptive average pooling and upsampling",
            "fvcore.nn.FlopCountAnalysis, most of timm's GMACs",
            {
                "*": {"macs": 1, "products": -1},  # it passes over scaled_dot_product_attention
                **{kind: {} for kind in ("RNN", "LSTM", "GRU", "Bilinear", "DeformConv")},  # unknown to it
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
            },
        ),
    )
}

BUILT_IN = frozenset(CONVENTIONS)


def register_convention(convention: Convention | str | os.PathLike[str]) -> Convention:
    """Make a convention of your own known by its name; a path is that of a YAML file.

    Raises:
        CnncostError: a file that cannot be used, or the name of one of cnncost's own.
    """
    if not isinstance(convention, (Convention, str, os.PathLike)):
        raise CnncostError(f"give a Convention or the path of a YAML file, not {shown(convention)}")
    if not isinstance(convention, Convention):
        from cnncost.count.convention_file import read_convention

        convention = read_convention(convention, CONVENTIONS, BUILT_IN)
    if convention.name in BUILT_IN and convention != CONVENTIONS[convention.name]:
        raise CnncostError(f"cnncost has a convention `{convention.name}` of its own; choose another name")
    CONVENTIONS[convention.name] = convention
    return convention


def convention_named(name: str | os.PathLike[str] | Convention) -> Convention:
    """The convention of this name, or that of a YAML file, which is then known by its own name.

    Raises:
        NameUnknown: there is none; the nearest is named.
        CnncostError: the file cannot be used.
    """
    if isinstance(name, Convention):
        return name
    if isinstance(name, os.PathLike):
        return register_convention(name)
    if not isinstance(name, str):
        raise CnncostError(f"a convention is a name, a YAML file or a Convention, not {shown(name)}")
    if name.endswith((".yaml", ".yml")):
        return register_convention(name)
    if name not in CONVENTIONS:
        known = ", ".join(CONVENTIONS)
        hint = did_you_mean(name, CONVENTIONS)
        raise NameUnknown(f"no convention `{name}`{hint}; there are {known}")
    return CONVENTIONS[name]
