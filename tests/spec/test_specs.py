"""The catalogue's specs, as files to read: their form, and that nothing in them is idle or said twice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cnncost
from cnncost import Graph
from cnncost.network.catalogue import aliases, catalogue_spec, read, spec_files
from cnncost.network.derive import derive
from cnncost.spec.lint import expressions, faults
from cnncost.spec.structure import Spec
from tests.command_line import cnncost as run
from tests.walk import FAMILIES, NAMES

FILES = spec_files()
WIDTH = 110

every_spec = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@every_spec
def test_a_file_reads_well(path: Path) -> None:
    """Lines fit, nothing trails, and a file is called as its family."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert [line for line in lines if len(line) > WIDTH or line != line.rstrip() or "\t" in line] == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert catalogue_spec(path).name == path.stem


@every_spec
def test_a_spec_says_where_its_numbers_come_from(path: Path) -> None:
    """Its input, and figures that are printed of its networks; only what comes from no paper may have none.

    Whether a paper is given, and which specs have none, is tested in test_catalogue.
    """
    spec = catalogue_spec(path)
    assert spec.inputs
    assert spec.facts or not spec.paper


@every_spec
def test_a_spec_has_nothing_idle_or_wrong(path: Path) -> None:
    """Every param, block and network is used, and no branch that a variant leaves out has an unknown name."""
    spec = catalogue_spec(path)
    used = set(names_used(spec))
    assert [name for name in (*spec.params, *spec.blocks, *spec.use) if name not in used] == []
    assert list(faults(spec)) == []


def names_used(spec: Spec) -> Iterator[str]:
    """Every name that an expression of a spec speaks of; a block's own arguments hide others."""
    for expression, local in expressions(spec):
        for node in ast.walk(expression.tree):
            if isinstance(node, ast.Name) and node.id not in local:
                yield node.id


@every_spec
def test_variants_differ(path: Path) -> None:
    """No two variants are equal, so at most one is the unchanged spec."""
    changes = [
        {name: spelled(value) for name, value in variant.items()}
        for variant in catalogue_spec(path).variants.values()
    ]
    assert all(changes.count(change) == 1 for change in changes)


def spelled(value: object) -> str:
    """A param's value as written."""
    if isinstance(value, list):
        return str([spelled(part) for part in value])
    return getattr(value, "text", str(value))


def test_every_network_has_a_name_of_its_own() -> None:
    """No two files have a network of the same name, and no alias names two."""
    assert sorted(set(NAMES)) == sorted(NAMES)
    pairs = [alias for path in FILES for alias in catalogue_spec(path).aliases]
    assert sorted(pairs) == sorted(aliases())


def test_no_network_is_there_twice() -> None:
    """Networks that are node for node the same need one entry, and an alias."""
    found: dict[object, list[str]] = {}
    for name in NAMES:
        found.setdefault(structure(cnncost.load(name)), []).append(name)
    assert [names for names in found.values() if len(names) > 1] == []


def structure(graph: Graph) -> object:
    """What a network computes, whatever its parts are called."""
    place = {name: -i for i, name in enumerate(graph.inputs, 1)}
    place |= {node.name: i for i, node in enumerate(graph.nodes)}
    return tuple(graph.inputs.values()), tuple(
        (node.layer, tuple(place[name] for name in node.inputs), node.aux, place.get(node.shares))
        for node in graph.nodes
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_a_network_of_ones_own_starts_as_the_one_it_is_made_from(family: str) -> None:
    """What `cnncost new NAME --from X` writes builds to the same nodes as X, for every network."""
    for name in FAMILIES[family]:
        spec, variant = read(name)
        graph = cnncost.load_text(derive(spec, variant, "my_net"))
        assert graph.name == "my_net"
        assert graph.nodes == cnncost.load(name).nodes


@pytest.mark.parametrize("family", FAMILIES)
def test_every_table_fits(family: str) -> None:
    """On 80 columns, and on two pages: a deep network is folded. The title alone may be longer."""
    for name in FAMILIES[family]:
        result = run("table", name)
        title, *lines = result.out.splitlines()
        assert result.code == 0
        assert title.startswith(name)
        assert max(map(len, lines)) <= 80, name
        assert len(lines) <= 120, name


# The helpers can fail


def test_what_is_idle_is_found() -> None:
    """A param that only hides behind a block's argument is not used."""
    from cnncost.spec.reader import parse_spec

    text = "params: {width: 8, idle: 3}\nblocks:\n  b(idle): Conv2d(width, idle)\nlayers: b(3)\n"
    spec = parse_spec(text, "spec")
    assert {"width", "b"} <= set(names_used(spec))
    assert "idle" not in set(names_used(spec))


def test_twins_are_found() -> None:
    """Names do not tell networks apart; another size, input or edge does."""
    text = "input: [3, 8, 8]\nlayers:\n  - {}: Conv2d({}, 3)\n  - add: {{a: Identity, b: ReLU}}\n"
    first, second, other = (
        structure(cnncost.load_text(text.format(*words))) for words in (("a", 4), ("b", 4), ("a", 5))
    )
    assert first == second
    assert first != other
