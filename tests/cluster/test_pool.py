"""The loop that hands out calls, on a Ray whose answers come when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mint.cluster import workers
from mint.cluster.crew import Crew, Rules
from mint.cluster.painter import Introduction
from mint.cluster.pool import Pool
from mint.cluster.workers import Call, Share, kind_of
from mint.errors import OutOfMemory, RenderError
from mint.paint.picture import Picture
from mint.plan.recipe import Runtime

NODES = {"A": "aa" * 28, "B": "bb" * 28}  # Ray's ids of the machines
HERE = Runtime(weights="w", libraries={})
KIND = kind_of(HERE)


class Reference:
    """What Ray answers a call with at once; `value` is there later, or the error that it raises."""

    def __init__(self, actor: Actor, method: str, arguments: tuple[Any, ...]) -> None:
        self.actor, self.method, self.arguments = actor, method, arguments
        self.value: Any = None


class Actor:
    def __init__(self, ray: Ray, node: str) -> None:
        self.ray, self.node = ray, node

    def __getattr__(self, method: str) -> Any:
        actor = self

        class Remote:
            def remote(self, *arguments: Any) -> Reference:
                reference = Reference(actor, method, arguments)
                if method == "introduce":
                    reference.value = Introduction(actor.node, 1, True, HERE, None)
                actor.ray.sent.append(reference)
                return reference

        return Remote()


class Ray:
    """Two machines of one core; `turn` is called whenever nothing is ready."""

    def __init__(self, turn: Callable[[Ray], None]) -> None:
        self.turn, self.sent = turn, list[Reference]()
        self.machines = {"A": True, "B": True}

    def nodes(self) -> list[dict[str, Any]]:
        return [
            {"NodeID": NODES[name], "Alive": alive, "Resources": {"CPU": 1}}
            for name, alive in self.machines.items()
        ]

    def remote(self, kind: type) -> Ray:
        return self

    def options(self, *, scheduling_strategy: Any, **resources: Any) -> Any:
        ray = self

        class Remote:
            def remote(self, assignment: Any) -> Actor:
                names = {node: name for name, node in NODES.items()}
                return Actor(ray, names[scheduling_strategy.node_id])

        return Remote()

    def wait(
        self, references: list[Reference], *, num_returns: int, timeout: float
    ) -> tuple[list[Reference], list[Reference]]:
        ready = [each for each in references if each.value is not None]
        if not ready:
            self.turn(self)
        return ready[:num_returns], []

    def get(self, reference: Reference) -> Any:
        if isinstance(reference.value, Exception):
            raise reference.value
        return reference.value

    def kill(self, actor: Actor) -> None:
        pass

    def of(self, node: str, number: int) -> Reference:
        """The last time that a machine got the call with this number."""
        calls = [each for each in self.sent if each.actor.node == node]
        return next(each for each in reversed(calls) if each.arguments == (number,))

    def has(self, node: str, number: int) -> int:
        """How often a machine got it."""
        return sum(e.actor.node == node and e.arguments == (number,) for e in self.sent)


def pool(ray: Ray, warnings: list[str]) -> Pool:
    rules = Rules(dict, lambda introduction: "", warnings.append)
    return Pool(Crew(ray, None, Share(1, 0), rules, 0))  # type: ignore[arg-type]  # no painter


def calls(*numbers: int) -> list[Call]:
    return [Call(number, "enlarge", (number,), KIND) for number in numbers]


def picture(pixels: str) -> Picture:
    return Picture(pixels=pixels, file="f", size=1)


@pytest.mark.parametrize("second", ["same", "other"])
def test_a_late_call_is_given_to_an_idle_worker_too(
    second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "STRAGGLING", 0.0)
    warnings: list[str] = []

    def turn(ray: Ray) -> None:
        if not ray.has("B", 1):  # A keeps 1, B answers all others and is idle
            for reference in ray.sent:
                if reference.actor.node == "B" and reference.value is None:
                    reference.value = picture(f"{reference.arguments[0]}")
        elif ray.of("B", 1).value is None:
            ray.of("B", 1).value = picture("same")
        else:
            ray.of("A", 1).value = picture(second)
            for reference in ray.sent:
                reference.value = reference.value or picture("x")

    ray = Ray(turn)
    mine = pool(ray, warnings)
    mine.settle()
    answers = {call.number: answer.pixels for call, answer in mine.run(calls(1, 2, 3, 4))}
    for _ in mine.run(calls(5, 6)):  # in which the second answer is heard
        pass

    assert answers[1] == "same"
    assert (ray.has("A", 1), ray.has("B", 1)) == (1, 1)
    different = "no longer painting on A: it painted other pixels than another machine did"
    assert any(different in line for line in warnings) == (second == "other")


def test_a_worker_does_not_get_a_call_twice_when_the_other_one_dies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ray.exceptions import ActorDiedError

    monkeypatch.setattr(workers, "STRAGGLING", 0.0)
    warnings: list[str] = []

    def turn(ray: Ray) -> None:
        if not ray.has("B", 1):
            for reference in ray.sent:
                if reference.actor.node == "B" and reference.value is None:
                    reference.value = picture(f"{reference.arguments[0]}")
        elif ray.machines["A"]:
            ray.machines["A"] = False
            for reference in ray.sent:
                if reference.actor.node == "A":
                    reference.value = ActorDiedError()
        else:
            for reference in ray.sent:
                reference.value = reference.value or picture("late")

    ray = Ray(turn)
    mine = pool(ray, warnings)
    mine.settle()
    answers = {call.number for call, _ in mine.run(calls(1, 2, 3, 4))}

    assert answers == {1, 2, 3, 4}
    assert ray.has("B", 1) == 1
    assert warnings == ["a painter on A stopped; another one paints what it had"]


def test_what_a_call_raises_is_raised_once() -> None:
    from ray.exceptions import RayTaskError

    def turn(ray: Ray) -> None:
        for reference in ray.sent:
            if reference.value is None:
                failed = reference.arguments == (1,)
                error = RayTaskError("render", "trace", OutOfMemory("no room"))
                reference.value = error if failed else picture("x")

    mine = pool(Ray(turn), [])
    mine.settle()

    with pytest.raises(OutOfMemory, match="no room"):
        list(mine.run(calls(1)))
    assert [call.number for call, _ in mine.run(calls(2))] == [2]


@pytest.mark.parametrize("fails", [True, False])
def test_the_second_copy_of_a_call_that_failed_ends_nothing(
    fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a batch is tried that is too large: a smaller one is taken then."""
    from ray.exceptions import RayTaskError

    monkeypatch.setattr(workers, "STRAGGLING", 0.0)
    error = RayTaskError("render", "trace", OutOfMemory("no room"))

    def turn(ray: Ray) -> None:
        if not ray.has("B", 1):  # A keeps 1, B answers all others and is idle
            for reference in ray.sent:
                if reference.actor.node == "B" and reference.value is None:
                    reference.value = picture(f"{reference.arguments[0]}")
        elif ray.of("A", 1).value is None:
            ray.of("A", 1).value = error
        else:
            ray.of("B", 1).value = error if fails else picture("late")
            for reference in ray.sent:
                reference.value = reference.value or picture("x")

    warnings: list[str] = []
    mine = pool(Ray(turn), warnings)
    mine.settle()
    with pytest.raises(OutOfMemory, match="no room"):
        list(mine.run(calls(1, 2, 3, 4)))

    assert sorted(call.number for call, _ in mine.run(calls(5, 6))) == [5, 6]
    assert warnings == []


def test_calls_for_a_kind_that_nobody_is_end_the_build() -> None:
    mine = pool(Ray(lambda ray: None), [])
    mine.settle()

    with pytest.raises(RenderError, match="no machine is left of the kind"):
        list(mine.run([Call(1, "paint", (1,), "another")]))


def test_a_cluster_without_room_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = Ray(lambda ray: None)
    mine = Pool(Crew(ray, None, Share(4, 0), Rules(dict, lambda who: "", print), 0))  # type: ignore[arg-type]  # no painter

    with pytest.raises(RenderError, match="no machine of the Ray cluster has 4 CPU cores"):
        mine.first()
