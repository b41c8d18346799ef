"""`cnncost show`: a network's spec, with its paper and what is printed of it."""

from __future__ import annotations

import sys

from cnncost.cli import options
from cnncost.network.catalogue import read_network
from cnncost.tables import formats

EXAMPLE = "Example: cnncost show vgg16 > my_net.yaml"
NEEDS_ARGUMENTS = True
FORMATS = ("yaml", *formats.NAMES)


def command(name: options.Network, format: options.Format = None, output: options.Output = None) -> None:
    """Print a spec as it is written; paper, variant and published figures go to standard error.

    NAME may be a family too. In other formats than YAML, what is known of the network is the output.
    """
    chosen = options.choose_format(format, output, FORMATS)
    from cnncost.published import audit, facts_of
    from cnncost.tables import terminal
    from cnncost.tables.formats import terminal as styled
    from cnncost.views.spec import about

    spec, variant, catalogued = read_network(name)
    shown = about(spec, variant, audit(facts_of(spec, variant, catalogued=catalogued)).figures)
    if chosen != "yaml":
        options.show(shown, chosen, output)
        return
    text = spec.text if spec.text.endswith("\n") else spec.text + "\n"
    if output is None and sys.stdout.isatty():
        terminal.show_code(text, "yaml")
    else:
        options.write(text, output)
    options.note_lines([[], *styled.lines(shown, terminal.terminal_width(sys.stderr))])
