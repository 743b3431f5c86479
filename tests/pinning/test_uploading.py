"""What is said of an upload while it goes on, breaks off, and goes on again."""

from __future__ import annotations

from mint.pinning.uploading import Uploading, spoken
from mint.stages import Step

MB = 1_000_000


class Listener:
    """An Uploading, its clock, and what it says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.news, self.notes = list[tuple[Step, int, int]](), list[str]()
        self.sent = Uploading(
            lambda *news: self.news.append(news), self.notes.append, lambda: self.now
        )

    def go(self, done: int, seconds: float = 0.01) -> None:
        self.now += seconds
        self.sent(done, 100 * MB)


def test_no_more_is_said_than_can_be_read() -> None:
    it = Listener()
    for done in range(101):
        it.go(done * MB, 0.125)
    said = [done // MB for _, done, _ in it.news]
    assert said == list(range(0, 101, 4))
    assert it.notes == []


def test_a_break_is_said_with_what_is_lost() -> None:
    it = Listener()
    for done in (0, 40, 60):
        it.go(done * MB)
    it.go(48 * MB)
    assert it.notes == ["the upload broke off at 60 of 100 MB, and goes on at 48 MB"]
    it.go(80 * MB)
    it.go(262_144)
    assert it.notes[1:] == [
        "the upload broke off at 80 of 100 MB and starts anew: what had arrived was not kept"
    ]
    assert it.news[-1] == ("uploading", 262_144, 100 * MB)


def test_a_second_upload_is_no_break() -> None:
    it = Listener()
    it.go(100 * MB)
    it.go(5 * MB)  # to another service
    it.sent(1 * MB, 30 * MB)  # another file
    it.sent(0, 0)  # that one failed, and the next service is given the same file
    it.sent(0, 30 * MB)
    assert it.notes == []
    assert it.news[-1] == ("uploading", 0, 30 * MB)


def test_a_listener_without_a_screen_hears_sentences() -> None:
    said = list[str]()
    sent = spoken(said.append)
    for done in range(0, 100 * MB, MB):
        sent(done, 100 * MB)
    sent(100 * MB, 100 * MB)
    assert said == ["uploading 0 of 100 MB", "uploading 100 of 100 MB"]
