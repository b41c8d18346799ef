"""Marking: which answers are right, follow or are wrong, and whether the mistake is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

import cnncost
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import fold
from cnncost.errors import CnncostError
from cnncost.homework.mark import FOLLOWS, RIGHT, WRONG, Marked, Rubric, check, parse_rubric
from cnncost.homework.read import FORMATS, Grid, asked_addresses, read_answers
from cnncost.views.feedback import feedback
from tests import students
from tests.command_line import cnncost as run
from tests.students import StudentSheet

ANSWERS = Path(__file__).parent.parent / "answers"


def marked_text(text: str, network: str = "alexnet", **how: object) -> Marked:
    """A CSV, marked."""
    return mark(FORMATS[".csv"](text.encode(), "a.csv"), cnncost.profile(network), **how)


def mark(grid: Grid, network: NetworkCost, explain: bool = False, **how: object) -> Marked:
    """Answers, marked and by default not explained."""
    return check(network, grid, explain=explain, **how)


def explained_text(text: str, network: str = "alexnet") -> Marked:
    """A CSV, marked and explained."""
    return marked_text(text, network, explain=True)


def marked_sheet(sheet: StudentSheet) -> Marked:
    """A student's sheet, marked and explained."""
    return explained_text(sheet.csv(), sheet.network)


# The corpus: sheets made by a script


SINGLES, PAIRS, CHAINS = students.singles(), students.pairs(), students.chains()


def names(sheets: list[StudentSheet]) -> list[str]:
    """What each test of a corpus is called."""
    return [sheet.name for sheet in sheets]


def found(marked: Marked, sheet: StudentSheet) -> dict[tuple[str, str], bool]:
    """For each seeded mistake, whether one deviation explains the answer, and is the one that was seeded."""
    diagnosed = {}
    for address, expected in sheet.mistakes.items():
        explanation = marked[address].cause
        named = explanation.deviations if explanation else ()
        diagnosed[address] = len(named) == 1 and named[0] in expected
    return diagnosed


@pytest.mark.parametrize("sheet", [*SINGLES, *PAIRS, *CHAINS], ids=names([*SINGLES, *PAIRS, *CHAINS]))
def test_only_the_mistakes_lose_marks(sheet: StudentSheet) -> None:
    """The seeded cells are wrong, and no other: answers that follow from them are accepted."""
    marked = marked_text(sheet.csv(), sheet.network)
    assert {m.address for m in marked.marks if m.status not in (RIGHT, FOLLOWS)} == set(sheet.mistakes)
    assert marked.score == marked.possible - len(sheet.mistakes)


def test_single_mistakes_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Of the single mistakes, at least 95 % are diagnosed as what they are; the share is printed."""
    missed = [s.name for s in SINGLES if not all(found(marked_sheet(s), s).values())]
    share = 1 - Fraction(len(missed), len(SINGLES))
    with capsys.disabled():
        told = f"{len(SINGLES) - len(missed)} of {len(SINGLES)} ({float(share):.1%})"
        print(f"\nsingle mistakes diagnosed: {told}; missed: {'; '.join(missed) or 'none'}")
    assert len(SINGLES) >= 60
    assert share >= Fraction(95, 100), missed


def test_two_mistakes_on_one_sheet_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Two mistakes in two cells are each found."""
    results = [ok for s in PAIRS for ok in found(marked_sheet(s), s).values()]
    with capsys.disabled():
        print(f"\nmistakes in pairs diagnosed: {sum(results)} of {len(results)}")
    assert Fraction(sum(results), len(results)) >= Fraction(95, 100)


def test_mistakes_at_the_head_of_a_chain_are_found() -> None:
    """A wrong size is found though all behind it is wrong with it."""
    assert [s.name for s in CHAINS if not all(found(marked_sheet(s), s).values())] == []


def test_two_mistakes_in_one_cell_are_found() -> None:
    """A number that took two mistakes is explained by just these two."""
    made = students.compounds()
    explained = [marked_sheet(sheet)[place].cause for sheet, place, _ in made]
    assert [set(e.deviations) if e else None for e in explained] == [expected for *_, expected in made]


def test_a_mistake_on_top_of_a_mistake_is_found() -> None:
    """With a wrong input size of the student's own, a second mistake is explained from that size."""
    text = "layer,output,FLOPs\nconv1,54x54x96,101616768\npool1,26x26x96,584064\nconv2,26x26x256,16613376\n"
    second = explained_text(text)["conv2", "flops"]
    assert second.at_own
    assert second.cause is not None
    assert second.cause.deviations == ("kernel forgotten",)


@pytest.mark.parametrize(
    ("output", "deviation"),
    [("16x62x30", "height and width exchanged"), ("62x30x16", "height and width exchanged"),
     ("30x16x62", "axes in another order"), ("(16, 31, 62)", None)],
)  # fmt: skip
def test_axes_in_another_order(output: str, deviation: str | None) -> None:
    """On a map that is not square, exchanged axes are wrong and said; channels first or last are both right."""
    graph = cnncost.load_text("name: net\ninput: [3, 32, 64]\nlayers:\n  - conv1: Conv2d(16, 3)\n")
    grid = FORMATS[".csv"](f'layer,output\nconv1,"{output}"\n'.encode(), "a.csv")
    found = mark(grid, cnncost.profile(graph), explain=True)["conv1", "out_shape"]
    assert found.status == WRONG
    assert (found.cause.deviations[0] if found.cause else None) == deviation


def test_a_size_that_was_not_rounded() -> None:
    """A size of 27.5 is read, wrong, and said to be not rounded."""
    text = "layer,output\nconv1,64x112x112\nmaxpool,64x56.5x56.5\n"
    found = explained_text(text, "resnet18")["maxpool", "out_shape"]
    assert found.cause is not None
    assert found.cause.deviations == ("floor left out",)


VGG = ("conv4_3,512x28x28,2359808,92\npool4,512x14x14,0,100\nconv5_1,512x14x14,2359808,132\n"
       "conv5_2,512x14x14,2359808,164\nconv5_3,512x14x14,2359808,{field}\npool5,512x7x7,0,212\n"
       "{flatten}fc6,4096,{params},\n")  # fmt: skip


@pytest.mark.parametrize("flatten", ["", "flatten,25088,0,\n"], ids=["without flatten", "flatten is right"])
def test_right_shapes_refute_a_mistake_that_would_have_changed_them(flatten: str) -> None:
    """With the map before right, the padding was not left out: the positions that flatten joins were."""
    text = "layer,output,params,receptive field\n" + VGG.format(field=196, flatten=flatten, params=2101248)
    marked = explained_text(text, "vgg16")
    (wrong,) = [m for m in marked.marks if m.status == WRONG]
    assert wrong.address == ("fc6", "params")
    assert wrong.cause is not None
    assert wrong.cause.sentence == ("the 7×7 positions of the map before are left out: 512 inputs, not 25088")
    assert wrong.cause.hint == "how many values does flatten join?"


def test_right_receptive_fields_refute_a_layer_missing_before_them() -> None:
    """The layer before has its right field, so that none is missing further up."""
    text = "layer,output,params,receptive field\n" + VGG.format(field=180, flatten="", params=102764544)
    assert explained_text(text, "vgg16")["conv5_3", "receptive_field"].cause is None


def test_two_costs_together_are_held_against_the_right_shapes() -> None:
    """A quarter of the work in two layers is a stride before them; of maps of the right size, it is not."""
    work = {"conv1_1": 86704128 // 4, "conv1_2": 1849688064 // 4}
    shapeless = "layer,FLOPs\n" + "".join(f"{row},{flops}\n" for row, flops in work.items())
    shaped = "layer,output,FLOPs\n" + "".join(f"{row},64x224x224,{flops}\n" for row, flops in work.items())
    told, refuted = (explained_text(text, "vgg16")["conv1_1", "flops"].cause for text in (shapeless, shaped))
    assert told is not None
    assert told.deviations == ("stride added",)
    assert refuted is None or "stride added" not in refuted.deviations


def test_few_digits_are_not_explained_by_two_mistakes() -> None:
    """Of two digits, some pair of mistakes gives nearly any number: then there is no explanation."""
    assert explained_text("layer,params\nconv1,73k\n")["conv1", "params"].cause is None


def test_a_negative_number_is_wrong_and_explained_by_nothing() -> None:
    """No count is less than nothing."""
    found = explained_text("layer,params\nconv1,-34944\n")["conv1", "params"]
    assert (found.status, found.cause) == (WRONG, None)


def test_a_sheet_of_wrong_numbers_is_not_searched_for_minutes() -> None:
    """Beyond what the search affords, wrong answers are marked as not looked into, and said so."""
    rows = fold(cnncost.profile("densenet121"))
    text = "layer,params\n" + "".join(f"{row.label},{98765431 + 7919 * i}\n" for i, row in enumerate(rows))
    marked = explained_text(text, "densenet121")
    assert 5 < sum(m.sought for m in marked.marks) < 50
    texts = [note.text for note in feedback(marked)]
    assert "Not analysed, because too many answers are wrong. Correct the others first." in texts


def test_no_explanation_is_an_answer() -> None:
    """A number that nothing gives is explained by nothing."""
    assert explained_text("layer,params\nconv1,123457\n")["conv1", "params"].cause is None


# The corpus: files that people wrote


Expected = Mapping[tuple[str, str], tuple[str, str]]

BY_HAND: dict[str, tuple[str, Expected]] = {
    "right_in_units.csv": ("alexnet", {}),
    "right_in_full.json": ("alexnet", {}),
    "own_names.md": ("alexnet", {}),
    "doubled.csv": ("alexnet", {}),
    "wrong_units.csv": ("alexnet", {}),
    "lenet.txt": ("lenet5", {}),
    "right_other_commas.csv": ("alexnet", {("fc8", "memory"): ("blank", "")}),
    "no_biases.tsv": (
        "alexnet",
        {(row, "params"): ("wrong", "bias forgotten") for row in
         ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")},
    ),
    "wrong_from_conv1.yaml": (
        "alexnet",
        {("conv1", "out_shape"): ("wrong", "one place forgotten"),
         **{(row, key): ("follows", "conv1")
            for row in ("conv1", "pool1", "conv2", "pool2", "conv3") for key in ("out_shape", "memory", "flops")
            if (row, key) != ("conv1", "out_shape")}},
    ),
    "two_mistakes_in_a_chain.csv": (
        "alexnet",
        {("conv1", "out_shape"): ("wrong", "one place forgotten"),
         ("pool1", "out_shape"): ("follows", "conv1"),
         ("conv2", "out_shape"): ("follows", "conv1"),
         ("conv2", "params"): ("wrong", "bias forgotten")},
    ),
    "receptive_fields.csv": (
        "alexnet",
        {("pool1", "receptive_field"): ("wrong", "jump left out"),
         **{(row, "receptive_field"): ("follows", "pool1") for row in ("conv2", "pool2", "conv3")}},
    ),
    "totals.csv": (
        "alexnet",
        {("conv2", "params"): ("wrong", "bias forgotten"), ("total", "params"): ("follows", "conv2")},
    ),
    "strange_cells.csv": (
        "alexnet",
        {("conv2", "out_shape"): ("unread", ""),
         ("conv2", "params"): ("unread", ""), ("conv3", "out_shape"): ("unread", ""),
         ("conv3", "params"): ("unread", ""), ("pool1", "params"): ("unread", ""),
         ("pool1", "out_shape"): ("blank", ""), ("pool1", "flops"): ("blank", "")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_files_written_by_hand(name: str) -> None:
    """Each file has the marks that a teacher gives it, with the causes that one names."""
    network, expected = BY_HAND[name]
    marked = mark(read_answers(ANSWERS / name), cnncost.profile(network), explain=True)
    found = {
        m.address: (m.status, m.origin or (m.cause.deviations[0] if m.cause else ""))
        for m in marked.marks
        if m.status != RIGHT
    }
    assert found == dict(expected)


def test_every_file_is_tried() -> None:
    """Every file of answers is used."""
    assert {path.name for path in ANSWERS.iterdir()} == set(BY_HAND)


# Ways of counting


def test_doubled_flops_are_one_remark() -> None:
    """All FLOPs doubled is remarked once, and costs nothing; one doubled among others is wrong."""
    marked = mark(read_answers(ANSWERS / "doubled.csv"), cnncost.profile("alexnet"))
    assert marked.remarks == (
        "FLOPs: multiply and add are counted as two throughout; the task counts them as one",
    )
    one = marked_text("layer,FLOPs\nconv1,210830400\nconv2,447897600\nconv3,149520384\n")
    assert [m.status for m in one.marks] == [WRONG, RIGHT, RIGHT]


@pytest.mark.parametrize(
    ("doubled", "right", "read_as_doubled"),
    [(2, 0, True), (2, 1, True), (4, 2, True), (3, 2, False), (1, 0, False), (2, 2, False)],
)
def test_two_thirds_of_a_column_decide_how_it_is_counted(
    doubled: int, right: int, read_as_doubled: bool
) -> None:
    """A column is read in another way if two answers and two thirds of them come out in it, more than as asked."""
    macs = {row.label: row.totals.flops for row in fold(cnncost.profile("alexnet")) if row.type == "Conv2d"}
    macs.update({"fc6": 37748736, "fc7": 16777216, "fc8": 4096000})
    labels = list(macs)[: doubled + right]
    cells = [2 * macs[label] if i < doubled else macs[label] for i, label in enumerate(labels)]
    text = "layer,MACs\n" + "".join(f"{label},{cell}\n" for label, cell in zip(labels, cells, strict=True))
    marked = marked_text(text, follow=False)
    assert marked.remarks == (
        ("multiply-adds: each is counted as two throughout",) if read_as_doubled else ()
    )
    assert [m.status for m in marked.marks] == [
        RIGHT if (i < doubled) is read_as_doubled else WRONG for i in range(doubled + right)
    ]


def test_multiply_adds_doubled_and_pools_as_asked_are_one_remark() -> None:
    """Two for each multiply-add and the window of each pooled output: a way of counting like the others."""
    text = "layer,FLOPs\nconv1,210830400\npool1,629856\nconv2,895795200\npool2,389376\n"
    marked = marked_text(text)
    assert marked.score == 4
    assert marked.remarks == ("FLOPs: each multiply-add is counted as two, everything else as in the task",)


def test_a_convention_that_is_asked_for_is_the_only_right_one() -> None:
    """With a convention given, another way of counting is wrong."""
    grid = read_answers(ANSWERS / "doubled.csv")
    marked = mark(grid, cnncost.profile("alexnet"), convention="lecture")
    assert [m.status for m in marked.marks if m.key == "flops"] == [WRONG] * 6
    assert mark(grid, cnncost.profile("alexnet", convention="torch"), convention="torch").score == 12


def test_another_kb_and_elements_are_one_remark() -> None:
    """Memory in KB of 1000 bytes, or in elements, is remarked once."""
    kilo = marked_text("layer,Mem (KB)\nconv1,1161.6\npool1,279.9\nconv2,746.5\n")
    assert (kilo.score, kilo.remarks) == (3, ("memory: a KB has 1000 bytes throughout",))
    elements = marked_text("layer,Mem\nconv1,290400\npool1,69984\nconv2,186624\n")
    assert (elements.score, elements.remarks) == (3, ("memory: elements are counted throughout, not bytes",))


def test_a_scale_that_no_header_names_is_one_remark() -> None:
    """Numbers in thousands without saying so are read as thousands, and a remark says so."""
    marked = marked_text("layer,params\nconv1,35\nconv2,615\nconv3,885\npool1,0\n")
    assert (marked.score, marked.remarks) == (4, ("parameters: numbers without a unit are read in k",))


# Following


def test_no_follow_through() -> None:
    """Without follow-through, an answer that follows from a mistake is wrong."""
    text = "layer,output\nconv1,54x54x96\npool1,26x26x96\nconv2,27x27x256\n"
    assert [m.status for m in marked_text(text).marks] == [WRONG, FOLLOWS, RIGHT]
    assert [m.status for m in marked_text(text, follow=False).marks] == [WRONG, WRONG, RIGHT]


def test_following_from_arguments_and_channels() -> None:
    """A wrong kernel, wrong filters and wrong input channels are followed up in the costs."""
    text = "layer,in_channels,filters,kernel,params\nconv2,96,256,3,221440\nconv3,128,384,3,442752\nconv4,384,192,3,663744\n"
    marked = marked_text(text)
    wrong = {m.address for m in marked.marks if m.status == WRONG}
    assert wrong == {("conv2", "kernel"), ("conv3", "in_channels"), ("conv4", "filters")}
    assert {m.address for m in marked.marks if m.status == FOLLOWS} == {
        (r, "params") for r in ("conv2", "conv3", "conv4")
    }


def test_an_answer_does_not_follow_from_itself() -> None:
    """A wrong shape is not right because the student's own shape is that shape."""
    assert [m.status for m in marked_text("layer,output\nconv1,7x7x96\n").marks] == [WRONG]


def test_following_through_branches() -> None:
    """In a network that is no chain, dependent answers are found along the edges."""
    text = "layer,output\nconv1,111x111x64\nmaxpool,56x56x64\n"
    marked = marked_text(text, "resnet18")
    assert [m.status for m in marked.marks] == [WRONG, RIGHT]
    text = "layer,output\nconv1,110x110x64\nmaxpool,55x55x64\nconv2_x.0.body.conv_bn_relu,55x55x64\n"
    assert [m.status for m in marked_text(text, "resnet18").marks][:2] == [WRONG, FOLLOWS]


@pytest.mark.parametrize(("total", "status"), [("62365k", FOLLOWS), ("62366k", WRONG), ("62378k", RIGHT)])
def test_a_total_follows_from_the_rounded_answers_above_it(total: str, status: str) -> None:
    """The student's own sum is 62 363 744; each of two answers in thousands, and the total, may be off by 500."""
    marked = marked_text(f"layer,params\nconv1,35k\nconv2,600k\ntotal,{total}\n")
    assert marked["total", "params"].status == status
    assert marked["total", "params"].origin == ("conv2" if status == FOLLOWS else "")


# Rubric


def test_rubric_gives_points() -> None:
    """Points by cell, row and column; the columns of the rubric are those that count."""
    rubric = parse_rubric(
        "columns: {output: 1, '# params': 2}\ncells: {conv1/FLOPs: 3}\nrows: {pool1: 1/2}\nfollow: 0.5\n",
        "r.yaml",
    )
    marked = marked_text(
        "layer,output,params,Mem\nconv1,54x54x96,34944,1\npool1,26x26x96,0,1\n", rubric=rubric
    )
    assert set(marked.columns) == {"out_shape", "params", "flops"}
    assert marked["conv1", "params"].points == 2
    assert marked["conv1", "flops"].status == "blank"
    assert marked["pool1", "out_shape"].points == Fraction(1, 4)
    assert (
        marked.possible == 11 * 3 + 1 + 3
    )  # eleven rows of both columns, the half points of pool1, the cell


def test_rubric_scales_and_tolerates() -> None:
    """All points can come to a round number, and answers be off by a share."""
    rubric = Rubric(out_of=Fraction(10), tolerance=Fraction(1, 100))
    marked = marked_text("layer,params\nconv1,35.2k\nconv2,1\nconv3,885120\npool1,0\n", rubric=rubric)
    assert (marked.score, marked.possible) == (Fraction(15, 2), 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colums: {params: 1}", "r.yaml:1: no `colums` in a rubric; did you mean columns?"),
        ("columns: {parms: 1}", "r.yaml:1: no column `parms`; did you mean params?"),
        ("points: -1", "r.yaml:1: points are a number from 0, such as 2, 0.5 or 1/2"),
        ("points: 1/0", "r.yaml:1: points are a number from 0, such as 2, 0.5 or 1/2"),
        ("follow: 2", "r.yaml:1: a share is between 0 and 1"),
        ("cells: {conv1: 2}", "r.yaml:1: write a cell as row/column, such as conv1/params, not `conv1`"),
        ("convention: lectures", "r.yaml:1: no convention `lectures`; did you mean lecture?"),
        ("points: 1\npoints: 2", "r.yaml:2: `points` occurs twice"),
        ("- 1", "r.yaml:1: a mapping is expected, `key: points`"),
    ],
)
def test_a_wrong_rubric_is_one_line(text: str, message: str) -> None:
    """Errors in a rubric name the line."""
    with pytest.raises(CnncostError) as error:
        parse_rubric(text, "r.yaml")
    assert str(error.value).startswith(message)


def test_a_rubric_of_another_network() -> None:
    """A row that the network does not have is refused, with the nearest."""
    with pytest.raises(CnncostError, match=r"rubric: no row `conv9`; did you mean conv\d\?"):
        marked_text("layer,params\nconv1,1\n", rubric=parse_rubric("rows: {conv9: 1}", "r.yaml"))


# Worksheets


def test_only_the_asked_addresses_of_a_worksheet_count(tmp_path: Path) -> None:
    """With the worksheet, what was given is not marked, and what was left out is blank."""
    sheet = tmp_path / "ws.csv"
    sheet.write_text("layer,output,params\nconv1,55x55x96,?\npool1,?,0\n")
    profile = cnncost.profile("alexnet")
    asked = asked_addresses(sheet, profile)
    assert asked == [("conv1", "params"), ("pool1", "out_shape")]
    marked = marked_text("layer,output,params\nconv1,1x1x1,34944\n", asked=asked)
    assert [(m.address, m.status) for m in marked.marks] == [
        (("conv1", "params"), "right"),
        (("pool1", "out_shape"), "blank"),
    ]
    sheet.write_text("layer,params\nconv1,1\n")
    with pytest.raises(CnncostError, match="no cell of the worksheet contains a `\\?`, so nothing is asked"):
        asked_addresses(sheet, profile)


# The command


CHAIN = str(ANSWERS / "two_mistakes_in_a_chain.csv")


def test_check_in_the_terminal() -> None:
    """The whole output: score, table, what each wrong cell is, and exit code 1."""
    result = run("check", "alexnet", CHAIN)
    assert (result.code, result.err) == (1, "")
    assert result.out == (
        "two_mistakes_in_a_chain.csv: 8 of 10 points\n"
        "6 right, 2 right given earlier answers, 2 wrong\n"
        "alexnet, input 3×227×227, batch 1, float32, convention lecture\n"
        "\n"
        "layer       output    params\n"
        "────────────────────────────\n"
        "conv1   54x54x96 ✗   34944 ✓\n"
        "pool1   26x26x96 ↪       0 ✓\n"
        "conv2  26x26x256 ↪  614400 ✗\n"
        "pool2  13x13x256 ✓       0 ✓\n"
        "conv3  13x13x384 ✓  885120 ✓\n"
        "\n"
        "✓ right  ↪ right, given your earlier answers  ✗ wrong\n"
        "\n"
        "✗ conv1, output shape: 54x54x96\n"
        "  Possibly: The + 1 of the size formula is left out. Or: The input is 224×224,\n"
        "  not 227×227.\n"
        "\n"
        "✗ conv2, parameters: 614400\n"
        "  614,400 leaves out the 256 biases.\n"
        "\n"
        "↪ from conv1\n"
        "  Right given your own answer for conv1, so these count: pool1 output shape,\n"
        "  conv2 output shape.\n"
    )


def test_check_all_right() -> None:
    """When all is right the exit code is 0."""
    assert run("check", "alexnet", str(ANSWERS / "right_in_units.csv")).code == 0


@pytest.mark.parametrize("hints", ["none", "hint", "diagnosis"])
@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "json", "gradescope"])
def test_the_answer_is_not_given_away(hints: str, form: str) -> None:
    """The right value of a wrong cell is shown only if it is asked for."""
    text = run("check", "alexnet", CHAIN, "--hints", hints, "--format", form).out
    assert not any(value in text for value in ("614656", "614,656", "55x55", "55×55"))
    assert ("leaves out the 256 biases" in text) is (hints == "diagnosis")


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "json", "gradescope"])
def test_a_sentence_does_not_name_a_size_that_another_cell_asks(tmp_path: Path, form: str) -> None:
    """Where the size of an output is asked and not found, what it says of the FLOPs is the hint."""
    path = tmp_path / "a.csv"
    path.write_text("layer,output,FLOPs\npool1,?,2613600\n")
    told = run("check", "alexnet", str(path), "--format", form).out
    assert "27×27" not in told
    assert "t how many positions is the kernel applied" in told
    path.write_text("layer,output,FLOPs\npool1,27x27x96,2613600\n")
    assert "not the output's 27×27" in run("check", "alexnet", str(path)).out.replace("\n  ", " ")


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "json"])
def test_reveal_tells_the_right_values(form: str) -> None:
    """With --reveal they do."""
    text = run("check", "alexnet", CHAIN, "--reveal", "--format", form, columns=160).out
    assert "614656" in text
    assert "96×55×55" in text


def test_hint_level_points_without_numbers() -> None:
    """A hint says where to look."""
    notes = run("check", "alexnet", CHAIN, "--hints", "hint").out.partition("✗ conv2, parameters: 614400\n")[
        2
    ]
    hint = notes.partition("\n\n")[0]
    assert hint == "  Look at the biases again."
    value = json.loads(run("check", "alexnet", CHAIN, "--hints", "hint", "--format", "json").out)
    hints = [cell["hint"] for cell in value["cells"] if cell["status"] == "wrong"]
    assert len(hints) == 2
    assert not any(character.isdigit() for hint in hints for character in hint)


def test_check_json() -> None:
    """The JSON has each cell with its mark."""
    value = json.loads(run("check", "alexnet", CHAIN, "--format", "json").out)
    assert (value["score"], value["max_score"], value["network"]) == (8, 10, "alexnet")
    cell = next(c for c in value["cells"] if c["layer"] == "conv2" and c["column"] == "params")
    assert cell == {
        "layer": "conv2",
        "column": "params",
        "row": 4,
        "answer": "614400",
        "status": "wrong",
        "points": 0.0,
        "max_points": 1.0,
        "remark": None,
        "follows_from": None,
        "hint": cell["hint"],
        "diagnosis": "614,400 leaves out the 256 biases",
        "confidence": "likely",
        "others": [],
        "deviations": ["bias forgotten"],
        "right": None,
    }


def test_check_gradescope() -> None:
    """The results have exactly the fields that Gradescope reads."""
    value = json.loads(run("check", "alexnet", CHAIN, "--format", "gradescope").out)
    assert set(value) == {
        *("score", "output", "output_format", "test_output_format", "test_name_format", "visibility"),
        *("stdout_visibility", "tests", "extra_data"),
    }
    assert value["score"] == 8
    assert value["tests"][5] == {
        "score": 0.0,
        "max_score": 1.0,
        "status": "failed",
        "name": "conv2: parameters",
        "output": "Your answer: 614400\n614,400 leaves out the 256 biases.",
        "output_format": "text",
        "visibility": "visible",
    }
    assert sum(test["score"] for test in value["tests"]) == value["score"]


HOSTILE = 'layer,params\nconv1,<script>alert(1)</script>\nconv2,"[x](javascript:alert(1)) ![y](http://evil/z) `|`"\n<img src=x>,\x1b[31m3\n'


@pytest.mark.parametrize("form", ["html", "markdown", "terminal", "json", "gradescope"])
def test_what_is_handed_in_stays_text(tmp_path: Path, form: str) -> None:
    """Markup, links and control characters of a student's are shown and not set."""
    path = tmp_path / "a.csv"
    path.write_text(HOSTILE)
    text = run("check", "alexnet", str(path), "--format", form).out
    assert "\x1b" not in text
    if form in ("html", "markdown"):
        assert "<script" not in text
        assert "<img" not in text
    if form == "markdown":
        assert "](" not in text
        assert "http://" not in text
    if form == "html":
        assert "default-src 'none'" in text


def test_format_by_ending(tmp_path: Path) -> None:
    """`-o page.html` writes a page."""
    target = tmp_path / "page.html"
    run("check", "alexnet", CHAIN, "-o", str(target))
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("alexnett", CHAIN), "no network `alexnett`; did you mean alexnet?"),
        (("alexnet", "nothing.csv"), "nothing.csv: no such file"),
        (("alexnet", CHAIN, "--hints", "all"), "no hints `all`; there are none, hint, diagnosis, reveal"),
        (("alexnet", CHAIN, "--format", "htm"), "no format `htm`; did you mean html?; there are"),
        (("alexnet", CHAIN, "--tolerance", "few"), "--tolerance few: write a share, such as 1% or 0.01"),
        (("alexnet", CHAIN, "--tolerance", "200%"), "--tolerance 200%: a share is between 0 and 1"),
        (("alexnet", CHAIN, "--convention", "mac"), "no convention `mac`; did you mean macs?"),
        (("alexnet", CHAIN, "--rubric", "no.yaml"), "no.yaml: no such file"),
    ],
)
def test_wrong_input_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    """Wrong input is one line and exit code 2."""
    result = run("check", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cnncost: {message}")
    assert result.err.count("\n") == 1


def test_nothing_to_mark_is_said(tmp_path: Path) -> None:
    """Where no row has what a column asks there is nothing to mark, and so nothing right."""
    path = tmp_path / "a.csv"
    path.write_text("layer,kernel,output\ntotal,3,5\n")
    result = run("check", "alexnet", str(path))
    assert (result.code, result.out) == (2, "")
    assert result.err == "cnncost: a.csv: nothing to mark: its rows have no kernel, out_shape\n"


def test_tolerance_option() -> None:
    """`--tolerance 2%` lets an answer be off by so much."""
    strict = run("check", "alexnet", str(ANSWERS / "totals.csv"))
    lax = run("check", "alexnet", str(ANSWERS / "totals.csv"), "--tolerance", "2%")
    assert (strict.code, lax.code) == (1, 0)


@pytest.mark.parametrize("network", ["alexnet", "googlenet", "resnet18", "densenet121", "vit_b_16", "unet"])
def test_the_networks_own_table_is_all_right(network: str) -> None:
    """The CSV and the JSON that `table` writes are read and marked right, cell for cell."""
    profile = cnncost.profile(network)
    for ending in (".csv", ".json"):
        text = run("table", network, "--format", ending[1:]).out
        marked = mark(FORMATS[ending](text.encode(), f"a{ending}"), profile)
        assert {m.status for m in marked.marks} == {RIGHT}
        assert len(marked.marks) > 50


def test_a_jump_that_was_not_multiplied_is_told(tmp_path: Path) -> None:
    """With right shapes, a field that grows as if pool1 had no stride forgets it in the jump alone."""
    sheet = tmp_path / "answers.csv"
    sheet.write_text(
        "layer,output,receptive field\npool1,64x112x112,6\nconv2_1,128x112x112,8\nconv2_2,128x112x112,14\n"
    )
    out = run("check", "vgg16", str(sheet)).out.replace("\n  ", " ")
    assert (
        "The stride is left out of the jump, the distance on the input between neighbouring outputs." in out
    )
    hint = run("check", "vgg16", str(sheet), "--hints", "hint").out
    assert "How far apart are the outputs before it, on the input?" in hint


SHAPE_CHANGES = """\
name: net
input: [6, 9, 9]
layers:
  - conv1: Conv2d(6, 3)
  - half: Slice(0, 3)
  - conv2: Conv2d(4, 3) >> Permute((0, 1, 3, 2)) >> Select(0)
"""


def test_layers_that_change_the_shape_are_asked_by_themselves(tmp_path: Path) -> None:
    """What slices or selects is no part of the row before it: the right shapes of both are right."""
    (tmp_path / "net.yaml").write_text(SHAPE_CHANGES)
    answers = tmp_path / "answers.csv"
    answers.write_text("layer,output\nconv1,6x7x7\nhalf,3x7x7\nconv2.Conv2d,4x5x5\nconv2.Select,5x5\n")
    result = run("check", str(tmp_path / "net.yaml"), str(answers))
    assert result.out.splitlines()[1] == "4 right"
    assert result.code == 0
    answers.write_text("layer,output\nconv1,3x7x7\nhalf,3x7x7\n")
    assert run("check", str(tmp_path / "net.yaml"), str(answers)).out.splitlines()[1] == "1 right, 1 wrong"


@pytest.mark.parametrize(("first", "second"), [("54", "26"), ("54x54", "26x26"), ("54x54", "26")])
def test_sizes_follow_however_they_are_written(first: str, second: str) -> None:
    """One number for both axes, or one for each: a size follows from the wrong one above it."""
    marked = marked_text(f"layer,output size,memory (KB)\nconv1,{first},1093.5\npool1,{second},253.5\n")
    assert [m.status for m in marked.marks] == [WRONG, FOLLOWS, FOLLOWS, FOLLOWS]


def test_one_number_for_a_map_is_not_read() -> None:
    """16 is 16×1×1 and no map of 5×1."""
    graph = cnncost.load_text("name: net\ninput: [3, 7, 3]\nlayers:\n  - conv1: Conv2d(16, 3)\n")
    (found,) = mark(FORMATS[".csv"](b"layer,output\nconv1,16\n", "a.csv"), cnncost.profile(graph)).marks
    assert (found.status, found.remark) == ("unread", "1 size, but this shape has 3: write C×H×W")


def test_receptive_fields_of_a_deep_network_cost_the_search_more() -> None:
    """ResNet-18 has 74 nodes: 40 wrong answers of a column of counts are looked into, 20 of one of fields."""
    rows = [row for row in fold(cnncost.profile("resnet18"), every=True) if row.receptive_field]
    text = "layer,receptive field\n" + "".join(f"{row.label},{7001 + 2 * i}\n" for i, row in enumerate(rows))
    assert sum(m.sought for m in explained_text(text, "resnet18").marks) == 20
