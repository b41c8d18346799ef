"""Which pages the gallery has: an index, pages on the whole catalogue, and one page per family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cnncost.count.profile import profile_graph
from cnncost.errors import CnncostError, did_you_mean
from cnncost.gallery.page import Page, Piece, chart
from cnncost.network.catalogue import chosen_specs, load, networks_of
from cnncost.spec.facts import slug
from cnncost.spec.structure import Spec
from cnncost.timing.reports import reported_devices

TABLES = (
    Page(
        "catalogue.md",
        "Every network of the catalogue",
        "Costs are counted from the specs; errors are as their sources print them.",
        (Piece("The networks", ("list", "--format", "markdown")),),
    ),
    Page(
        "audit.md",
        "Published figures compared with computed ones",
        "What lectures and papers print, and what cnncost computes.",
        (Piece("The figures", ("audit", "--format", "markdown")),),
    ),
    Page(
        "comparisons.md",
        "Comparisons",
        "Tables of networks side by side.",
        (
            Piece(
                "Four well-known networks",
                ("compare", "alexnet", "vgg16", "googlenet", "resnet50", "--format", "markdown"),
            ),
            Piece(
                "ResNet-50 compared with ResNeXt-50",
                ("diff", "resnet50", "resnext50_32x4d", "--format", "markdown"),
            ),
        ),
    ),
)
"""The pages without charts."""

TOTALS = ("alexnet", "vgg16", "googlenet", "resnet18", "resnet50", "resnet152", "densenet264")
CHARTS = (
    chart("AlexNet, layer by layer", "layers", "alexnet", name="layers-alexnet"),
    chart("GoogLeNet as a drawing", "diagram", "googlenet", name="diagram-googlenet"),
    chart("AlexNet next to VGG-16", "versus", "alexnet", "vgg16", name="versus-alexnet-vgg16"),
    chart("Accuracy against operations", "bubble", name="bubble"),
    chart("Accuracy against parameters", "pareto", "--quantity", "params", name="pareto-params"),
    chart("What the types of layers cost", "types", *TOTALS, "vit_b_16", name="types"),
    chart("Shares of ResNet-50's costs", "share", "resnet50", name="share-resnet50"),
    chart("AlexNet as a map of colours", "heat", "alexnet", name="heat-alexnet"),
    chart("The revolution of depth", "depth", name="depth"),
    chart("Totals", "bars", *TOTALS, "mobilenet_v2", "efficientnet_b0", name="bars"),
    chart("The receptive field of VGG-16 on its input", "receptive", "vgg16", name="receptive-vgg16"),
    chart(
        "Cost against the input's size",
        "scaling",
        *("alexnet", "vgg16", "resnet50", "mobilenet_v2", "--over", "input=128:512:32"),
        name="scaling-input",
    ),
    chart(
        "Memory while ResNet-50 is trained",
        *("memory", "resnet50", "--train", "--batch", "32"),
        name="memory-resnet50",
    ),
    chart(
        "Receptive fields of three networks",
        *("receptive", "alexnet", "vgg16", "resnet18"),
        name="receptive-three",
    ),
    chart(
        "An inception module, opened",
        *("diagram", "googlenet", "--layer", "inception3a"),
        name="diagram-inception3a",
    ),
    chart("ResNet-152, folded", "diagram", "resnet152", name="diagram-resnet152"),
    chart(
        "ResNet-18 on a dark background",
        *("diagram", "resnet18", "--theme", "dark"),
        name="diagram-resnet18-dark",
    ),
)
"""Charts that belong to no single family; the first one of each kind is also on the index in reports/."""

TIMED = "resnet50"
"""The network whose times are shown for each measured device."""
COLUMNS = "out_channels,out_size,kernel,stride,memory_bytes,params,flops"
"""The columns of a family's table: few enough for the costs to be seen without scrolling."""
MOST_BARS = 40
"""A family with more networks has no chart of their totals."""


def pages_named(every: Iterable[Page], names: Iterable[str]) -> list[Page]:
    """Those of some pages that have these names; all of them without names.

    Raises:
        CnncostError: there is no page of a name.
    """
    known = {page.name: page for page in every}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            raise CnncostError(f"no page `{name}`{did_you_mean(name, known) or there_are(known.values())}")
    return [known[name] for name in wanted or known]


def there_are(every: Iterable[Page]) -> str:
    """The names of pages for an error, families left out."""
    every = list(every)
    general = ", ".join(page.name for page in every if "/" not in page.path)
    if all("/" not in page.path for page in every):
        return f"; with --brief there are {general}"
    return f"; there are {general} and the families of `cnncost list`"


def all_pages() -> list[Page]:
    """Every page, the index first."""
    across = Page("charts.md", "Charts across networks", "", across_networks())
    general = [*TABLES, across]
    families = [family_page(spec) for spec in chosen_specs()]
    text = "\n\n".join(
        [
            "Tables and charts of the catalogue, as `cnncost gallery` makes them.",
            links(general),
            "## Families",
            links(families),
        ]
    )
    return [Page("README.md", "Gallery", text), *general, *families]


def kept_pages() -> list[Page]:
    """The few pages that reports/ keeps: an index with one chart of each kind, and the tables."""
    text = "\n\n".join(
        [
            "One chart of each kind, with the command that draws it. `cnncost gallery --brief -o reports`\n"
            "makes this folder. `cnncost gallery` makes a page for every family too, in the folder gallery.",
            links(TABLES) + "\n- [Times on real devices](measured/)",
        ]
    )
    first = {piece.arguments[1]: piece for piece in reversed(across_networks())}
    shown = tuple(piece.both for piece in across_networks() if piece in first.values())
    return [Page("README.md", "Reports", text, shown), *TABLES]


def links(linked: Iterable[Page]) -> str:
    """A list of links to pages; those with the same title have their names too."""
    pages = list(linked)
    often = Counter(page.title for page in pages)
    titles = [page.title if often[page.title] == 1 else f"{page.title} ({page.name})" for page in pages]
    return "\n".join(f"- [{title}]({page.path})" for title, page in zip(titles, pages, strict=True))


def across_networks() -> tuple[Piece, ...]:
    """The charts that belong to no single family, with a roofline of each measured device."""
    profile = profile_graph(load(TIMED))
    rooflines = [
        chart(
            f"ResNet-50 under the roofline of {device.label}",
            *("roofline", TIMED, "--device", device.label),
            name=f"roofline-{slug(device.label)}",
        )
        for device in reported_devices()
        if device.result(profile)
    ]
    return (*CHARTS, *rooflines)


def family_page(spec: Spec) -> Page:
    """The page of a family: its networks, and the table and charts of the first one."""
    names = list(networks_of(spec))
    first = names[0]
    paper = [str(spec.paper[key]) for key in ("authors", "venue", "year") if key in spec.paper]
    pieces = [
        Piece("Networks", ("list", "--family", spec.name, "--format", "markdown")),
        Piece(f"{first}, layer by layer", ("table", first, "--columns", COLUMNS, "--format", "markdown")),
        chart(f"The costs of {first}", "layers", first, name=f"{spec.name}-layers"),
        chart(f"{first} as a drawing", "diagram", first, name=f"{spec.name}-diagram"),
    ]
    if 1 < len(names) <= MOST_BARS:
        pieces.append(chart("Totals", "bars", *names, name=f"{spec.name}-bars"))
    text = f"{', '.join(paper)}." if paper else ""
    return Page(f"families/{spec.name}.md", spec.title or spec.name, text, tuple(pieces))
