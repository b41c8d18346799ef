"""Recurrent networks of ONNX: their steps come first, and each direction has an axis."""

from __future__ import annotations

from cnncost.convert.from_onnx.call import Call
from cnncost.convert.from_onnx.entries import Entry
from cnncost.convert.operations import Operation, Value

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def recurrent(operator: str) -> Entry:
    """A recurrent network from a state of zeros."""

    def entry(call: Call) -> list[Operation] | None:
        source, hidden = call.live(), call["hidden_size"]
        inputs, states, biases = (call.weight(place) for place in (1, 2, 3))
        if inputs is None or states is None or not (inputs.parameter and states.parameter) or call["layout"]:
            return None
        ways = inputs.full[0]
        if call.given(4) or source.batch != 1 or hidden is None:
            return None
        rows = GATES[call.kind] * hidden
        tensors = []
        for way in range(ways):
            last = "_reverse" if way else ""
            tensors.append(part(call, inputs, f"weight_ih_l0{last}", (rows, source.full[-1])))
            tensors.append(part(call, states, f"weight_hh_l0{last}", (rows, hidden)))
            if biases is not None:
                tensors += [part(call, biases, f"bias_{of}_l0{last}", (rows,)) for of in ("ih", "hh")]
        steps, batch = source.full[:2]
        joint = call.step((steps, batch, ways * hidden))
        apart = call.step((steps, batch, ways, hidden))
        state = [value for value in call.results if len(value.full) == 3][:1]
        made = call.operation(
            operator,
            [joint, *state],
            input=source,
            params=tensors,
            has_biases=biases is not None,
            num_layers=1,
            bidirectional=ways == 2,
            batch_first=False,
        )
        found = [made]
        if call.node.output[0]:
            found.append(call.operation("reshape", [apart], self=joint))
            found.append(call.operation("permute", [call.out], self=apart, dims=[0, 2, 1, 3]))
        return found

    return entry


def part(call: Call, weights: Value, role: str, shape: tuple[int, ...]) -> Value:
    """The part of a tensor that is one weight of torch's layer."""
    name = f"{weights.parameter}.{role}"
    call.tensors.parts.setdefault(weights.parameter, {})[name] = shape
    return Value(name, shape, parameter=name)


TABLE: dict[str, Entry] = {
    "LSTM": recurrent("lstm"),
    "GRU": recurrent("gru"),
    "RNN": recurrent("rnn_tanh"),
}
