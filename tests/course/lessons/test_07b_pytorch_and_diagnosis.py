"""Lesson 07b: its cells for the reader's own code pass right answers and name wrong ones."""

from __future__ import annotations

import pytest

from tests.support.your_turn import turns

TURNS = turns("07b_pytorch_and_diagnosis")
TWO_PLACES, OWN, INSIDE, TWO_OBJECTS, ONCE, WEIGHTS, BLOCK = (
    "one object in two places",
    "an object for each place, all of one kind",
    "inside of a block as well",
    "two objects, each in two places",
    "three places, each named once",
    "a layer with weights",
    "a block and its parts",
)
NUMBER, LEARNS, START, RATE, GIVEN, TOO_MANY = (
    "a number comes back",
    "a sound network learns 20 digits",
    "without a step it is the loss at the start, up to one step",
    "with Adam at rate 0.01: after 5 steps, much is learnt and much is left",
    "the network that was given is as before",
    "a softmax too many is found: the loss stays above 1.46",
)
COPY = "    model = copy.deepcopy(model)"
ADAM = "    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("shared_places", """
def shared_places(model):
    places = {}
    for name, module in model.named_modules(remove_duplicate=False):
        places.setdefault(module, []).append(name)
    return {name for names in places.values() if len(names) > 1 for name in names}
"""),
        ("shared_places", """
def shared_places(model):
    def walk(module, path):
        yield path, module
        for name, child in module._modules.items():
            yield from walk(child, f"{path}.{name}" if path else name)

    found = list(walk(model, ""))
    for name, module in found:
        if any(module is other and name != where for where, other in found):
            yield name
"""),
        ("by_heart", """
def by_heart(model, x, y, steps=100):
    net = copy.deepcopy(model).train()
    optimizer, criterion = torch.optim.Adam(net.parameters(), 1e-2), nn.CrossEntropyLoss()
    for step in range(steps):
        net.zero_grad()
        out = criterion(net(x), y)
        out.backward(), optimizer.step()
    return out.detach().reshape(1)
"""),
        ("by_heart", """
def by_heart(network, inputs, classes, n=100):
    network = copy.deepcopy(network)
    adam = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(n):
        adam.zero_grad()
        loss = nn.CrossEntropyLoss()(network(inputs), classes)
        loss.backward()
        adam.step()
    return loss.detach().numpy()
"""),
        ("by_heart", """
def by_heart(model, x, y, steps=100):
    net = copy.deepcopy(model)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    return list(descend(net, F.cross_entropy, batches(x, y, steps=steps), optimizer))[-1]
"""),
        ("by_heart", """
def by_heart(model, x, y, steps=100):
    net = copy.deepcopy(model)
    adam = torch.optim.Adam(net.parameters(), lr=0.01)

    def closure():
        adam.zero_grad()
        loss = F.nll_loss(F.log_softmax(net(x), dim=1), y)
        loss.backward()
        return loss

    for _ in range(steps):
        adam.step(closure)
    with torch.no_grad():
        return F.cross_entropy(net(x), y)
"""),
    ],
)  # fmt: skip
def test_other_right_answers_pass(name: str, answer: str) -> None:
    assert TURNS[name].failed(answer) == {}


@pytest.mark.parametrize(
    ("name", "change", "fails"),
    [
        ("shared_places", ("remove_duplicate=False", ""), {TWO_PLACES, INSIDE, TWO_OBJECTS, ONCE, WEIGHTS, BLOCK}),
        ("shared_places", ("model.named_modules(remove_duplicate=False)", "model._modules.items()"),
         {INSIDE, TWO_OBJECTS, ONCE, BLOCK}),
        ("shared_places", ("id(module) for _", "type(module) for _"),
         {TWO_PLACES, INSIDE, TWO_OBJECTS, ONCE, WEIGHTS, BLOCK}),
        ("shared_places", ("[name for name, module in places if times[id(module)] > 1]",
                           "[name for n, (name, module) in enumerate(places) if module in [m for _, m in places[:n]]]"),
         {TWO_PLACES, INSIDE, TWO_OBJECTS, ONCE, WEIGHTS, BLOCK}),
        ("shared_places", ("return [name", "return [module"), {TWO_PLACES, INSIDE, TWO_OBJECTS, ONCE, WEIGHTS, BLOCK}),
        ("shared_places", ("> 1", "> 0"), {TWO_PLACES, OWN, INSIDE, TWO_OBJECTS, ONCE, WEIGHTS, BLOCK}),
        ("shared_places", ("return [name for name, module in places if times[id(module)] > 1]",
                           "return [a for a, m in places for b, other in places if m is other and a != b]"), {ONCE}),
        ("shared_places", ("remove_duplicate=False))",
                           "remove_duplicate=False))\n    places = [p for p in places if not list(p[1].children())]"),
         {BLOCK}),
        ("shared_places", ("remove_duplicate=False))",
                           "remove_duplicate=False))\n    places = [p for p in places if type(p[1]) is not nn.Linear]"),
         {WEIGHTS, BLOCK}),
        ("shared_places", ("remove_duplicate=False))",
                           "remove_duplicate=False))\n"
                           "    places = [p for p in places if type(p[1]) in (nn.ReLU, nn.PReLU)]"),
         {WEIGHTS, BLOCK}),
        ("by_heart", ("copy.deepcopy(model)", "model"), {GIVEN}),
        ("by_heart", (COPY, f"    model.eval()\n{COPY}.train()"), {GIVEN}),
        ("by_heart", ("range(steps)", "range(100)"), {START, RATE}),
        ("by_heart", ("lr=0.01", "lr=0.001"), {RATE}),
        ("by_heart", ("torch.optim.Adam", "torch.optim.SGD"), {LEARNS, RATE, TOO_MANY}),
        ("by_heart", (f"{COPY}\n{ADAM}\n", f"{ADAM}\n{COPY}\n"),
         {LEARNS, RATE, GIVEN, TOO_MANY}),
        ("by_heart", ("        optimizer.step()\n", ""), {LEARNS, RATE, TOO_MANY}),
        ("by_heart", ("lr=0.01", "lr=1e-5"), {LEARNS, RATE, TOO_MANY}),
        ("by_heart", ("range(steps)", "range(1)"), {LEARNS, RATE, TOO_MANY}),
        ("by_heart", ("loss.item()", "[loss.item()]"), {NUMBER, LEARNS, START, RATE, TOO_MANY}),
        ("by_heart", ("F.cross_entropy(model(x), y)", "F.cross_entropy(model(x).softmax(dim=1), y)"),
         {LEARNS, RATE, TOO_MANY}),
        ("by_heart", ("F.cross_entropy(model(x), y)", "F.nll_loss(model(x), y)"), {START, RATE, TOO_MANY}),
    ],
)  # fmt: skip
def test_wrong_answers_fail_by_the_check_that_names_the_slip(
    name: str, change: tuple[str, str], fails: set[str]
) -> None:
    assert set(TURNS[name].failed(TURNS[name].changed(*change))) == fails


def test_gradients_that_stay_in_the_network_are_found() -> None:
    restoring = """
def by_heart(model, x, y, steps=100):
    before = copy.deepcopy(model.state_dict())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    model.load_state_dict(before)
    return loss.item()
"""
    assert TURNS["by_heart"].failed(restoring) == {
        GIVEN: "The gradient stored in 0.weight is not what it was before the call."
    }


def test_a_message_says_what_came() -> None:
    by_type = TURNS["shared_places"].failed("""
def shared_places(model):
    return [name for name, module in model.named_modules() if isinstance(module, nn.ReLU)]
""")
    assert by_type[OWN] == "'0', '2' is in your list, and no object there is shared."
    assert by_type[TWO_PLACES] == "1 of 2 shared places are not in your list."
    in_place = TURNS["by_heart"].changed("copy.deepcopy(model)", "model")
    assert TURNS["by_heart"].failed(in_place) == {GIVEN: "6 of its 6 tensors of weights have changed."}
