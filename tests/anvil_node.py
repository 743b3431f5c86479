"""A real anvil on a free loopback port, ended by its own process id; and faults for any chain."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mint.chain.network import Chain

MODULES = Path(__file__).resolve().parent.parent / "contracts" / "node_modules"


def binary(tool: str) -> Path:
    """npm's native binary of `anvil` or `forge` for this machine."""
    found = sorted(MODULES.glob(f"@foundry-rs/{tool}-*/bin/{tool}*"))
    assert found, f"contracts/node_modules holds no {tool}; run scripts/test, which installs it"
    return found[0]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def anvil(*arguments: str, port: int | None = None) -> Iterator[str]:
    """Its URL. EIP-7825's cap is on, as on the real chains."""
    port = port or free_port()
    command = [str(binary("anvil")), "--port", str(port), "--silent", "--enable-tx-gas-limit"]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL)
    try:
        _listening(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _listening(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(400):
        assert process.poll() is None, "anvil ended at once"
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("anvil did not listen within 20 s")


def rpc(chain: Chain, method: str, *params: Any) -> Any:
    """The node's own answer, past every fault."""
    answer: Any = chain.web3.provider.make_request(method, list(params))  # type: ignore[arg-type]  # anvil's methods are none of web3's names
    assert "error" not in answer, answer
    return answer["result"]


Asked = Callable[[str, Any], Any]


def between(chain: Chain, fault: Callable[[Asked, str, Any], Any]) -> None:
    """Let `fault(ask, method, params)` stand between our code and the node."""
    from web3.middleware import Web3Middleware

    class Fault(Web3Middleware):
        def wrap_make_request(self, make_request: Any) -> Any:
            return lambda method, params: fault(make_request, method, params)

    chain.web3.middleware_onion.inject(Fault, layer=0)
