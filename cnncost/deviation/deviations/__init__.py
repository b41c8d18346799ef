"""All deviations: each file declares those of a kind."""

from cnncost.deviation.declaring import CATALOGUE, Deviation
from cnncost.deviation.deviations import (  # noqa: F401  (importing a file declares its deviations)
    arguments,
    conventions,
    families,
    fields,
    formulas,
    merging,
    outputs,
    parameters,
    printing,
    structure,
)


def of_kind(kind: str) -> list[Deviation]:
    """The deviations of a kind, in the order of declaration."""
    return [deviation for deviation in CATALOGUE if deviation.kind == kind]
