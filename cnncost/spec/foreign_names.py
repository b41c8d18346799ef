"""What layers and arguments are called in Keras, TensorFlow, MXNet, timm and papers, and what they are here.

Names are compared folded: in small letters, without `_`, and without the axes of `2d`. Names that only
differ in this from those of the catalogue (`max_pool2d`, `Conv2D`, `batch_norm`) need no entry.
"""

from __future__ import annotations

LAYERS = {
    "convolution": "Conv{n}d",
    "convolutional": "Conv{n}d",
    "convlayer": "Conv{n}d",
    "pointwiseconv": "Conv{n}d",
    "deconv": "ConvTranspose{n}d",
    "deconvolution": "ConvTranspose{n}d",
    "transposeconv": "ConvTranspose{n}d",
    "transposedconv": "ConvTranspose{n}d",
    "upconv": "ConvTranspose{n}d",
    "maxpooling": "MaxPool{n}d",
    "averagepool": "AvgPool{n}d",
    "averagepooling": "AvgPool{n}d",
    "avgpooling": "AvgPool{n}d",
    "meanpool": "AvgPool{n}d",
    "adaptiveaveragepool": "AdaptiveAvgPool{n}d",
    "batchnormalization": "BatchNorm{n}d",
    "batchnormalisation": "BatchNorm{n}d",
    "syncbatchnorm": "BatchNorm{n}d",
    "bn": "BatchNorm{n}d",
    "instancenormalization": "InstanceNorm{n}d",
    "layernormalization": "LayerNorm",
    "groupnormalization": "GroupNorm",
    "localresponsenormalization": "LocalResponseNorm",
    "lrn": "LocalResponseNorm",
    "dense": "Linear",
    "denselayer": "Linear",
    "fc": "Linear",
    "fullyconnected": "Linear",
    "innerproduct": "Linear",
    "spatialdropout": "Dropout{n}d",
    "featuredropout": "Dropout{n}d",
    "droppath": "StochasticDepth",
    "dropconnect": "StochasticDepth",
    "interpolate": "Upsample",
    "resize": "Upsample",
    "zeropadding": "ZeroPad{n}d",
    "pad": "ZeroPad{n}d",
    "swish": "SiLU",
    "hswish": "Hardswish",
    "hsigmoid": "Hardsigmoid",
    "leaky": "LeakyReLU",
    "lrelu": "LeakyReLU",
    "multiheadselfattention": "MultiheadAttention",
    "selfattention": "MultiheadAttention",
    "crossattention": "MultiheadAttention",
    "transformerblock": "TransformerEncoderLayer",
    "simplernn": "RNN",
    "elmanrnn": "RNN",
    "bilstm": "LSTM",
    "bigru": "GRU",
    "wordembedding": "Embedding",
    "reflectionpadding": "ReflectionPad{n}d",
    "mirrorpad": "ReflectionPad{n}d",
    "unpooling": "MaxUnpool{n}d",
    "deformableconv": "DeformConv2d",
    "im2col": "Unfold",
    "col2im": "Fold",
}
"""Layers by their folded names elsewhere; `{n}` is the number of spatial axes."""

DEPTHWISE = "Conv{n}d(in_channels, {kernel}{more}, groups=in_channels)"

FORMS = {
    "globalavgpool": "AdaptiveAvgPool{n}d(1)",
    "globalavgpooling": "AdaptiveAvgPool{n}d(1)",
    "globalaveragepool": "AdaptiveAvgPool{n}d(1)",
    "globalaveragepooling": "AdaptiveAvgPool{n}d(1)",
    "globalpool": "AdaptiveAvgPool{n}d(1)",
    "gap": "AdaptiveAvgPool{n}d(1)",
    "selectadaptivepool": "AdaptiveAvgPool{n}d(1) >> Flatten",
    "globalmaxpool": "AdaptiveMaxPool{n}d(1)",
    "globalmaxpooling": "AdaptiveMaxPool{n}d(1)",
    "gmp": "AdaptiveMaxPool{n}d(1)",
    "depthwiseconv": DEPTHWISE,
    "dwconv": DEPTHWISE,
    "separableconv": f"{DEPTHWISE} >> Conv{{n}}d({{out}}, 1)",
    "depthwiseseparableconv": f"{DEPTHWISE} >> Conv{{n}}d({{out}}, 1)",
    "convbn": "Conv{n}d({out}, {kernel}{more}, bias=False) >> BatchNorm{n}d",
    "convnorm": "Conv{n}d({out}, {kernel}{more}, bias=False) >> BatchNorm{n}d",
    "convbnrelu": "Conv{n}d({out}, {kernel}{more}, bias=False) >> BatchNorm{n}d >> ReLU",
    "convbnact": "Conv{n}d({out}, {kernel}{more}, bias=False) >> BatchNorm{n}d >> ReLU",
    "convnormact": "Conv{n}d({out}, {kernel}{more}, bias=False) >> BatchNorm{n}d >> ReLU",
    "convnormactivation": "Conv{n}d({out}, {kernel}{more}, bias=False) >> BatchNorm{n}d >> ReLU",
    "convmodule": "Conv{n}d({out}, {kernel}{more}, bias=False) >> BatchNorm{n}d >> ReLU",
    "basicconv": "Conv{n}d({out}, {kernel}{more}, bias=False) >> BatchNorm{n}d >> ReLU",
}
FORMS |= dict.fromkeys(
    ("squeezeexcite", "squeezeexcitation", "squeezeandexcitation", "seblock", "selayer", "semodule", "se"),
    "multiply(x=Identity, gate=AdaptiveAvgPool{n}d(1) >> Conv{n}d(16, 1) >> ReLU"
    " >> Conv{n}d(in_channels, 1) >> Sigmoid)",
)
FORMS |= dict.fromkeys(
    ("grn", "globalresponsenorm", "globalresponsenormalization"),
    "add(x=Identity, y=multiply(x=Identity, response=Reduce('norm', dim=(2, 3), keepdim=True)"
    " >> divide(norm=Identity, mean=Reduce('mean', dim=1, keepdim=True) >> Scale(1, 1e-6))) >> Affine)",
)
FORMS |= {
    f"{kind}glu": f"multiply(gate=Linear({{out}}) >> {name}, value=Linear({{out}}))"
    for kind, name in (("swi", "SiLU"), ("ge", "GELU"), ("re", "ReLU"))
}
"""What takes more than another name; `{out}`, `{kernel}` and `{more}` are arguments that are given."""

MERGES = {
    **dict.fromkeys(("cat", "concat", "concatenate", "concatenation", "stack", "depthconcat"), "concat"),
    **dict.fromkeys(
        (
            "add",
            "addition",
            "sum",
            "plus",
            "residual",
            "skip",
            "shortcut",
            "skipadd",
            "broadcastadd",
            "elemwiseadd",
        ),
        "add",
    ),
    **dict.fromkeys(
        ("mul", "mult", "multiply", "times", "product", "gate", "hadamard", "broadcastmul", "elemwisemul"),
        "multiply",
    ),
    **dict.fromkeys(("average", "avg", "mean"), "mean"),
    **dict.fromkeys(("maximum", "max"), "maximum"),
    **dict.fromkeys(("matmul", "bmm", "dot", "mm", "batchdot"), "matmul"),
    **dict.fromkeys(("subtract", "sub", "elemwisesub"), "subtract"),
}
"""Merges by their folded names elsewhere."""

CHAINS = ("sequential", "modulelist", "hybridsequential", "model")
"""What holds layers that follow one another."""

ARGUMENTS = {
    **dict.fromkeys(
        ("filters", "num_filter", "nb_filter", "num_filters", "channels", "features", "num_outputs",
         "units", "num_units", "num_hidden", "out", "out_ch", "out_chs", "out_planes", "planes", "outplanes",
         "out_dim", "output_dim", "dim_out", "nout", "cout", "classes", "num_classes"),
        ("out_channels", "out_features", "hidden_size", "embedding_dim"),
    ),
    **dict.fromkeys(("kernel", "ksize", "filter_size", "k", "kernel_shape"), ("kernel_size",)),
    "pool_size": ("kernel_size", "output_size"),
    **dict.fromkeys(("strides", "subsample", "s"), ("stride",)),
    **dict.fromkeys(("pad", "pads", "p", "border_mode"), ("padding",)),
    **dict.fromkeys(("dilation_rate", "dilate", "atrous_rate", "d"), ("dilation",)),
    **dict.fromkeys(("num_group", "num_groups", "group", "g"), ("groups",)),
    "groups": ("num_groups",),
    "use_bias": ("bias",),
    "epsilon": ("eps",),
    "num_heads": ("heads",),
    **dict.fromkeys(("rate", "prob", "drop_prob", "drop_rate", "keep_prob"), ("p",)),
    **dict.fromkeys(("alpha", "slope", "leak"), ("negative_slope",)),
    "axis": ("dim",),
    **dict.fromkeys(("input_dim", "vocab_size", "num_tokens", "ntoken"), ("num_embeddings",)),
    **dict.fromkeys(("memory", "context", "encoder_hidden_states"), ("key",)),
}  # fmt: skip
"""Arguments by their names elsewhere, with what they may be here."""

NEEDLESS = {
    "return_sequences": "; its output is the whole sequence, and `>> Select(-1)` the last step",
    "return_state": "; its output is the whole sequence, and `>> Select(-1)` the last step",
    "need_weights": "; its output is the sequence alone",
    "is_causal": "; a mask changes no cost: leave it out",
    "attn_mask": "; a mask changes no cost: leave it out",
}
"""Arguments without a counterpart, and why none is needed."""

INPUT_SIZES = (
    *("in_channels", "in_features", "num_features", "num_channels", "input_size", "embed_dim", "in_units"),
    *("in_planes", "inplanes", "in_ch", "in_chs", "in_chans", "in_dim", "dim_in", "input_dim", "in_size"),
    *("input_channels", "cin", "nin", "num_inputs", "input_shape"),
    *("kdim", "vdim", "d_model", "in1_features", "in2_features"),
)
"""What the size of the input is called, which is inferred here."""

TENSORS = (
    *("x", "y", "z", "h", "out", "input", "inputs", "net", "data"),
    *("residual", "identity", "shortcut", "skip"),
)
"""What code calls the tensor that a layer works on; a spec does not name it."""

MODULES = (
    *("nn", "torch", "F", "functional", "tf", "keras", "layers", "mx", "gluon", "slim", "paddle", "jnp"),
    *("jax", "flax", "linen", "K", "timm", "torchvision", "ops", "models", "L", "hk", "eqx", "mlx"),
)
"""With what the names of layers begin elsewhere."""
