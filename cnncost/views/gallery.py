"""The gallery: which tables and charts stand in reports/, and the command that makes each.

A page is text with the output of commands in it; a chart is a file of its own, drawn by the command
that stands below it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cnncost.count.profile import profile_graph
from cnncost.errors import CnncostError, did_you_mean
from cnncost.network.catalogue import chosen_specs, load, networks_of
from cnncost.spec.facts import slug
from cnncost.spec.structure import Spec
from cnncost.timing.reports import reported_devices

MARK = "<!-- made by cnncost gallery -->"
"""The first line of every page, by which a page of the gallery is known."""


@dataclass(frozen=True)
class Piece:
    """Something that a command makes: a file of its own if it has a path, else text in its page.

    `path` is relative to the gallery's folder; `arguments` are those of `cnncost`, less ``-o PATH``.
    """

    title: str
    arguments: tuple[str, ...]
    path: str = ""

    @property
    def command(self) -> str:
        """The command as a reader types it in the gallery's folder."""
        words = ("cnncost", *self.arguments, *(("-o", self.path) if self.path else ()))
        return shlex.join(words)


@dataclass(frozen=True)
class Page:
    """A page of the gallery: a heading, a sentence or two, and its pieces."""

    path: str
    title: str
    text: str
    pieces: tuple[Piece, ...]

    @property
    def name(self) -> str:
        """The name by which it is asked for: ``resnet``, ``charts``."""
        return self.path.rpartition("/")[2].removesuffix(".md")

    @property
    def files(self) -> tuple[str, ...]:
        """Its own file, and those of its charts."""
        return (self.path, *(piece.path for piece in self.pieces if piece.path))


def pages(names: Iterable[str] = ()) -> list[Page]:
    """The pages of these names, a family or one of the general ones; without any, all pages.

    Raises:
        CnncostError: an unknown page.
    """
    every = {page.name: page for page in (*overview(), *map(family_page, chosen_specs()))}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in every:
            general = ", ".join(page.name for page in overview())
            hint = did_you_mean(name, every) or f"; there are {general} and the families of `cnncost list`"
            raise CnncostError(f"no page `{name}`{hint}")
    return [every[name] for name in wanted or every]


def overview() -> list[Page]:
    """The pages that are of no single family."""
    return [
        Page(
            "catalogue.md",
            "Every network of the catalogue",
            "Counted from the specs; errors as their sources print them.",
            (Piece("The networks", ("list", "--format", "markdown")),),
        ),
        Page(
            "audit.md",
            "The printed figures, held against the computed ones",
            "What lectures and papers print, and what comes out here.",
            (Piece("The figures", ("audit", "--format", "markdown")),),
        ),
        Page(
            "charts.md",
            "Charts across networks",
            "Each with the command that draws it.",
            (*ACROSS, *under_rooflines()),
        ),
        Page("comparisons.md", "Comparisons", "What an engineer pastes.", COMPARED),
    ]


def drawn(title: str, kind: str, *rest: str, name: str) -> Piece:
    """A chart of the page across networks."""
    return Piece(title, ("chart", kind, *rest), f"charts/{name}.svg")


ACROSS = (
    drawn("AlexNet, layer by layer", "layers", "alexnet", name="layers-alexnet"),
    drawn("AlexNet beside VGG-16", "versus", "alexnet", "vgg16", name="versus-alexnet-vgg16"),
    drawn("Bigger is not better", "bubble", name="bubble"),
    drawn("The revolution of depth", "depth", name="depth"),
    drawn(
        "Totals",
        "bars",
        *("alexnet", "vgg16", "googlenet", "resnet18", "resnet50", "resnet152", "densenet264"),
        *("mobilenet_v2", "efficientnet_b0"),
        name="bars",
    ),
    drawn("Receptive fields", "receptive", "alexnet", "vgg16", "resnet18", name="receptive-three"),
    drawn("VGG-16's field on the image", "receptive", "vgg16", name="receptive-vgg16"),
    drawn(
        "Cost against the input's size",
        "scaling",
        *("alexnet", "vgg16", "resnet50", "mobilenet_v2", "--over", "input=128:512:32"),
        name="scaling-input",
    ),
    drawn("GoogLeNet", "diagram", "googlenet", name="diagram-googlenet"),
    drawn(
        "An inception module, opened",
        *("diagram", "googlenet", "--layer", "inception3a"),
        name="diagram-inception3a",
    ),
    drawn("ResNet-152, folded", "diagram", "resnet152", name="diagram-resnet152"),
    drawn("ResNet-18 on dark ground", "diagram", "resnet18", "--theme", "dark", name="diagram-resnet18-dark"),
)

TIMED = "resnet50"
"""The network under whose times each measured device is shown."""


def under_rooflines() -> list[Piece]:
    """A roofline of each device of which the network was measured."""
    profile = profile_graph(load(TIMED))
    return [
        drawn(
            f"ResNet-50 under the roofline of {device.label}",
            *("roofline", TIMED, "--device", device.label),
            name=f"roofline-{slug(device.label)}",
        )
        for device in reported_devices()
        if device.result(profile)
    ]


COMPARED = (
    Piece(
        "The lecture's four",
        ("compare", "alexnet", "vgg16", "googlenet", "resnet50", "--format", "markdown"),
    ),
    Piece("ResNet-50 against ResNeXt-50", ("diff", "resnet50", "resnext50_32x4d", "--format", "markdown")),
)

MOST_BARS = 40
"""A family with more networks has no chart of their totals."""


def family_page(spec: Spec) -> Page:
    """The page of a family: its networks, and the table and charts of the first one."""
    names = list(networks_of(spec))
    first = names[0]
    paper = [str(spec.paper[key]) for key in ("authors", "venue", "year") if key in spec.paper]
    text = f"{', '.join(paper)}." if paper else ""
    pieces = [
        Piece("Networks", ("list", "--family", spec.name, "--format", "markdown")),
        Piece(f"{first}, layer by layer", ("table", first, "--format", "markdown")),
        of_family(spec, f"The costs of {first}", "layers", first),
        of_family(spec, f"{first} as a drawing", "diagram", first),
    ]
    if 1 < len(names) <= MOST_BARS:
        pieces.append(of_family(spec, "Totals", "bars", *names))
    return Page(f"families/{spec.name}.md", spec.title or spec.name, text, tuple(pieces))


def of_family(spec: Spec, title: str, kind: str, *names: str) -> Piece:
    """A chart of a family's page."""
    return Piece(title, ("chart", kind, *names), f"charts/{spec.name}-{kind}.svg")


def page_text(page: Page, said: Mapping[Piece, str]) -> str:
    """A page as markdown.

    Args:
        page: the page.
        said: what each piece's command prints: the text itself, or what it says beside its chart.
    """
    parts = [MARK, f"# {page.title}"]
    if page.text:
        parts.append(page.text)
    for piece in page.pieces:
        parts.append(f"## {piece.title}" if len(page.pieces) > 1 else "")
        parts.append(f"`{piece.command}`")
        if piece.path:
            up = "../" * page.path.count("/")
            parts.append(f"![{piece.title}]({up}{piece.path})")
        parts.append(said[piece].strip("\n"))
    return "\n\n".join(part for part in parts if part) + "\n"


def index_text(every: Iterable[Page]) -> str:
    """The index page: what there is, and the command that makes all of it."""
    every = list(every)
    general = [page for page in every if "/" not in page.path]
    families = [page for page in every if "/" in page.path]
    return "\n".join(
        [
            MARK,
            "",
            "# Reports",
            "",
            "Tables and charts of the catalogue. `cnncost gallery` makes all of them anew; with each stands",
            "the command that makes it alone. What was timed on real devices is in [measured/](measured/).",
            "",
            *(f"- [{page.title}]({page.path})" for page in general),
            "",
            "## Families",
            "",
            *(f"- [{page.title}]({page.path})" for page in families),
            "",
        ]
    )
