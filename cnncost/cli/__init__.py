"""The command line: one file a command, each a few lines over the API.

Commands are imported only when they run, so that `cnncost table` does not pay for the others.
"""

from __future__ import annotations

import importlib
import sys
from contextvars import copy_context
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cnncost.errors import CnncostError

PANELS = {
    "Networks": ("table", "list", "show", "new"),
    "Memory, training and time": ("memory", "training", "latency"),
    "Formulas": ("explain", "layer", "layers", "formula"),
    "Comparisons and charts": ("compare", "diff", "chart", "gallery"),
    "Printed numbers": ("audit", "diagnose", "reconcile"),
    "Homework": ("worksheet", "check", "grade", "autograder", "quiz"),
    "PyTorch": ("import", "export", "verify", "time"),
}
"""The commands as `--help` shows them; each is a module of this package."""

COMMANDS = tuple(name for names in PANELS.values() for name in names)

INTERNAL_ERROR = 70

Names = list[str]  # named here, because `list` is the command's module once that is imported


class LazyGroup(TyperGroup):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"cnncost.cli.{cmd_name}")
        command = typer.Typer(add_completion=False)
        panel = next(title for title, names in PANELS.items() if cmd_name in names)
        command.command(
            cmd_name,
            help=paragraphs(module.command),
            epilog=epilog(module),
            no_args_is_help=module.NEEDS_ARGUMENTS,
            rich_help_panel=panel,
        )(module.command)
        made = typer.main.get_command(command)
        made.params += [option for option in ctx.command.params if option.name in EVERYWHERE]
        return made

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise CnncostError(unknown_command(args[0]))
        return super().resolve_command(ctx, args)


def unknown_command(name: str) -> str:
    """The message for a word that is no command; one for a network suggests its table."""
    from cnncost.errors import did_you_mean
    from cnncost.network.catalogue import find
    from cnncost.spec.expression import shorten

    shown = shorten(name)
    if find(name) or name.partition("::")[0].endswith((".yaml", ".yml")):
        return f"no command `{shown}`; did you mean `cnncost table {shown}`?"
    if name in ELSEWHERE:
        return f"no command `{shown}`; did you mean {ELSEWHERE[name]}?"
    hint = did_you_mean(name, COMMANDS) or f"; there are {', '.join(COMMANDS)}"
    return f"no command `{shown}`{hint}"


ELSEWHERE = {
    **dict.fromkeys(("summary", "flops", "params", "macs", "profile", "info", "count", "stats"), "table"),
    **dict.fromkeys(("plot", "draw", "graph", "visualize"), "chart"),
    **dict.fromkeys(("benchmark", "speed"), "time"),
    "models": "list",
}
"""Commands by what other programs call them."""


def paragraphs(command: Any) -> str:
    """A command's docstring with one line per paragraph, which is then wrapped to the terminal."""
    return "\n\n".join(" ".join(part.split()) for part in command.__doc__.split("\n\n"))


def epilog(module: Any) -> str:
    """The text below a command's options: its formats, and an example."""
    return f"Formats: {', '.join(module.FORMATS)}.\n\n{module.EXAMPLE}"


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: cnncost table alexnet",
)


EVERYWHERE = ("version", "debug", "quiet", "plugin")
"""The options that every command takes, and the program itself before the command."""


def show_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from cnncost import __version__

        print(f"cnncost {__version__}")
        raise typer.Exit


def load_plugins(names: Names) -> None:
    """Load the code that the caller names, before anything else is read."""
    for name in names or ():
        from cnncost.plugins import load_plugin

        load_plugin(name)


def be_quiet(wanted: bool) -> None:
    """Leave notes out for the rest of this command."""
    if wanted:
        from cnncost.cli import options

        options.QUIET.set(True)


def option(*names: str, **more: Any) -> Any:
    """An option that acts by its callback and is no argument of any function."""
    return typer.Option(*names, expose_value=False, **more)


PLUGIN_HELP = "Load layers and conventions of your own: a file, or an installed package; can be repeated."


@app.callback()
def root(
    version: Annotated[
        bool, option("--version", "-V", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
    quiet: Annotated[
        bool, option("--quiet", "-q", callback=be_quiet, help="Print results and errors only, no notes.")
    ] = False,
    plugin: Annotated[
        Names | None,
        option("--plugin", metavar="FILE.py|NAME", callback=load_plugins, is_eager=True, help=PLUGIN_HELP),
    ] = None,
    debug: Annotated[bool, option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """What a convolutional network costs: shapes, receptive fields, parameters, memory and FLOPs."""


def main() -> None:
    """Run the command line; an error is one message and exit code 2, never a traceback."""
    debug = "--debug" in sys.argv
    try:
        copy_context().run(app)  # what -q sets ends with the command
    except (CnncostError, OSError) as error:  # a full disk is no fault of the program
        if debug:
            raise
        print(f"cnncost: {error}", file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if debug:
            raise
        print(f"cnncost: internal error: {error!r}; --debug shows where. Please report it.", file=sys.stderr)
        sys.exit(INTERNAL_ERROR)
