"""What people type who know PyTorch, Keras, TensorFlow or MXNet, and the form that the message shows."""

from __future__ import annotations

import pytest

from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.network.catalogue import layer_graph, load_text

MAP = (64, 8, 8)
SEQUENCE = (64, 100)
VIDEO = (3, 8, 16, 16)
VECTOR = (784,)

CALLS: list[tuple[str, Shape, str]] = [
    # modules before the name
    ("nn.ReLU()", MAP, "drop `nn.` and write `ReLU`"),
    (
        "nn.Conv2d(3, 64, 3, padding=1)",
        MAP,
        "drop `nn.` and write `Conv2d(64, 3, padding=1)`; the input size is inferred",
    ),
    ("nn.Linear(512, 10)", VECTOR, "drop `nn.` and write `Linear(10)`"),
    ("nn.GroupNorm(32, 64)", MAP, "drop `nn.` and write `GroupNorm(32)`"),
    ("nn.LayerNorm(64)", MAP, "drop `nn.` and write `LayerNorm(64)`"),
    ("nn.Dropout(0.5)", MAP, "drop `nn.` and write `Dropout(0.5)`"),
    (
        "Parameter(torch.zeros(1, 4))",
        MAP,
        "sizes are written as they are, without a tensor: `Parameter((1, 4))`",
    ),
    ("nn.Foo(3)", MAP, "drop `nn.`, and `Foo` is no layer here: `cnncost layers` lists what there is"),
    ("torch.nn.MaxPool2d(2, 2)", MAP, "drop `torch.nn.` and write `MaxPool2d(2, 2)`"),
    ("F.relu", MAP, "drop `F.` and write `ReLU`"),
    ("F.max_pool2d(x, 2)", MAP, "drop `F.` and write `MaxPool2d(2)`"),
    ("F.relu(nn.Conv2d(3, 8, 3)(x))", MAP, "drop `F.` and write `Conv2d(8, 3) >> ReLU`"),
    ("F.relu(conv1)", MAP, "drop `F.` and write `ref(conv1) >> ReLU`"),
    ("tf.keras.layers.Dense(10)", VECTOR, "drop `tf.keras.layers.` and write `Linear(10)`"),
    ("x.view(x.size(0), -1)", MAP, "drop `x.` and write `Flatten`"),
    ("x.view(-1, 64, 7, 7)", MAP, "drop `x.` and write `Reshape((64, 7, 7))`"),
    ("x.reshape(b, 64, -1)", MAP, "drop `x.` and write `Flatten(2)`"),
    ("layers.Reshape((1, 1, 64))", MAP, "drop `layers.` and write `Reshape((1, 1, 64))`"),
    ("Conv2d(64, 3).relu()", MAP, "layers join with `>>`: write `Conv2d(64, 3) >> ReLU`"),
    ("self.conv1(x)", MAP, "a spec has no `self` and no `forward`: write the layers in the order"),
    # other names
    ("Dense(10)", VECTOR, "Dense: no such layer; did you mean Linear?"),
    ("Dense(units=10, activation='relu')", VECTOR, "did you mean `Linear(out_features=10) >> ReLU`?"),
    ("Dense(10)(x)", VECTOR, "its input is what comes before it: write `Linear(10)`"),
    ("Conv2D(32, 3, strides=2, use_bias=False)", MAP, "did you mean `Conv2d(32, 3, stride=2, bias=False)`?"),
    ("Convolution2D(64, 3, 3)", MAP, "did you mean `Conv2d(64, (3, 3))`?"),
    ("MaxPooling2D(pool_size=2)", MAP, "did you mean `MaxPool2d(kernel_size=2)`?"),
    ("GlobalAveragePooling2D()", MAP, "did you mean `AdaptiveAvgPool2d(1)`?"),
    ("GlobalAvgPool", SEQUENCE, "did you mean `AdaptiveAvgPool1d(1)`?"),
    ("GAP", VIDEO, "did you mean `AdaptiveAvgPool3d(1)`?"),
    ("GRN()", MAP, "did you mean `add(x=Identity, y=multiply(x=Identity, response=Reduce('norm'"),
    ("BatchNormalization()", MAP, "did you mean BatchNorm2d?"),
    ("BatchNorm", SEQUENCE, "did you mean BatchNorm1d?"),
    ("BatchNorm", VECTOR, "did you mean BatchNorm1d?"),
    ("conv(64, 3)", SEQUENCE, "did you mean Conv1d?"),
    ("conv(64, 3)", VIDEO, "did you mean Conv3d?"),
    ("MaxPool(2)", MAP, "did you mean MaxPool2d?"),
    ("Dropout2D(0.3)", MAP, "did you mean Dropout2d?"),
    (
        "layers.MaxPooling2D(3, strides=2, padding='same')",
        MAP,
        "drop `layers.` and write `MaxPool2d(3, stride=2, padding='same_tf')`",
    ),
    ("layers.Conv2D(8, 3, padding='same')", MAP, "write `Conv2d(8, 3, padding='same')`"),
    (
        "layers.Conv2D(8, 3, strides=2, padding='SAME')",
        MAP,
        "write `Conv2d(8, 3, stride=2, padding='same_tf')`",
    ),
    ("layers.AveragePooling2D(2, padding='valid')", MAP, "write `AvgPool2d(2)`"),
    ("ZeroPadding2D(padding=((0, 1), (2, 3)))", MAP, "did you mean `ZeroPad2d((2, 3, 0, 1))`?"),
    ("ZeroPadding2D((3, 3))", MAP, "did you mean `ZeroPad2d(3)`?"),
    ("layers.ReLU(6.)", MAP, "drop `layers.` and write `ReLU6`"),
    (
        "layers.SeparableConv2D(128, (5, 5), padding='same')",
        MAP,
        "write `Conv2d(in_channels, (5, 5), padding='same', groups=in_channels) >> Conv2d(128, 1)`",
    ),
    ("layers.Add()", MAP, "drop `layers.`: a merge is written `add:`, with a name for each branch"),
    ("nn.Conv2D(64, 3, 2, 1, in_channels=3)", MAP, "write `Conv2d(64, 3, 2, 1)`"),
    ("nn.Conv2D(3, 64, 3)", MAP, "write `Conv2d(64, 3)`"),
    ("F.Activation(x, act_type='relu')", MAP, "drop `F.` and write `ReLU`"),
    ("mx.sym.Pooling(data=x, pool_type='avg', kernel=(2, 2))", MAP, "write `AvgPool2d(kernel_size=(2, 2))`"),
    ("Swish", MAP, "did you mean SiLU?"),
    ("Activation('relu')", MAP, "did you mean ReLU?"),
    ("DepthwiseConv2D(3)", MAP, "did you mean `Conv2d(in_channels, 3, groups=in_channels)`?"),
    ("ConvBNReLU(64, 128)", MAP, "did you mean `Conv2d(128, 3, bias=False) >> BatchNorm2d >> ReLU`?"),
    ("conv3x3(64, 128, 2)", MAP, "did you mean `Conv2d(128, 3, 2, padding=1)`?"),
    ("SqueezeExcite(64)", MAP, "did you mean `multiply(x=Identity, gate=AdaptiveAvgPool2d(1) >> "),
    ("SimpleRNN(8)", SEQUENCE, "did you mean RNN?"),
    (
        "LSTM(8, return_sequences=True)",
        SEQUENCE,
        "its output is the whole sequence, and `>> Select(-1)` the last",
    ),
    (
        "Embedding(input_dim=9, embedding_dim=4)",
        SEQUENCE,
        "has no argument `input_dim`; did you mean num_embeddings?",
    ),
    ("DeformableConv2d(8, 3)", SEQUENCE, "did you mean DeformConv2d?"),
    ("Bidirectional(LSTM(64))", SEQUENCE, "did you mean `LSTM(64, bidirectional=True)`?"),
    ("Input(shape=(3, 8, 8))", MAP, "a spec has its shape in a line `input: [3, 224, 224]`"),
    ("Sequential(Conv2d(8, 3), nn.ReLU())", MAP, "did you mean `Conv2d(8, 3) >> ReLU`?"),
    ("nn.Sequential(*[nn.ReLU() for _ in range(3)])", MAP, "drop `nn.` and write `3 * ReLU`"),
    # arguments
    ("Conv2d(filters=8, kernel_size=3)", MAP, "no argument `filters`; did you mean out_channels?"),
    ("Conv2d(8, kernel=3)", MAP, "no argument `kernel`; did you mean kernel_size?"),
    ("Conv2d(8, 3, num_group=2)", MAP, "no argument `num_group`; did you mean groups?"),
    ("Linear(out=10)", VECTOR, "no argument `out`; did you mean out_features?"),
    ("Conv2d(8, 3, in_planes=64)", MAP, "not written: drop `in_planes` and write `Conv2d(8, 3)`"),
    ("BatchNorm2d(num_features=64)", MAP, "not written: drop `num_features` and write `BatchNorm2d`"),
    (
        "Conv2d(in_planes, 3)",
        MAP,
        "in_planes: no such layer, block or param; the channels that enter a block are `in_channels`",
    ),
    # operators, merges and lists
    ("Identity + Conv2d(64, 1)", MAP, "branches meet in a merge: write `add(a=Identity, b=Conv2d(64, 1))`"),
    ("x + Conv2d(64, 1)", MAP, "branches meet in a merge: write `add(x=Identity, b=Conv2d(64, 1))`"),
    ("x * Sigmoid", MAP, "write `multiply(x=Identity, b=Sigmoid)`"),
    ("one + two + three", MAP, "write `add(one=ref(one), two=ref(two), three=ref(three))`"),
    ("Conv2d(8, 3) | BatchNorm2d | ReLU", MAP, "write `Conv2d(8, 3) >> BatchNorm2d >> ReLU`"),
    (
        "Conv2d(8, 3) @ ReLU",
        MAP,
        "layers join with `>>` and repeat with `n * layer`: write `Conv2d(8, 3) >> ReLU`",
    ),
    ("Conv2d(64, 1) * 3", MAP, "write `3 * Conv2d(64, 1)`"),
    ("concat(one, two)", MAP, "takes two or more named branches: `concat(one=ref(one), two=ref(two))`"),
    ("add(Identity, Conv2d(64, 1))", MAP, "named branches: `add(a=Identity, b=Conv2d(64, 1))`"),
    ("torch.cat([one, two], 1)", MAP, "drop `torch.` and write `concat(one=ref(one), two=ref(two))`"),
    ("Concatenate()([one, x])", MAP, "write `concat(one=ref(one), x=Identity)`"),
    (
        "[Conv2d(8, 3), ReLU]",
        MAP,
        "is a value, not a layer; layers join with `>>`: write `Conv2d(8, 3) >> ReLU`",
    ),
    ("[ReLU for _ in range(3)]", MAP, "a repeat is written with its number first: `3 * ReLU`"),
    # what is no expression
    ("conv1 = nn.Conv2d(8, 3)", MAP, "a name has a colon behind it: `conv1: Conv2d(8, 3)`"),
    ("self.conv1 = nn.Conv2d(8, 3)", MAP, "a name has a colon behind it: `conv1: Conv2d(8, 3)`"),
    ("3 x Conv2d(64, 1)", MAP, "a repeat is written with `*`: `3 * Conv2d(64, 1)`"),
    ("nn.Sequential(OrderedDict([('a', nn.ReLU()), ('b', nn.Tanh())]))", MAP, "write `ReLU >> Tanh`"),
    (
        "nn.Sequential(*[nn.Sequential(nn.Linear(8, w), nn.ReLU()) for w in widths])",
        VECTOR,
        "write `len(widths) * (Linear(widths[index]) >> ReLU)`",
    ),
    ("Linear(2 * (token_dim + 3))", VECTOR, "token_dim: no such layer, block or param"),
    ("3x Conv2d(64, 1)", MAP, "a repeat is written with `*`: `3 * Conv2d(64, 1)`"),
    ("Conv2d(64, 1) x 3", MAP, "a repeat is written with its number first: `3 * Conv2d(64, 1)`"),
    ("Conv2d(8, 3) -> nn.ReLU()", MAP, "layers join with `>>`: write `Conv2d(8, 3) >> ReLU`"),
    ("ReLU;", MAP, "a line has no `;` at its end: write `ReLU`"),
    ("return x", MAP, "a spec has no `self` and no `forward`"),
    # axes
    ("Conv2d(8, 3)", SEQUENCE, "it takes a C×H×W input, not one of 2 axes; Conv1d takes C×L"),
    ("LayerNorm(64)", MAP, "not the end of the input's shape; LayerNorm2d normalises the channels of a map"),
]

ITEMS = [
    ("'Conv2d': [8, 3]", "a layer is a call with its arguments: write `Conv2d(8, 3)`"),
    ("{type: Conv2d, filters: 8}", "a layer is a call with its arguments, as in `conv1: Conv2d(64, 3)`"),
    (
        "[Conv2d(8, 3), ReLU]",
        "a comma ends the value: quote it, or put it on a line of its own; layers join with ",
    ),
    ("Add(ReLU, Tanh)", "Add: a merge is written `add:`, with a name for each branch: `add(a=ReLU, b=Tanh)`"),
    ("cat: {a: Identity, b: ReLU}", "`cat` has branches, but is not a merge; did you mean `concat:`?"),
    ("sum: {a: Identity, b: ReLU}", "`sum` has branches, but is not a merge; did you mean `add:`?"),
    ("add: [Identity, ReLU]", "each branch of `add` needs a name: write `a: …` and `b: …`, without `-`"),
    (
        "for i in range(3): ReLU",
        "cannot be a name: use letters, digits, `_` and `-`; a repeat is written `3 * ",
    ),
]


@pytest.mark.parametrize(("call", "shape", "message"), CALLS, ids=[call for call, *_ in CALLS])
def test_a_call_from_elsewhere_is_answered_with_the_right_form(call: str, shape: Shape, message: str) -> None:
    """The message shows what to write, for the axes of the input."""
    with pytest.raises(CnncostError) as caught:
        layer_graph(call, shape)
    assert message in str(caught.value)
    assert len(str(caught.value).split("\n  1 | ")) == 2  # one error, not one for each part


@pytest.mark.parametrize(("item", "message"), ITEMS)
def test_an_item_from_elsewhere_is_answered_with_the_right_form(item: str, message: str) -> None:
    """So are merges by other names, and loops."""
    with pytest.raises(CnncostError) as caught:
        load_text(f"input: [3, 8, 8]\nlayers:\n  - {item}\n")
    assert message in str(caught.value)


def test_the_form_of_an_input_is_shown() -> None:
    """A shape is a list; one with its channels last has a remark."""
    with pytest.raises(CnncostError, match=r"`input` is a shape: .*; write \[3, 8, 8\]"):
        load_text("input: 3x8x8\nlayers:\n  - ReLU\n")
    (remark,) = load_text("input: [28, 28, 1]\nlayers:\n  - Flatten\n").remarks
    assert remark.endswith("so with 28 channels; for an image with 1, write 1x28x28")
    assert load_text("input: [8, 8, 1]\nlayers:\n  - Flatten\n").remarks == ()


def test_all_foreign_names_of_a_file_are_shown_at_once() -> None:
    """A file that was written for another library has many: each line is answered."""
    with pytest.raises(CnncostError) as caught:
        load_text("input: [3, 8, 8]\nlayers:\n  - nn.Conv2d(3, 8, 3)\n  - nn.ReLU()\n  - Dense(8)\n")
    for right in ("write `Conv2d(8, 3)`", "write `ReLU`", "did you mean Linear?"):
        assert right in str(caught.value)


def test_the_name_of_an_earlier_layer_is_taken_by_ref() -> None:
    """As in code, people name a layer once and apply it later."""
    text = "input: [3, 8, 8]\nlayers:\n  - conv: Conv2d(8, 3)\n  - ReLU\n  - conv >> ReLU\n"
    with pytest.raises(
        CnncostError, match=r"5:5: conv: .*; of the layer `conv`, `ref\(conv\)` is its output, and"
    ):
        load_text(text)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("dpeth * block(8)", "dpeth: no such layer, block or param; did you mean depth?"),
        ("block(widht + 1)", "widht: no such layer, block or param; did you mean width?"),
        ("again(conv) >> Xx", "Xx: no such layer"),
        ("block(2 * width) >> block(0.5 * width)", "`out_channels` must be a whole number, got 4.0"),
        ("depth * depth", "`depth * depth` is a value, not a layer"),
    ],
)
def test_other_mistakes_are_not_taken_for_habits(layers: str, message: str) -> None:
    """A misspelt param is one, wherever it is."""
    head = "input: [3, 8, 8]\nparams: {depth: 2, width: 8}\nblocks:\n  block(out): Conv2d(out, 1)\n"
    with pytest.raises(CnncostError) as caught:
        load_text(f"{head}layers:\n  - conv: ReLU\n  - {layers}\n")
    assert message in str(caught.value)


def test_what_a_spec_names_itself_comes_first() -> None:
    """A block of the user's own is suggested before a layer, and is never taken for one of another library."""
    spec = "input: [3, 8, 8]\nblocks:\n  conv_bn(out): Conv2d(out, 3) >> BatchNorm2d\nlayers: {}\n"
    load_text(spec.format("conv_bn(8)"))
    with pytest.raises(CnncostError, match="did you mean conv_bn"):
        load_text(spec.format("convbn(8)"))
