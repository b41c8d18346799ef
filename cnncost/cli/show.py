"""`cnncost show`: a network's spec, with its paper and what is printed of it."""

from __future__ import annotations

import json
import sys

from cnncost.cli import options
from cnncost.network.catalogue import read_network

EXAMPLE = "Example: cnncost show vgg16 > my_net.yaml"
NEEDS_ARGUMENTS = True
FORMATS = ("yaml", "json")


def command(name: options.Network, format: options.Format = None, output: options.Output = None) -> None:
    """Print a spec as it is written; paper, variant and published figures go to standard error.

    NAME may be a family too.
    """
    chosen = options.choose_format(format, output, FORMATS)
    from cnncost.published import audit, facts_of
    from cnncost.tables import terminal
    from cnncost.views import spec as view

    spec, variant, catalogued = read_network(name)
    figures = audit(facts_of(spec, variant, catalogued=catalogued)).figures
    if chosen == "json":
        text = json.dumps(view.to_dict(spec, variant, figures), indent=2, ensure_ascii=False)
        options.write(text + "\n", output)
        return
    text = spec.text if spec.text.endswith("\n") else spec.text + "\n"
    if output is None and sys.stdout.isatty():
        terminal.show_code(text, "yaml")
    else:
        options.write(text, output)
    width = terminal.terminal_width(sys.stderr)
    options.note_lines([[], *view.about(spec, variant, figures, width)])
