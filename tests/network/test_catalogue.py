from __future__ import annotations

from pathlib import Path

import pytest

import cnncost
from cnncost.comparison.listing import networks
from cnncost.network.catalogue import aliases, index, names_in, read, spec_files
from cnncost.spec.reader import parse_spec
from tests.design import RESNET

FAMILY = """\
name: tiny
input: [3, 16, 16]
params: {width: 8}
variants:
  # a comment between variants
  tiny-wide: {width: 16}

  tiny-narrow:
    width: 4
layers:
  - Conv2d(width, 3)
"""


def test_the_quick_look_for_names_agrees_with_the_parser() -> None:
    """Names found without parsing are the variants that the parser finds, for every spec."""
    for text in [FAMILY, *(path.read_text(encoding="utf-8") for path in spec_files())]:
        spec = parse_spec(text, "spec")
        assert names_in(text) == (list(spec.variants) or [spec.name])


def test_the_catalogue_has_the_first_families() -> None:
    """The networks whose tables the lectures print, under their names."""
    names = {name for name, _ in index()}
    assert names >= {"lenet5", "alexnet", "alexnet-2012", "alexnet-torchvision", "zfnet", "googlenet"}
    assert names >= {f"vgg{depth}{norm}" for depth in (11, 13, 16, 19) for norm in ("", "-bn")}
    assert names >= {"googlenet-torchvision"}


def test_every_entry_has_its_paper_and_year() -> None:
    """No family of the catalogue is without reference; only what comes from no paper has none."""
    without = set()
    for path in spec_files():
        spec = parse_spec(path.read_text(encoding="utf-8"), path.name)
        assert spec.title
        assert spec.name == path.stem
        assert set(spec.paper) in ({"authors", "venue", "year"}, set())
        if not spec.paper:
            without.add(spec.name)
        assert isinstance(spec.year, int) is bool(spec.paper)
    assert without == {"cifar_cnn", "mlp"}


def test_entries_are_in_the_order_of_their_years() -> None:
    """By year, then by family, each family as its spec has it; what has no year comes last."""
    found = networks(["mlp", "vgg", "alexnet", "googlenet"])
    assert [entry["family"] for entry in found[::4]][:3] == ["alexnet", "googlenet", "vgg"]
    assert found[-1]["family"] == "mlp"
    assert found[0]["aliases"] == []
    assert [e["name"] for e in networks(years=[1998])] == ["lenet5"]


def test_a_path_may_name_a_variant(tmp_path: Path) -> None:
    """`file.yaml` is the unchanged spec, `file.yaml::variant` one of its variants."""
    path = tmp_path / "tiny.yaml"
    path.write_text(FAMILY)
    widths = {
        name: cnncost.profile(name).graph.nodes[0].out_shape[0]
        for name in (str(path), f"{path}::tiny-wide", f"{path}::tiny-narrow")
    }
    assert list(widths.values()) == [8, 16, 4]
    with pytest.raises(cnncost.SpecError, match="tiny has no variant `tiny-wid`; did you mean tiny-wide"):
        cnncost.profile(f"{path}::tiny-wid")


def test_params_and_input_can_be_given_from_python() -> None:
    """`profile` takes values for params and an input shape."""
    profile = cnncost.profile("vgg16", params={"convs": (1, 1, 1, 1, 1), "classes": 10}, input=(3, 64, 64))
    assert profile.graph.input_shape == (3, 64, 64)
    assert sum(cost.type == "Conv2d" for cost in profile.costs) == 5
    assert profile["fc8"].params == 40970


def test_an_input_that_is_no_shape_is_refused() -> None:
    """Zero sizes and texts are no input."""
    for shape in ((3, 0, 5), (), (3, 2, 2, 2, 2), ("3", 4, 4)):
        with pytest.raises(cnncost.CnncostError, match="an input is a shape of positive whole numbers"):
            cnncost.profile("alexnet", input=shape)


def test_stages_add_up() -> None:
    """The stages of a profile add up to its totals."""
    profile = cnncost.profile("googlenet")
    assert list(profile.stages)[5:8] == ["inception3a", "inception3b", "pool3"]
    assert sum(totals.params for totals in profile.stages.values()) == profile.totals.params
    assert profile.stages["inception3a"].params == 163696


def test_a_file_without_ending_is_not_taken_for_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is a file here, but no path, is answered with how to write it."""
    monkeypatch.chdir(tmp_path)
    Path("mynet").write_text(FAMILY)
    with pytest.raises(cnncost.NameUnknown, match=r"write \./mynet"):
        read("mynet")
    assert read("./mynet")[0].name == "tiny"


def test_a_path_object_is_a_path(tmp_path: Path) -> None:
    """`profile` takes a pathlib.Path, and refuses what names no network."""
    path = tmp_path / "tiny.yaml"
    path.write_text(FAMILY)
    assert cnncost.profile(path).name == "tiny"
    with pytest.raises(cnncost.CnncostError, match="a network is a name, a path, a Spec or a Graph, not 3"):
        cnncost.profile(3)  # type: ignore[arg-type]
    with pytest.raises(cnncost.CnncostError, match="params are values by name, not 3"):
        cnncost.profile("alexnet", params=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["torchvision", "torchvision/"])
def test_the_source_of_aliases_is_no_network(name: str) -> None:
    """The first part of an alias alone is answered with a whole one."""
    with pytest.raises(cnncost.NameUnknown) as caught:
        read(name)
    example = next(alias for alias in aliases() if alias.startswith("torchvision/"))
    assert str(caught.value) == f"no network `{name}`: it is the source of others, such as {example}"


def test_a_very_long_name_is_unknown() -> None:
    """A name that no file could have is answered as any other."""
    with pytest.raises(cnncost.NameUnknown, match=r"no network `a{59}…`; `cnncost list` shows"):
        read("a" * 300)


def test_an_input_of_sympy_numbers() -> None:
    """Whole numbers of sympy are as good as ours, within the same limits; fractions are no sizes."""
    import sympy

    assert cnncost.load("alexnet", input=(3, sympy.Integer(227), 227)).input_shape == (3, 227, 227)
    for size in (sympy.Integer(2) ** 400, sympy.Rational(1, 2)):
        with pytest.raises(cnncost.CnncostError, match="an input is a shape of positive whole numbers"):
            cnncost.load("alexnet", input=(3, size, 227))


def test_the_notation_carries_a_resnet() -> None:
    """The design's own example: torchvision's resnet50, to the last parameter, under its names."""
    p = cnncost.profile(cnncost.load_text(RESNET), convention="macs")
    assert (p.totals.params, p.totals.macs) == (25557032, 4089184256)
    assert p.graph.nodes[0].name == "conv1.conv_bn.Conv2d"
    assert "conv3_x.0.body.conv_bn.Conv2d" in p.graph.by_name
    assert [axis.size for axis in p["maxpool"].receptive_field or ()] == [11, 11]


@pytest.mark.parametrize("name", ["resnet50.tflite", "weights.pth", "model.h5"])
def test_files_of_other_forms_are_not_read(name: str) -> None:
    """What can be read instead is said."""
    with pytest.raises(cnncost.NameUnknown, match=f"`{name}` cannot be read: cnncost reads specs "):
        cnncost.load(name)
