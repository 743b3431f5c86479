"""A plan of a launch as lines to read, and the question that follows them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from mint.cli.say import tell

if TYPE_CHECKING:
    from mint.cli.progress import News
    from mint.launch.plan import Plan, Step

Form = Literal["lines", "json", "none"]


def lines(plan: Plan) -> Iterator[str]:
    """The whole plan: steps, costs, money, what is for ever, and the pictures."""
    yield f"network     {plan.network} (chain {plan.chain_id}), a test network: its coins are free"
    yield f"wallet      {plan.wallet} with {_coins(plan, plan.balance)}"
    if plan.contract:
        yield f"contract    {plan.contract}, deployed already"
    if plan.under_way:
        yield "on its way  the contract was sent before; it is waited for, and not sent twice"
    if not plan.steps and not plan.under_way:
        yield "to send     nothing: all of it is done"
    for number, step in enumerate(plan.steps, 1):
        yield f"step {number:<6} {_step(plan, step)}"
    if any(step.forecast.gas for step in plan.steps):
        amounts = [step.forecast.gas for step in plan.steps]
        least, gas = "at least " if None in amounts else "", sum(filter(None, amounts))
        yield f"cost        {least}{gas:,} gas, {least}{_coins(plan, plan.cost)} at today's price"
        yield f"needed      {_coins(plan, plan.needed)} in the wallet, in case the price rises"
    for line in plan.meaning.money:
        yield f"money       {line}"
    for line in plan.meaning.for_ever:
        yield f"for ever    {line}"
    for line in plan.meaning.draw:
        yield f"draw        {line}"
    for line in plan.meaning.secret:
        yield f"secret      {line}"
    yield f"pictures    {plan.meaning.pictures}"


def _step(plan: Plan, step: Step) -> str:
    run = step.forecast
    if run.outcome == "would succeed" and run.gas is not None:
        cost = _coins(plan, run.gas * int(plan.gas_price))
        return f"{step.what}: {run.gas:,} gas, {cost}; it would succeed"
    if run.outcome == "would revert":
        return f"{step.what}: it would be refused: {run.why}"
    return f"{step.what}: whether it would succeed is unknown: {run.why}"


def _coins(plan: Plan, wei: int | str) -> str:
    from mint.launch.sentences import amount

    return amount(wei, plan.chain_id)


def agreeing(news: News, *, yes: bool, form: Form) -> Callable[[Plan], None]:
    """What shows a plan and asks, on a terminal; without one only `yes` agrees."""

    def agree(plan: Plan) -> None:
        news.interrupt(lambda: _show_and_ask(plan, form, yes=yes))

    return agree


def show(plan: Plan, form: Form) -> None:
    """The plan on stdout, nothing where a script wants another result there."""
    if form == "json":
        tell(plan.canonical().decode())
    elif form == "lines":
        for line in lines(plan):
            tell(line)


def _show_and_ask(plan: Plan, form: Form, *, yes: bool) -> None:
    import typer

    from mint.errors import LaunchError
    from mint.sale.commitment import BACKUP_QUESTION

    show(plan, form)
    if yes:
        return
    count = len(plan.steps)
    what = f"{count} transaction{'s' if count > 1 else ''}"
    if not sys.stdin.isatty():
        raise LaunchError(
            f"{what} on {plan.network} cost {_coins(plan, plan.cost)}, and nobody can be asked",
            hint="run it in a terminal, or add --yes",
        )
    try:
        if plan.meaning.backup and not typer.confirm(BACKUP_QUESTION, default=False, err=True):
            hint = "make the copy, then run the same command again"
            raise LaunchError("nothing was sent", hint=hint)
        question = f"Send {what} for about {_coins(plan, plan.cost)}?"
        agreed = typer.confirm(question, default=False, err=True)
    except typer.Abort:  # Ctrl-C, or the end of what is typed
        agreed = False
    if not agreed:
        raise LaunchError(
            "nothing was sent", hint="run the same command again when you want to launch"
        )
