"""Limits that hold for any spec, so that a hostile one ends in an error and not in a hang."""

MOST_ERRORS = 10  # shown at once
FILE_BYTES = 1_000_000
LINE_CHARACTERS = 2_000
YAML_DEPTH = 50  # nested brackets and lists of the YAML itself
YAML_NODES = 40_000  # keys, values and lists of the YAML itself
DEFINITIONS = 500  # blocks, and params
EXPRESSION_CHARACTERS = 2_000
EXPRESSION_DEPTH = 60  # nested parentheses, operators and calls
EXPRESSION_PARTS = 150_000  # names, numbers, calls and operators of all expressions together
INPUT = 10**9  # a size of an input that is given from outside
INTEGER = 10**12  # a size, a count or a parameter; products of sizes may be larger
VALUES = 2**63 - 1  # of one map, as in torch
WORK = 10**30  # a result of a type's formula: a number of operations
LIST_ITEMS = 1_000
LIST_DEPTH = 10
REPEATS = 20_000
NODES = 20_000
NAME_CHARACTERS = 250  # of a layer's whole path
BLOCK_DEPTH = 40  # blocks within blocks
STEPS = 800_000  # items expanded, and parts of expressions evaluated, layers or not
