"""The artist's wallet in a real browser: it connects, signs and sends, and it is told no."""

from __future__ import annotations

import _thread
import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mint.chain.account import Account
from mint.chain.browser import BrowserWallet, connect_browser
from mint.chain.browser.desk import Desk, Unanswered
from mint.chain.browser.server import PageServer, serve_page
from mint.chain.fairmint import deploy
from mint.chain.journal import Journal
from mint.chain.network import Chain, connect
from mint.chain.send import send
from mint.chain.wallet import Declined, open_wallet
from mint.errors import ChainError
from tests.anvil_node import anvil, rpc
from tests.chain.launches import LAUNCH
from tests.chain.payments import PAY, SOMEBODY
from tests.conftest import ROOT
from tests.extension import Extension, Refused
from tests.wallets import on

pytestmark = pytest.mark.anvil
CONTRAST = (ROOT / "tests/report/contrast.js").read_text(encoding="utf-8")
KEY, OTHER = "0x" + "17" * 32, "0x" + "18" * 32


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """Anvil as Sepolia."""
    with anvil("--chain-id", "11155111") as url:
        chain = connect(url, tmp_path_factory.mktemp("chain"))
        for signer in Extension(chain, KEY, OTHER).signers:
            rpc(chain, "anvil_setBalance", signer.address, hex(10**19))
        yield chain


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    yield context
    context.close()


@pytest.fixture
def extension(chain: Chain, context: BrowserContext) -> Extension:
    extension = Extension(chain, KEY)
    extension.install(context)
    return extension


class Artist:
    """Somebody at the page, while mint waits in a thread of its own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def begin(self, act: Callable[[], Any]) -> Future[Any]:
        """Have mint do something that asks this person."""
        future: Future[Any] = Future()

        def work() -> None:
            try:
                future.set_result(act())
            except BaseException as error:
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return future

    def end(self, future: Future[Any]) -> Any:
        """What came of it; the page goes on meanwhile."""
        until = time.monotonic() + 20
        while not future.done() and time.monotonic() < until:
            self.page.wait_for_timeout(10)
        return future.result(timeout=0)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def open(self, chain: Chain, patience: float = 20) -> Future[Any]:
        """Go to the address that mint announces."""
        lines: list[str] = []
        future = self.begin(lambda: connect_browser(chain, lines.append, patience))
        while not lines and not future.done():
            self.page.wait_for_timeout(10)
        self.page.goto(lines[0].split()[1])
        return future

    def connect(self, chain: Chain, patience: float = 20) -> BrowserWallet:
        future = self.open(chain, patience)
        self.press("Fox")
        wallet = self.end(future)
        assert isinstance(wallet, BrowserWallet)
        return wallet


@pytest.fixture
def artist(context: BrowserContext, extension: Extension) -> Iterator[Artist]:
    artist = Artist(context.new_page())
    yield artist
    assert artist.troubles == []


@pytest.fixture
def wallet(artist: Artist, chain: Chain) -> Iterator[BrowserWallet]:
    wallet = artist.connect(chain)
    yield wallet
    wallet.close()


def test_a_wallet_connects_signs_and_deploys(
    artist: Artist, extension: Extension, wallet: BrowserWallet, journal: Journal
) -> None:
    page, chain = artist.page, extension.chain
    assert wallet.address == extension.signers[0].address
    assert "wallet_switchEthereumChain" not in extension.questions

    signing = artist.begin(lambda: wallet.signature("mint: the secret of a draw\nnumber 1"))
    expect(page.locator("#words")).to_have_text("mint: the secret of a draw\nnumber 1")
    artist.press("Sign with Fox & <Friends>")
    signature = artist.end(signing)
    account = Account(chain, wallet, journal)
    deploying = artist.begin(lambda: deploy(account, LAUNCH))
    artist.press("Send with Fox")
    deployment = artist.end(deploying)

    from eth_account import Account as Key
    from eth_account.messages import encode_defunct

    message = encode_defunct(text="mint: the secret of a draw\nnumber 1")
    assert Key.recover_message(message, signature=signature) == wallet.address
    assert deployment.owner == wallet.address
    expect(page.locator("#done li")).to_have_count(2)
    link = page.locator("#done a").get_attribute("href")
    assert link == f"https://sepolia.etherscan.io/tx/{deployment.transactions[0].transaction}"
    wallet.close()
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()


def test_what_will_be_sent_stands_on_the_page_in_words(
    artist: Artist, wallet: BrowserWallet, chain: Chain, journal: Journal
) -> None:
    account = Account(chain, wallet, journal)
    sending = artist.begin(lambda: send(account, "pay", {**PAY, "value": 25 * 10**15}))
    expect(artist.page.get_by_role("heading", name="Send coins")).to_be_visible()
    expect(artist.page.locator("#facts")).to_be_visible()
    shown = artist.page.locator("#facts").inner_text()
    assert SOMEBODY in shown
    assert "0.025 ETH" in shown
    assert "at most 0.0251" in shown
    assert wallet.address in shown
    assert artist.page.evaluate(CONTRAST) == []
    artist.press("Do not send")
    with pytest.raises(Declined, match="the wallet did not sign: declined on the page"):
        artist.end(sending)
    assert account.purposes("pay") == []  # nothing was sent, so it may be sent again
    expect(artist.page.get_by_role("heading", name="Not signed")).to_be_visible()


def test_a_refusal_of_the_wallet(
    artist: Artist, extension: Extension, wallet: BrowserWallet
) -> None:
    fields = {**PAY, "chainId": 11155111, "gas": 21000, "maxFeePerGas": 10**9}
    for refusal, error, says in (
        (Refused(4001, "User rejected the request."), Declined, "did not sign: User rejected"),
        (Refused(-32602, "Invalid params"), Declined, "did not sign: Invalid params"),
        # Whether this was sent, the chain alone knows.
        (Refused(-32603, "Internal error"), ChainError, "the wallet says: Internal error"),
    ):
        extension.refusal = refusal
        sending = artist.begin(lambda: wallet.submit(fields))
        artist.press("Send with Fox")
        with pytest.raises(ChainError, match=says) as caught:
            artist.end(sending)
        assert type(caught.value) is error
        title = "Perhaps sent" if error is ChainError else "Not signed"
        expect(artist.page.get_by_role("heading", name=title)).to_be_visible()


def test_another_network_or_account_is_not_signed_with(
    artist: Artist, extension: Extension, chain: Chain
) -> None:
    extension.chain_id, extension.known = 1, {1}
    wallet = artist.connect(chain)
    assert extension.questions[-2:] == ["wallet_addEthereumChain", "eth_chainId"]
    assert extension.chain_id == chain.chain_id

    extension.chain_id = 1  # its owner changes it in the middle of a run
    signing = artist.begin(lambda: wallet.signature("one"))
    artist.press("Sign with Fox")
    assert len(artist.end(signing)) == 65
    assert extension.chain_id == chain.chain_id

    own, extension.signers = extension.signers, Extension(chain, OTHER).signers
    signing = artist.begin(lambda: wallet.signature("two"))
    artist.press("Sign with Fox")
    status = artist.page.get_by_role("status")
    expect(status).to_contain_text(f"This run signs with {wallet.address}")
    extension.signers = own + extension.signers  # now it shows both
    artist.press("Sign with Fox")
    assert len(artist.end(signing)) == 65
    wallet.close()


def test_one_of_several_accounts_is_chosen(
    artist: Artist, extension: Extension, chain: Chain
) -> None:
    extension.signers += Extension(chain, OTHER).signers
    future = artist.open(chain)
    artist.press("Fox")
    artist.press(extension.signers[1].address)
    wallet = artist.end(future)
    assert wallet.address == extension.signers[1].address
    wallet.close()


def test_a_page_says_that_there_is_no_wallet_or_no_mint(browser: Browser) -> None:
    server, url = serve_page(Desk(), {"chain": {"chainName": "sepolia"}, "refusals": []})
    page = browser.new_page()
    page.goto(url)
    asking = Artist(page).begin(lambda: server.desk.ask("connect", {}, 3))
    expect(page.get_by_text("There is no wallet in this browser.")).to_be_visible()
    page.context.set_offline(True)
    server._server.closed.set()  # as if it were killed: no farewell
    expect(page.get_by_role("heading", name="mint has stopped")).to_be_visible()
    server.close()
    page.close()
    assert isinstance(asking.exception(timeout=6), Unanswered)


def test_a_page_that_is_opened_anew_goes_on_and_asks_nothing_twice(
    artist: Artist, wallet: BrowserWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.chain.browser.desk.GRACE", 0.5)
    artist.page.reload()
    signing = artist.begin(lambda: wallet.signature("one"))
    artist.press("Sign with Fox")
    assert len(artist.end(signing)) == 65

    # Taken by a page that is gone, the next question is the wallet's no second time.
    fields = {**PAY, "chainId": 11155111, "gas": 21000, "maxFeePerGas": 10**9}
    sending = artist.begin(lambda: wallet.submit(fields))
    artist.page.evaluate("() => { window.__silent = 'eth_sendTransaction'; }")
    artist.press("Send with Fox")
    expect(artist.page.get_by_role("status")).to_contain_text("Confirm it in Fox")
    artist.page.reload()
    expect(artist.page.get_by_role("heading", name="Your wallet was asked")).to_be_visible()
    assert artist.page.get_by_role("button", name="Send").count() == 0
    artist.page.goto("about:blank")
    with pytest.raises(ChainError, match="did not answer: its page was closed") as caught:
        artist.end(sending)
    assert not isinstance(caught.value, Declined)


def test_a_hash_that_mint_does_not_hear_of_stays_on_the_page(
    artist: Artist, extension: Extension, wallet: BrowserWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.chain.browser.desk.GRACE", 0.2)
    artist.page.route("**/answer", lambda route: route.abort())
    fields = {**PAY, "gas": 21000, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 1}
    sending = artist.begin(lambda: wallet.submit({**fields, "chainId": 11155111}))
    artist.press("Send with Fox")
    status = artist.page.get_by_role("status")
    expect(status).to_contain_text("your wallet has sent 0x")
    (hash_,) = re.findall("0x[0-9a-f]{64}", status.inner_text())
    receipt: Any = extension.chain.web3.eth.wait_for_transaction_receipt(hash_)
    assert receipt["from"] == wallet.address
    artist.page.goto("about:blank")
    with pytest.raises(ChainError, match="did not answer: its page was closed"):
        artist.end(sending)
    artist.troubles.clear()  # the request that failed


def test_nobody_answers(chain: Chain) -> None:
    with pytest.raises(ChainError, match="no wallet was connected in the browser") as caught:
        connect_browser(chain, lambda line: None, 0.2)
    assert "--wallet NAME" in caught.value.hint
    with pytest.raises(ChainError, match="no browser can reach it"):
        open_wallet(on("local"), "browser", {})


def test_stopping_mint_before_a_confirmation_sends_nothing(chain: Chain) -> None:
    desk = Desk()
    wallet = BrowserWallet(chain, desk, lambda: None, lambda line: None, 5)
    fields = {**PAY, "chainId": 11155111, "gas": 21000, "maxFeePerGas": 10**9}
    threading.Timer(0.3, _thread.interrupt_main).start()  # Ctrl-C
    with pytest.raises(Declined, match="nothing was sent"):
        wallet.submit(fields)
    assert desk.news(-1, 1)[1]["kind"] == "idle"  # no page can take it any more


# The server, as other programs and other sites' pages find it.


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    server, _ = serve_page(Desk(), {"chain": "</script><script>alert(1)</script>"})
    yield server
    server.close()


def asked(server: PageServer, method: str, place: str = "", **headers: str) -> tuple[int, str]:
    url = urlsplit(server.url)
    connection = http.client.HTTPConnection("127.0.0.1", url.port or 0, timeout=5)
    own = {"Host": url.netloc, "Origin": f"http://{url.netloc}", "Content-Type": "application/json"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = '{"number": 1}' if method == "POST" else None
    path = place if place.startswith("/") else url.path + place
    connection.request(method, path, body, {**own, **named})
    reply = connection.getresponse()
    text = f"{reply.headers}{reply.read().decode()}"
    connection.close()
    return reply.status, text


def test_the_page_may_run_only_its_own_script(server: PageServer) -> None:
    status, text = asked(server, "GET")
    assert status == 200
    assert "default-src 'none'" in text
    assert "script-src 'sha256-" in text
    assert "frame-ancestors 'none'" in text
    assert "Referrer-Policy: no-referrer" in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    ("method", "place", "headers", "status"),
    [
        ("GET", "", {"Host": "evil.example"}, 403),
        ("GET", "", {"Host": "localhost:1"}, 403),
        ("GET", "", {"Origin": "https://evil.example"}, 403),
        ("GET", "events", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("GET", "", {"Sec_Fetch_Site": "same-site"}, 403),
        ("GET", "/", {}, 403),
        ("GET", "/guessed/", {}, 403),
        ("GET", "/guessed/events", {}, 403),
        ("GET", "other", {}, 404),
        ("POST", "/guessed/answer", {}, 403),
        ("POST", "answer", {"Origin": "null"}, 403),
        ("POST", "answer", {"Origin": "http://127.0.0.1:1"}, 403),
        ("POST", "answer", {"Content_Type": "text/plain"}, 400),
        ("POST", "answer", {"Content_Length": "999999999"}, 400),
        ("POST", "other", {}, 400),
        ("POST", "take", {}, 409),
        ("POST", "answer", {}, 409),
        ("PUT", "answer", {}, 501),
    ],
)
def test_strangers_are_turned_away(
    server: PageServer, method: str, place: str, headers: dict[str, str], status: int
) -> None:
    got, text = asked(server, method, place, **headers)
    assert got == status
    assert server.token not in text


def test_a_job_is_taken_once_and_answered_once() -> None:
    desk = Desk()
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(desk.ask("sign", {}, 5)))
    thread.start()
    while (number := desk.news(-1, 1)[1]["number"]) == 0:
        pass
    assert [desk.take(number), desk.take(number), desk.take(number + 1)] == [True, False, False]
    assert not desk.answer(number - 1, {"signature": "0x"})
    assert not desk.answer(number, {})
    assert desk.answer(number, {"signature": "0x"})
    thread.join()
    assert answers == [{"signature": "0x"}]
    assert not desk.answer(number, {"signature": "0x"})
    with pytest.raises(Unanswered) as late:
        desk.ask("send", {}, 0.05)
    assert not late.value.taken
    taking = threading.Timer(0.05, lambda: desk.take(desk.news(-1, 1)[1]["number"]))
    taking.start()
    desk.enter()  # somebody looks, and says nothing
    with pytest.raises(Unanswered, match="nobody did within 0 seconds") as late:
        desk.ask("send", {}, 0.4)
    assert late.value.taken


def test_a_signature_is_repeated_to_no_page() -> None:
    desk = Desk()
    desk.enter()
    timer = threading.Timer(
        0.05, lambda: desk.answer(desk.news(-1, 1)[1]["number"], {"signature": "0x12"})
    )
    timer.start()
    assert desk.ask("sign", {}, 5) == {"signature": "0x12"}
    assert "signature" not in str(desk.news(-1, 1)[1]["outcome"])  # of a secret, perhaps
