"""Products of tensors: matrix products and attention, which is written out as its products."""

from __future__ import annotations

import math

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation, Value
from cnncost.convert.table.entry import Entry, Steps, layer


def matmul(operation: Operation) -> list[Made] | None:
    """The product of two tensors of two axes or more."""
    left, right = operation.inputs[:2]
    if min(len(left.full), len(right.full)) < 2:
        return None
    return [Made(layer("Matmul"), (left, right))]


def attention(operation: Operation) -> list[Made] | None:
    """Q·Kᵀ, scaled, softmax, times V: with a mask, that is added to the scores."""
    query, key, value = (operation[name] for name in ("query", "key", "value"))
    mask, given = operation.arguments.get("attn_mask"), operation.arguments.get("scale")
    if operation.arguments.get("enable_gqa"):
        return None
    rank = len(query.shape)
    scale = given if isinstance(given, float) else 1 / math.sqrt(query.full[-1])
    steps = Steps()
    turned = (0, *range(1, rank - 1), rank, rank - 1)
    scores = (*query.full[:-1], key.full[-2])
    keys = steps.add(layer("Permute", turned), key, full=(*key.full[:-2], key.full[-1], key.full[-2]))
    product = steps.add(layer("Matmul"), query, keys, full=scores)
    scaled = steps.add(layer("Scale", scale), product, full=scores)
    if mask is not None:
        scaled = steps.add(layer("Add"), scaled, mask, full=scores)
    weights = steps.add(layer("Softmax", -1), scaled, full=scores)
    steps.add(layer("Matmul"), weights, value, full=operation.out.full)
    return steps.made


def matrix_plus(operation: Operation) -> list[Made] | None:
    """A product and a tensor: `addmm`, `baddbmm`."""
    names = [name for name in ("self", "mat1", "mat2", "batch1", "batch2") if name in operation.arguments]
    start, left, right = (operation[name] for name in names)
    if operation.arguments.get("beta", 1) != 1 or operation.arguments.get("alpha", 1) != 1:
        return None
    steps = Steps()
    product = steps.add(layer("Matmul"), left, right, full=operation.out.full)
    steps.add(layer("Add"), start, product, full=operation.out.full)
    return steps.made


def einsum(operation: Operation) -> list[Made] | None:
    """A matrix product in other words: axes are turned and joined, multiplied, and turned back."""
    equation, tensors = operation["equation"].replace(" ", ""), tuple(operation["tensors"])
    if len(tensors) != 2 or "->" not in equation or "." in equation:
        return None
    terms, out = equation.split("->")
    one, other = terms.split(",")
    left, right = tensors
    sizes = dict(zip(one + other, (*left.full, *right.full), strict=True))
    both = [a for a in one if a in other and a in out]
    summed = [a for a in one if a in other and a not in out]
    rows, columns = [a for a in one if a not in other], [a for a in other if a not in one]
    if len(set(one)) < len(one) or len(set(other)) < len(other) or not set(rows + columns) <= set(out):
        return None
    if not summed:
        return None
    steps = Steps()
    a = arranged(steps, left, one, [both, rows, summed], sizes)
    b = arranged(steps, right, other, [both, summed, columns], sizes)
    shape = shape_of([both, rows, columns], sizes)
    product = steps.add(layer("Matmul"), a, b, full=shape)
    apart = tuple(sizes[a] for a in both + rows + columns)
    spread = steps.reshape(product, apart)
    letters = both + rows + columns
    steps.permute(spread, [letters.index(a) for a in out])
    return steps.made


def shape_of(groups: list[list[str]], sizes: dict[str, int]) -> tuple[int, ...]:
    """Every axis of the first group by itself, each of the others joined to one."""
    first, *others = groups
    return (*(sizes[a] for a in first), *(math.prod(sizes[a] for a in group) for group in others))


def arranged(steps: Steps, value: Value, term: str, groups: list[list[str]], sizes: dict[str, int]) -> Value:
    """A tensor with its axes in the order of these groups."""
    order = [term.index(a) for group in groups for a in group]
    return steps.reshape(steps.permute(value, order), shape_of(groups, sizes))


TABLE: dict[str, Entry] = {
    "matmul": matmul,
    "mm": matmul,
    "bmm": matmul,
    "addmm": matrix_plus,
    "baddbmm": matrix_plus,
    "scaled_dot_product_attention": attention,
    "einsum": einsum,
}
