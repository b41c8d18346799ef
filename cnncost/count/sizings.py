"""What tools print beside operations: parameters, activations and memory, each as a sum of named terms.

As in `tools.py`, the most used come first. torchsummary and torchinfo's sizes were taken from their sources;
Keras' entries are how its applications differ from the networks that they are named after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.dims import Size, product

Term = Callable[[NetworkCost], Size]


@dataclass(frozen=True)
class Sizing:
    """What a tool prints for a quantity that is no count of operations; the terms add up to it.

    `label` is what the tool calls the quantity, `called` is its own name in a sentence, if not `name`, and
    `kilo` how many bytes its KB has. `without` are layer types of networks for which its rule is not known.
    """

    name: str
    label: str
    source: str
    terms: Mapping[str, Term]
    version: str = ""
    without: tuple[str, ...] = ()
    kilo: int = 1024
    called: str = ""

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return self.called or self.name


# parameters


def learned(profile: NetworkCost) -> Size:
    """The parameters of the network as it is used, without side heads."""
    return sum(cost.params for cost in profile.costs if not cost.node.aux)


def side_heads(profile: NetworkCost) -> Size:
    """The parameters of the heads that are used in training only."""
    return sum(cost.params for cost in profile.costs if cost.node.aux)


def statistics(profile: NetworkCost) -> Size:
    """The running mean and variance of each batch norm."""
    return weights_named(main(profile), "running_mean", "running_var")


def scales(profile: NetworkCost) -> Size:
    """Less the scale of each batch norm."""
    return -weights_named(
        (cost for cost in main(profile) if cost.node.layer.cost_type.startswith("BatchNorm")), "weight"
    )


def biases_of_convolutions(profile: NetworkCost) -> Size:
    """A bias for each filter of the convolutions that have none."""
    return sum(
        cost.out_shape[0]
        for cost in main(profile)
        if cost.node.layer.cost_type == "Conv" and "bias" not in cost.weights
    )


def classifier(profile: NetworkCost) -> Size:
    """Less the linear layers behind the last convolution."""
    costs = main(profile)
    last = max((i for i, cost in enumerate(costs) if cost.node.layer.cost_type == "Conv"), default=-1)
    return -sum(cost.params for cost in costs[last + 1 :] if cost.node.layer.cost_type == "Linear")


def of_the_input(profile: NetworkCost) -> Size:
    """A mean and a variance for each channel of the input, and how many inputs they are of."""
    return sum(2 * shape[0] + 1 for shape in profile.graph.inputs.values())


def bare(profile: NetworkCost) -> Size:
    """Less those of attention, of modules that thop does not know, and those outside of modules."""
    kinds = ("MultiheadAttention", "ClassToken", "PositionEmbedding", "LayerScale", "LayerNorm2d")
    return -sum(cost.params for cost in main(profile) if cost.type in kinds)


# activations and memory


def written(profile: NetworkCost) -> Size:
    """The elements that convolutions, linear layers and matrix products write."""
    return sum(cost.macts for cost in main(profile))


OUTPUTS = ("Conv", "Linear", "BatchNorm", "LayerNorm")


def outputs_with_weights(profile: NetworkCost) -> Size:
    """The outputs of convolutions, linear layers and norms in float32, and as much for their gradients."""
    return 8 * sum(
        product(cost.out_shape)
        for cost in main(profile)
        if cost.node.layer.cost_type.partition("-")[0] in OUTPUTS
    )


def outputs_of_modules(profile: NetworkCost) -> Size:
    """The outputs of all layers in float32, those in place too, and as much for their gradients."""
    return 8 * sum(product(cost.out_shape) for cost in main(profile) if cost.type != "Flatten")


def outputs_of_maps(profile: NetworkCost) -> Size:
    """The outputs in float32; a batch norm has one of its own, an activation none."""
    return 4 * sum(
        product(cost.out_shape)
        for cost in main(profile)
        if not cost.in_place or cost.node.layer.cost_type.startswith("BatchNorm")
    )


def in_bytes(term: Term) -> Term:
    """Elements of float32."""
    return lambda profile: 4 * term(profile)


def main(profile: NetworkCost) -> list[LayerCost]:
    """The layers without side heads."""
    return [cost for cost in profile.costs if not cost.node.aux]


def weights_named(costs: Iterable[LayerCost], *names: str) -> Size:
    """The elements of some weights of the layers; those of shared weights count once."""
    return sum(
        product(cost.weights[name])
        for cost in costs
        if not cost.node.shares
        for name in names
        if name in cost.weights
    )


MERGES = ("Add", "Concat", "Multiply")

PARAMETERS: Mapping[str, Term] = {"parameters": learned}
KERAS: Mapping[str, Term] = {**PARAMETERS, "running statistics of batch norm": statistics}
BIASED: Mapping[str, Term] = {**KERAS, "biases of convolutions before batch norm": biases_of_convolutions}
UNSCALED: Mapping[str, Term] = {**KERAS, "the scale of batch norm": scales}
HEADLESS: Mapping[str, Term] = {"the classifier": classifier}


def keras(name: str, terms: Mapping[str, Term], source: str) -> Iterator[Sizing]:
    """What Keras prints of a network, and what without its classifier."""
    yield Sizing(name, "parameters", source, terms, called="Keras")
    without = f"{source}, include_top=False"
    yield Sizing(f"{name}-headless", "parameters", without, {**terms, **HEADLESS}, called="Keras")


SIZINGS: Mapping[str, tuple[Sizing, ...]] = {
    "params": (
        Sizing(
            "torch",
            "parameters",
            "model.parameters(); torchinfo, fvcore, ptflops, calflops, DeepSpeed and others list them",
            {**PARAMETERS, "side heads": side_heads},
        ),
        *keras("keras", KERAS, "Keras' model.summary()"),
        *keras("keras-biased", BIASED, "Keras' model.summary(), convolutions with biases: ResNet"),
        *keras("keras-unscaled", UNSCALED, "Keras' model.summary(), scale=False: Inception"),
        Sizing(
            "keras-normalised",
            "parameters",
            "Keras' model.summary(), the network normalises its input: EfficientNet",
            {**KERAS, "the layer that normalises the input": of_the_input},
            called="Keras",
        ),
        Sizing(
            "thop",
            "parameters",
            "thop.profile: the modules that are called",
            {**PARAMETERS, "attention, LayerNorm2d and parameters outside of layers, not counted": bare},
            version="0.1.1",
        ),
    ),
    "activations": (
        Sizing(
            "timm",
            "activations",
            "timm's results tables, macts; fvcore's ActivationCountAnalysis; pycls' acts",
            {"outputs of convolutions, linear layers and matrix products": written},
        ),
    ),
    "memory": (
        Sizing(
            "weights",
            "bytes",
            "parameters and running statistics in float32: a file of the weights, without its names",
            {"the memory of the parameters": in_bytes(learned), "running statistics": in_bytes(statistics)},
            called="a file of the weights",
        ),
        Sizing(
            "torchinfo",
            "bytes",
            "torchinfo.summary, forward/backward pass size",
            {"outputs of convolutions, linear layers and norms, twice": outputs_with_weights},
            version="1.8.0",
            kilo=1000,
        ),
        Sizing(
            "torchsummary",
            "bytes",
            "torchsummary.summary, forward/backward pass size; a network with blocks has their outputs too",
            {"outputs of all layers, twice": outputs_of_modules},
            version="1.5.1",
            without=MERGES,
        ),
        Sizing(
            "convnet-burden",
            "bytes",
            "convnet-burden's README, feature memory",
            {"outputs, with one for each batch norm": outputs_of_maps},
        ),
    ),
}
"""The tools by quantity."""
