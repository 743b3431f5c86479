"""Which mixtures of two pictures are there already, and which are to be painted."""

from __future__ import annotations

from mint.vary.blend import Mixtures, Named, division

FOUR = [0.5, 0.4, 0.6, 0.3]  # what `mint blend FILE 3 7` paints first


def wish(share: float, number: int = 4, *, more: bool = False) -> Mixtures:
    return Mixtures(Named(3), Named(7), 3, share, number, more)


def test_the_same_wish_paints_nothing_and_another_share_is_painted() -> None:
    assert division(wish(0.5), FOUR) == ([0, 1, 2, 3], [])
    assert division(wish(0.5), []) == ([], FOUR)
    earlier, new = division(wish(0.7), FOUR)
    assert [FOUR[place] for place in earlier] == [0.6, 0.5]
    assert new == [0.7, 0.8]
    assert division(wish(0.7, 1), FOUR) == ([], [0.7])


def test_more_are_painted_besides_all_that_lie_around() -> None:
    assert division(wish(0.5, 2, more=True), FOUR) == ([0, 1, 2, 3], [0.7, 0.5])
    assert division(wish(0.7, 1, more=True), FOUR) == ([0, 2], [0.7])
    assert division(wish(0.7, 2, more=True), [0.5]) == ([0], [0.7, 0.6])
    assert division(wish(0.5, 6), FOUR) == ([0, 1, 2, 3], [0.7, 0.5])
