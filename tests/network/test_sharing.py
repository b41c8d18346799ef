"""`again`: the layers of an earlier item once more, with the same weights."""

import pytest

import cnncost
from cnncost.count.profile import sample_totals
from cnncost.errors import CnncostError
from cnncost.measure import build, verify
from cnncost.network.catalogue import load_text
from cnncost.network.graph import Graph, Node
from cnncost.views.network_table import table_of

HEAD = "name: net\ninput: [8, 16, 16]\n"

SHARED = (
    HEAD
    + """
blocks:
  conv_bn(c): Conv2d(c, 3, padding=1, bias=False) >> BatchNorm2d
  head:
    - conv: conv_bn(8) >> ReLU
    - join:
        add: {body: conv_bn(8), shortcut: Identity}
layers:
  - down: MaxPool2d(2)
  - h1: head
  - h2: ref(input) >> again(h1)
  - h3: ref(down) >> again(h1.conv) >> Sigmoid >> again('h2.join')
  - h4: 2 * again(h3)
outputs: [h1, h2, h4]
"""
)

RETINANET = """
name: retinanet_resnet50_fpn
input: [3, 800, 800]
params: {classes: 91, anchors: 9}
blocks:
  conv_bn(out, kernel, stride=1):
    - Conv2d(out, kernel, stride, padding=kernel // 2, bias=False)
    - BatchNorm2d(affine=norms_learn)
  bottleneck(width, stride=1, project=False):
    - add:
        body: conv_bn(width, 1) >> ReLU >> conv_bn(width, 3, stride) >> ReLU >> conv_bn(4 * width, 1)
        shortcut: conv_bn(4 * width, 1, stride) if project else Identity
    - ReLU
  stage(width, depth, stride): bottleneck(width, stride, True) >> (depth - 1) * bottleneck(width)
  conv(out): Conv2d(out, 3, padding=1)
  tower: 4 * (conv(256) >> ReLU)
layers:
  - conv1: conv_bn(64, 7, 2) >> ReLU >> MaxPool2d(3, 2, padding=1)
  - c2: stage(64, 3, 1)
  - c3: stage(128, 4, 2)
  - c4: stage(256, 6, 2)
  - c5: stage(512, 3, 2)
  - m5: Conv2d(256, 1)
  - m4: add(top=Upsample(scale_factor=2), lateral=ref(c4) >> Conv2d(256, 1))
  - m3: add(top=Upsample(scale_factor=2), lateral=ref(c3) >> Conv2d(256, 1))
  - p3: conv(256)
  - p4: ref(m4) >> conv(256)
  - p5: ref(m5) >> conv(256)
  - p6: Conv2d(256, 3, 2, padding=1)
  - p7: ReLU >> Conv2d(256, 3, 2, padding=1)
  - scores3: ref(p3) >> tower >> conv(classes * anchors)
  - boxes3: ref(p3) >> tower >> conv(4 * anchors)
  - scores4: ref(p4) >> again(scores3)
  - boxes4: ref(p4) >> again(boxes3)
  - scores5: ref(p5) >> again(scores3)
  - boxes5: ref(p5) >> again(boxes3)
  - scores6: ref(p6) >> again(scores3)
  - boxes6: ref(p6) >> again(boxes3)
  - scores7: ref(p7) >> again(scores3)
  - boxes7: ref(p7) >> again(boxes3)
outputs: [scores3, boxes3, scores4, boxes4, scores5, boxes5, scores6, boxes6, scores7, boxes7]
"""


def shares(graph: Graph) -> dict[str, str]:
    """The nodes that use the weights of others."""
    return {node.name: node.shares for node in graph.nodes if node.shares}


def test_weights_are_counted_once_and_work_each_time() -> None:
    """The second use has the work of its own map, and no parameters."""
    graph = load_text(SHARED)
    assert shares(graph) == {
        f"{there}.{layer}": f"h1.{layer}"
        for there in ("h2", "h3", "h4.0", "h4.1")
        for item in ("conv.conv_bn", "join.body")
        for layer in (f"{item}.Conv2d", f"{item}.BatchNorm2d")
    }
    profile = cnncost.profile(graph, convention="macs")
    conv = 8 * 8 * 9
    assert (profile.totals.params, profile.totals.buffers) == (2 * conv + 2 * 16, 2 * 17)
    assert profile["h2.conv.conv_bn.Conv2d"].macs == 4 * profile["h1.conv.conv_bn.Conv2d"].macs == 256 * conv
    assert sample_totals(graph).params == profile.totals.params
    assert profile.below("h4")[0].weights == {"weight": (8, 8, 3, 3)}


def test_torch_uses_one_module_twice() -> None:
    """Every quantity of the shared layers is torch's, and the state_dict has each weight once."""
    graph = load_text(SHARED)
    assert [check.mismatches for check in verify(graph, fields=None).checks] == [[]] * 6
    network = build(graph, "meta")
    assert sum(p.numel() for p in network.parameters()) == cnncost.profile(graph).totals.params
    assert not any(name.startswith(("h2", "h3", "h4")) for name in network.state_dict())


@pytest.mark.parametrize("learn, params", [(False, 34_014_999), (True, 34_068_119)])
def test_retinanet(learn: bool, params: int) -> None:
    """The heads of five levels count once: as torchvision prints it with frozen norms, and as it builds it."""
    text = RETINANET.replace("anchors: 9}", f"anchors: 9, norms_learn: {learn}}}")
    profile = cnncost.profile(load_text(text))
    assert profile.totals.params == params
    assert profile.remarks == ()


def test_convolutions_are_shared_and_norms_are_not() -> None:
    """The heads of EfficientDet: a norm for each level."""
    graph = load_text(
        HEAD
        + """
layers:
  - p3: MaxPool2d(2)
  - p4: MaxPool2d(2)
  - head3:
    - conv: ref(p3) >> Conv2d(8, 3, padding=1)
    - BatchNorm2d >> SiLU
  - head4: ref(p4) >> again(head3.conv) >> BatchNorm2d >> SiLU
outputs: [head3, head4]
"""
    )
    assert shares(graph) == {"head4.conv.Conv2d": "head3.conv.Conv2d"}
    assert cnncost.profile(graph).totals.params == 8 * 8 * 9 + 8 + 2 * 16


def test_items_within_copies_of_a_block() -> None:
    """A block that is expanded once and copied shares within each copy, and its parts can be used again."""
    text = (
        HEAD
        + """
blocks:
  twice: [first: "Conv2d(8, 1)", second: again(first)]
layers:
  - a: twice
  - b: twice
  - c: again(b.first) >> again(b.second) >> again(a)
  - d: ref(c.a.first) >> again(c)
"""
    )
    graph = load_text(text + "outputs: [c, d]\n")
    found = shares(graph)
    assert (found["a.second"], found["b.second"]) == ("a.first", "b.first")
    assert [found[f"c.{name}"] for name in ("first", "second", "a.first")] == [
        "b.first",
        "b.first",
        "a.first",
    ]
    assert found["d.a.second"] == "a.first"
    assert graph.by_name["d.first"].inputs == ("c.a.first",)
    assert cnncost.profile(graph).totals.params == 2 * 72


def test_an_item_starts_behind_the_refs_at_its_head() -> None:
    """As in DRCN: each reconstruction starts from its own map, but all add the same image."""
    text = (
        HEAD
        + """
layers:
  - h0: Conv2d(8, 3, padding=1)
  - h{}: 3 * again(h0)
  - y0:
    - features: ref(h0) >> Conv2d(8, 1) >> ReLU
    - add: {map: Identity, image: ref(input)}
  - y{}: 3 * (ref('h{}') >> again(y0))
outputs: [y0, y1, y2, y3]
"""
    )
    graph = load_text(text)
    inputs = [graph.by_name[f"y{i}.{layer}"].inputs for i in (0, 3) for layer in ("features.Conv2d", "add")]
    assert inputs == [("h0",), ("y0.map", "input"), ("h3",), ("y3.map", "input")]
    assert graph.outputs == ("y0.add", "y1.add", "y2.add", "y3.add")


def test_what_has_no_weights_shares_none() -> None:
    """Using an activation again is one more activation."""
    graph = load_text(HEAD + "layers: [r: ReLU, 3 * again(r)]\n")
    assert (len(graph.nodes), shares(graph)) == (4, {})
    none = load_text(HEAD + "params: {n: 0}\nlayers: [x: n * ReLU, again(x), y: again(x), Tanh]\n")
    assert [node.inputs for node in none.nodes] == [("input",)]


ERRORS = {
    "x: Conv2d(8, 3) >> again(x)": "`again(x)` is inside `x` itself, which is not finished",
    "x: {y: ReLU >> again(x)}": "`again(x)` is inside `x` itself, which is not finished",
    "again(x); x: Conv2d(8, 1)": "`again(x)`: no earlier item has this name",
    "stem: ReLU; again(sten)": "`again(sten)`: no earlier item has this name; did you mean stem?",
    "again(input)": "`again(input)`: `input` has no layers to use again",
    "x: Conv2d(4, 1); again(x)": "x_1: Conv2d(4, 1) on 4×16×16 cannot use the weights of x: "
    "`weight` would be 4×4×1×1, and is 4×8×1×1 there",
    "f: Flatten >> Linear(4); ref(input) >> MaxPool2d(2) >> again(f)": "f_1.Linear: Linear(4) on 512 cannot use "
    "the weights of f.Linear: `weight` would be 4×512, and is 4×2048 there",
    "aux: {s: ReLU}; again(s)": "`again(s)` is in a side head, which only training has",
    "add(a=ReLU, b=Tanh); again(add)": "`again(add)`: no layer of `add` takes what enters it",
    "s: ReLU; again(s, s)": "`again` takes one name: `again(enc1)`",
    "s: ReLU; again(ReLU(1))": "`again` takes a name, `again(enc1)`, or a path in quotes, `again('stage1.0')`",
    "s: ReLU; again": "`again` must be called: `again(…)`",
}


@pytest.mark.parametrize("layers, message", ERRORS.items(), ids=str)
def test_errors(layers: str, message: str) -> None:
    """Each mistake is one error with its reason."""
    with pytest.raises(CnncostError) as error:
        load_text(f"{HEAD}layers:\n" + "".join(f"  - {item}\n" for item in layers.split("; ")))
    assert message in str(error.value)


def test_towers_that_explode() -> None:
    """Doubling forty times, long names and endless copies stop at the limits of any spec."""
    doubled = "".join(f"  - a{i + 1}: again(a{i}) >> again(a{i})\n" for i in range(40))
    nested = "".join(f"  - {'n' * 20}{i + 1}: ReLU >> again({'n' * 20}{i})\n" for i in range(40))
    for text, message in {
        f"  - a0: Conv2d(8, 1)\n{doubled}": "the network has more than 20000 layers",
        f"  - {'n' * 20}0: Conv2d(8, 1)\n{nested}": "a name of more than 250 characters",
    }.items():
        with pytest.raises(CnncostError, match=message):
            load_text(f"{HEAD}layers:\n{text}")


def test_side_heads_use_weights_of_the_main_path() -> None:
    """A side head has no parameters of its own if it only uses layers again."""
    graph = load_text(HEAD + "layers: [s: 'Conv2d(8, 1)', aux: {t: again(s)}]\n")
    assert shares(graph) == {"t": "s"}
    assert cnncost.profile(graph, train=True).totals.params == 72


def test_tables_json_and_explanations_say_whose_weights() -> None:
    """A column names the item; JSON the node; a worked solution says it in words."""
    profile = cnncost.profile(load_text(SHARED))
    table = table_of(profile, depth=1)
    column = next(column for column in table.columns if column.key == "shares")
    assert list(column.values)[:5] == [None, None, "h1", "h1", "h1"]
    assert "Weights that are used again are counted once, where they are first used." in table.notes
    layers = {layer["name"]: layer["shares"] for layer in profile.to_dict()["layers"]}
    assert (layers["h2.join.body.Conv2d"], layers["h1.join.body.Conv2d"]) == ("h1.join.body.Conv2d", None)
    told = cnncost.explain(load_text(SHARED), "h2.join.body.Conv2d")[0].remarks
    assert "no parameters of its own: it uses the weights of h1.join.body.Conv2d" in told


def test_diff_and_diagnose_know_sharing() -> None:
    """A layer that now uses the weights of another is a difference; counting them again is a mistake with a name."""
    shared = load_text(HEAD + "layers:\n  - a: Conv2d(8, 1)\n  - b: again(a)\n")
    own = load_text(HEAD + "layers:\n  - a: Conv2d(8, 1)\n  - b: Conv2d(8, 1)\n")
    (change,) = cnncost.diff(own, shared).changes
    assert (change.names, change.costs.params) == (("b",), -72)
    assert [(one.what, one.changes) for one in change.details] == [("weights of", (("its own", "a"),))]
    causes = cnncost.diagnose(shared, "b.params=72").causes
    assert causes[0].sentence == "72 counts the shared weights again"


def test_graph_builder() -> None:
    """In Python a layer is used again by its name."""
    net = cnncost.GraphBuilder("net", input={"left": (3, 8, 8), "right": (3, 8, 8)})
    left = net.add("left_conv", "Conv2d(4, 3)", "left")
    right = net.again("right_conv", left, "right")
    net.add("both", "Concat", left, right)
    graph = net.graph(["left_conv", "both"])
    assert shares(graph) == {"right_conv": "left_conv"}
    assert (graph.outputs, graph.output) == (("left_conv", "both"), "both")
    assert graph.replace(name="copy").check().inputs == graph.inputs
    assert cnncost.profile(graph).totals.params == 112
    with pytest.raises(CnncostError, match="x: no layer `left_con` to use again; did you mean left_conv"):
        net.again("x", "left_con")
    with pytest.raises(CnncostError, match="cannot use the weights of left_conv"):
        net.again("x", "left_conv", "both")


@pytest.mark.parametrize(
    "shared, message", [("c", "no earlier layer `c` has weights"), ("a", "Conv2d(3, 1) cannot use")]
)
def test_graphs_with_wrong_sharing(shared: str, message: str) -> None:
    """A graph made by hand is checked."""
    layer, other = (cnncost.layer_graph(f"Conv2d({n}, 1)", (3, 4, 4)).nodes[0].layer for n in (3, 2))
    shape = (3, 4, 4)
    a = Node("a", other, ("input",), (shape,), (2, 4, 4))
    b = Node("b", layer, ("input",), (shape,), shape, shares=shared)
    with pytest.raises(CnncostError) as error:
        Graph("net", shape, (a, b), output="b").check()
    assert message in str(error.value)
