"""Each list stands once; where a type must repeat its words, they are the same words."""

from __future__ import annotations

from typing import get_args

from mint.build import FUNCTIONS
from mint.models.painter import SCHEDULERS
from mint.spec.painting import Scheduler
from mint.stages import LEAVES, STAGES


def test_every_stage_has_a_function_and_says_what_it_leaves() -> None:
    assert ("plan", *FUNCTIONS) == STAGES == tuple(LEAVES)


def test_every_scheduler_that_may_be_written_is_known() -> None:
    assert {"default", *SCHEDULERS} == set(get_args(Scheduler))
