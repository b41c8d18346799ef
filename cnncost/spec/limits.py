"""Limits that hold for any spec, so that a hostile one ends in an error and not in a hang."""

FILE_BYTES = 1_000_000
LINE_CHARACTERS = 2_000
YAML_DEPTH = 50  # nested brackets and lists of the YAML itself
EXPRESSION_CHARACTERS = 2_000
EXPRESSION_DEPTH = 60  # nested parentheses, operators and calls
INTEGER = 10**12  # a size, a count or a parameter; products of sizes may be larger
LIST_ITEMS = 10_000
REPEATS = 20_000
NODES = 20_000
BLOCK_DEPTH = 40  # blocks within blocks
STEPS = 200_000  # items expanded and expressions evaluated, layers or not
