"""What a training run takes, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from cnncost import numbers
from cnncost.numbers import decimal
from cnncost.tables.table import SCHEMA, Column, Document, Part, Table
from cnncost.timing.training_plan import HOUR, Plan, PublishedRun
from cnncost.views.memory import amount

DAY = 24


def document(plans: Sequence[Plan], exact: bool = False) -> Document:
    """The run that was asked for; with frozen layers, beside the same run of the whole network."""
    plan = plans[-1]
    parts: list[Part] = [summary(plan, exact)]
    if len(plans) > 1:
        parts.append(choices(plans, exact))
    records = parts[-1]
    assert isinstance(records, Table)
    return Document(parts, records=records, data=lambda: data(plans))


def summary(plan: Plan, exact: bool) -> Table:
    """One row per quantity."""
    rows = [row for row in quantities(plan, exact) if row[1] is not None]
    columns = [
        Column("quantity", "quantity", [name for name, _, _ in rows], left=True),
        Column("value", "value", [number(value) for _, value, _ in rows], [text for _, _, text in rows]),
    ]
    return Table(caption(plan), columns, notes(plan))


def quantities(plan: Plan, exact: bool) -> list[tuple[str, Any, str]]:
    """Each quantity with its value and its text; a value of None is not known."""
    work, expected = plan.work, plan.training.expected

    def count(value: int | None) -> str:
        return "" if value is None else f"{value:,}" if exact else numbers.human(value)

    rows: list[tuple[str, Any, str]] = [
        ("forward pass, multiply-adds an image", work.forward_macs, count(work.forward_macs)),
        ("backward pass, multiply-adds an image", work.backward_macs, count(work.backward_macs)),
        ("update, operations a step", work.update_ops, count(work.update_ops)),
    ]
    if expected is not None:
        text = f"{count(expected.macs)} ({percent(Fraction(expected.macs, work.macs))} of all layers)"
        rows.append(("forward and backward on average", expected.macs, text))
    hours, energy = plan.device_hours, plan.kilowatt_hours
    rows += [
        ("trained parameters", plan.training.use.trained_params, count(plan.training.use.trained_params)),
        ("steps", plan.steps, f"{plan.steps:,}"),
        ("operations of the run", plan.flops, count(plan.flops)),
        ("time at the peak", plan.seconds_at_peak, duration(plan.seconds_at_peak)),
        ("time" + at(plan), plan.seconds, duration(plan.seconds)),
        ("implied utilisation", plan.implied_utilisation, percent(plan.implied_utilisation)),
        ("device-hours", hours, "" if hours is None else short(hours)),
        ("energy of the devices", energy, "" if energy is None else f"{short(energy)} kWh"),
        ("price", plan.cost, "" if plan.cost is None else f"{decimal(plan.cost, 2)}"),
        ("memory a device", plan.memory_bytes, amount(plan.memory_bytes, exact)),
    ]
    if plan.cached:
        rows.append(("cached features", plan.feature_bytes, amount(plan.feature_bytes, exact)))
    if plan.devices > 1:
        sent = plan.all_reduce_bytes
        rows.append(("sent by each device a step", sent, amount(sent, exact)))
    return rows


def at(plan: Plan) -> str:
    """What a time holds for."""
    if plan.took is not None:
        return " that it took"
    return f" at {percent(plan.utilisation)} of the peak" if plan.utilisation is not None else ""


def choices(plans: Sequence[Plan], exact: bool) -> Table:
    """One row per way to train the network."""
    trained = [plan.training.use.trained_params for plan in plans]
    macs, memory = [plan.macs for plan in plans], [plan.memory_bytes for plan in plans]
    seconds = [plan.seconds if plan.seconds is not None else plan.seconds_at_peak for plan in plans]
    columns = [
        Column("trained", "trained", [plan.name for plan in plans], left=True),
        Column("trained_params", "parameters", trained, [numbers.human(n) for n in trained]),
        Column("memory_bytes", "memory a device", memory, [amount(n, exact) for n in memory]),
        Column("macs", "multiply-adds", macs, [numbers.human(n) for n in macs]),
        Column("share", "share", [float(Fraction(n, macs[0])) for n in macs], shares(macs)),
        Column(
            "seconds",
            "time",
            [number(value) for value in seconds],
            [duration(value) for value in seconds],
            hidden=plans[0].device is None,
        ),
    ]
    return Table("Beside training all layers", columns)


def shares(values: Sequence[int]) -> list[str]:
    """Each as a share of the first."""
    return [percent(Fraction(value, values[0])) for value in values]


def caption(plan: Plan) -> str:
    """The network and the run."""
    use = plan.training.use
    on = f" on {plan.device.text}" if plan.device else ""
    run = f"{plan.images:,} images, {plan.epochs:,} epochs, batch {plan.batch:,}"
    return f"{use.graph.name}, input {use.graph.input_text}: {run}, {use.run.dtype}, {use.optimizer}{on}"


def notes(plan: Plan) -> list[str]:
    """What the numbers mean, and where those of the device are from."""
    lines = ["A multiply-add is two operations. Loading of data, evaluation and waiting are not counted."]
    if plan.device:
        card = plan.device.card
        lines.append(f"{card.title}: {card.source}. Energy at its {card.watts} W.")
        if plan.seconds is None:
            lines.append("No network reaches the peak: give --utilisation, such as 0.3, or --took.")
        if plan.implied_utilisation and plan.implied_utilisation > 1:
            lines.append(
                "That is more than the peak in this dtype: such a run used another one, or less data."
            )
        if plan.memory_bytes > card.memory_bytes:
            lines.append(
                f"A batch of {plan.batch_of_device} does not fit into its {amount(card.memory_bytes)}."
            )
    if plan.devices > 1:
        lines.append("Sent: one all-reduce of the gradients in a ring, 2(n - 1)/n of their bytes.")
    return lines


def data(plans: Sequence[Plan]) -> dict[str, Any]:
    """The JSON of ``cnncost training``: exact numbers; hours and shares as decimal ones."""
    plan = plans[-1]
    use, expected = plan.training.use, plan.training.expected
    result = {
        "schema": SCHEMA,
        "name": use.graph.name,
        "input": use.graph.input_sizes,
        "images": plan.images,
        "epochs": plan.epochs,
        "batch": plan.batch,
        "dtype": use.run.dtype,
        "optimizer": use.optimizer,
        "device": plan.device.card.name if plan.device else None,
        "devices": plan.devices,
        **plan_dict(plan),
        "expected_macs": expected.macs if expected else None,
        "all_reduce_bytes": plan.all_reduce_bytes,
        "cached_features_bytes": plan.feature_bytes if plan.cached else None,
    }
    if len(plans) > 1:
        result["choices"] = [{"trained": one.name, **plan_dict(one)} for one in plans]
    return result


def plan_dict(plan: Plan) -> dict[str, Any]:
    """What one way of training takes."""
    work = plan.work
    return {
        "forward_macs": work.forward_macs,
        "backward_macs": work.backward_macs,
        "update_ops": work.update_ops,
        "trained_params": plan.training.use.trained_params,
        "steps": plan.steps,
        "total_macs": plan.macs,
        "total_flops": plan.flops,
        "seconds_at_peak": number(plan.seconds_at_peak),
        "seconds": number(plan.seconds),
        "utilisation": number(plan.utilisation),
        "implied_utilisation": number(plan.implied_utilisation),
        "device_hours": number(plan.device_hours),
        "kilowatt_hours": number(plan.kilowatt_hours),
        "price": number(plan.cost),
        "memory_bytes": plan.memory_bytes,
    }


def runs(found: Sequence[PublishedRun]) -> Table:
    """Published runs, each with its shortest and its longest time, and the utilisation that they imply."""
    plans = [one.plan for one in found]
    flops = [plan and plan.flops for plan in plans]
    took = [ranged([Fraction(seconds) for seconds in one.took], duration) for one in found]
    shares = [one.utilisation for one in found]
    hours = [one.device_hours for one in found]
    names = [
        plan.device.text if plan and plan.device else f"{one.devices} GPUs"
        for one, plan in zip(found, plans, strict=True)
    ]
    columns = [
        Column("name", "network", [one.title for one in found], left=True),
        Column("device", "devices", names, left=True),
        Column("images", "images", [plan and plan.images for plan in plans], hidden=True),
        Column("epochs", "epochs", [plan and plan.epochs for plan in plans], spare=3),
        Column("flops", "operations", flops, [numbers.human(n) if n else "" for n in flops], spare=1),
        Column("seconds", "took", [one.took for one in found], took),
        Column(
            "device_hours",
            "device-hours",
            [tuple(map(float, pair)) for pair in hours],
            [ranged(pair, short) for pair in hours],
            spare=2,
        ),
        Column(
            "implied_utilisation",
            "utilisation",
            [pair and tuple(map(float, pair)) for pair in shares],
            ["" if pair is None else ranged(pair, percent) for pair in shares],
        ),
        Column("source", "source", [one.source for one in found], left=True, wraps=True, spare=4),
        Column("assumed", "assumed", [one.assumed for one in found], left=True, wraps=True, spare=5),
    ]
    notes = [
        "Utilisation: the operations of the run over what the devices could have done in that time.",
        "Device-hours of a search are those of one child network.",
    ]
    return Table("Published training runs", columns, notes)


def ranged(values: Sequence[Fraction], text: Callable[[Fraction], str]) -> str:
    """Two values as a range, or one if they read the same."""
    first, last = map(text, values)
    if first == last:
        return first
    number, _, unit = first.partition(" ")
    return f"{number if last.endswith(f' {unit}') else first} to {last}"


def number(value: Any) -> Any:
    """A fraction as a decimal number; anything else as it is."""
    return float(value) if isinstance(value, Fraction) else value


def percent(share: Fraction | None) -> str:
    """A share with three digits: `32.5 %`."""
    return "" if share is None else f"{numbers.significant(float(share * 100))} %"


def duration(seconds: Fraction | None) -> str:
    """`12.3 s`, `4.5 h` or `5.6 days`."""
    if seconds is None:
        return ""
    hours = seconds / HOUR
    if hours < 1:
        return f"{numbers.significant(float(seconds))} s" if seconds < 60 else f"{short(seconds / 60)} min"
    return f"{short(hours)} h" if hours < 2 * DAY else f"{short(hours / DAY)} days"


def short(value: Fraction) -> str:
    """Three significant digits, and groups of three in large numbers."""
    text = numbers.significant(float(value))
    return f"{int(text):,}" if text.isdigit() else text
