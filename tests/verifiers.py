"""Sourcify and Etherscan on loopback: they recompile with solc, and look at a chain.

What they answer, field by field, is what the services' own pages and servers say.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mint.chain.network import Chain
from tests.anvil_node import MODULES, rpc
from tests.ipfs_nodes import node_binary

KEY = "PLANTED" + "KEY0123456789"
Answer = tuple[int, dict[str, Any]]


@cache
def solc(question: str | None) -> str:
    """What the real solc says: to a standard-JSON input, or of its version."""
    command = [node_binary(), "--stack-size=8000", "solc-wrapper.js"]
    command.append("--version" if question is None else "--standard-json")
    done = subprocess.run(
        command, cwd=MODULES.parent, input=question, capture_output=True, check=True, text=True
    )
    return done.stdout


def compiled(standard_json: dict[str, Any], identifier: str) -> tuple[bytes, bytes, list[int]]:
    """Creation code, runtime code, and where immutables stand in it."""
    code = "evm.deployedBytecode"
    outputs = ["evm.bytecode.object", f"{code}.object", f"{code}.immutableReferences"]
    settings = {**standard_json["settings"], "outputSelection": {"*": {"*": outputs}}}
    answer = json.loads(solc(json.dumps({**standard_json, "settings": settings})))
    file, name = identifier.rsplit(":", 1)
    evm = answer["contracts"][file][name]["evm"]
    places = evm["deployedBytecode"]["immutableReferences"].values()
    starts = [place["start"] for each in places for place in each]
    objects = (evm[kind]["object"] for kind in ("bytecode", "deployedBytecode"))
    creation, runtime = (bytes.fromhex(each) for each in objects)
    return creation, runtime, starts


class Verifiers:
    """Both services over one chain. `verified` holds addresses, `heard` every request's line."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.verified: set[tuple[str, str]] = set()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.heard: list[str] = []
        self.troubles: list[Answer | None] = []  # answered first; None breaks off
        self.polls = 1  # how often a job is still at work
        self.url = ""

    # ---- what both do

    def matches(self, address: str, standard: dict[str, Any], identifier: str) -> bytes | None:
        """The words behind the recompiled creation code in the deploying transaction, or None."""
        creation, runtime, starts = compiled(standard, identifier)
        code = bytearray(self.chain.web3.eth.get_code(self.chain.web3.to_checksum_address(address)))
        for start in starts:
            code[start : start + 32] = bytes(32)
        sent = self.created(address)
        if bytes(code) != runtime or not sent.startswith(creation):
            return None
        return sent[len(creation) :]

    def created(self, address: str) -> bytes:
        """The code that a transaction sent to make the contract at `address`."""
        for number in range(self.chain.web3.eth.block_number + 1):
            for sent in rpc(self.chain, "eth_getBlockByNumber", hex(number), True)["transactions"]:
                receipt = rpc(self.chain, "eth_getTransactionReceipt", sent["hash"])
                if str(receipt["contractAddress"]).lower() == address.lower():
                    return bytes.fromhex(sent["input"][2:])
        return b""

    def wrong_compiler(self, version: str) -> bool:
        return version.removeprefix("v") + "." not in solc(None)

    def job(self, answer: dict[str, Any]) -> str:
        """The name of a job that comes to `answer` after `polls` questions."""
        name = f"job-{len(self.jobs)}"
        self.jobs[name] = {"polls": 0, "answer": answer}
        return name

    # ---- Sourcify, https://sourcify.dev/server/api-docs

    def sourcify(self, method: str, path: list[str], body: dict[str, Any]) -> Answer:
        if method == "GET":
            job = self.jobs[path[2]]
            job["polls"] += 1
            at_work = job["polls"] <= self.polls
            return 200, {"isJobCompleted": False} if at_work else job["answer"]
        chain_id, address = path[2:]
        if chain_id != str(self.chain.chain_id):
            return 404, _error("unsupported_chain", f"Chain {chain_id} not found")
        assert set(body["stdJsonInput"]) == {"language", "sources", "settings"}
        if self.wrong_compiler(body["compilerVersion"]):
            return 400, _error("invalid_parameter", "no such compiler")
        found = self.matches(address, body["stdJsonInput"], body["contractIdentifier"])
        match = None if found is None else "match"
        answer: dict[str, Any] = {"isJobCompleted": True, "contract": {"match": match}}
        if found is None:
            text = "The onchain and recompiled bytecodes don't match."
            answer["error"] = _error("no_match", text)
        elif ("sourcify", address) in self.verified:
            answer["error"] = _error("already_verified", "The contract is already verified")
        else:
            self.verified.add(("sourcify", address))
        return 202, {"verificationId": self.job(answer)}

    # ---- Etherscan, https://docs.etherscan.io/api-reference/endpoint/verifysourcecode

    def etherscan(self, method: str, query: dict[str, str], form: dict[str, str]) -> Answer:
        if query["apikey"] != KEY:
            return 200, _no(f"Invalid API Key (#err2)|{query['apikey']}")
        if query["chainid"] != str(self.chain.chain_id):
            return 200, _no("Missing or unsupported chainid parameter")
        if query["action"] == "checkverifystatus":
            assert method == "GET"
            job = self.jobs[query["guid"]]
            job["polls"] += 1
            return 200, _no("Pending in queue") if job["polls"] <= self.polls else job["answer"]
        assert (method, query["action"]) == ("POST", "verifysourcecode")
        assert form["codeformat"] == "solidity-standard-json-input"
        address = form["contractaddress"]
        if ("etherscan", address) in self.verified:
            return 200, _no("Contract source code already verified")
        if self.wrong_compiler(form["compilerversion"]):
            return 200, _no("Invalid compiler version")
        found = self.matches(address, json.loads(form["sourceCode"]), form["contractname"])
        if found is not None and found.hex() == form["constructorArguments"]:
            self.verified.add(("etherscan", address))
            answer = _yes("Pass - Verified")
        else:
            answer = _no("Fail - Unable to verify")
        return 200, _yes(self.job(answer))

    def answer(self, method: str, url: str, body: bytes) -> Answer | None:
        parts = urlsplit(url)
        self.heard.append(f"{method} {url}")
        if self.troubles:
            return self.troubles.pop(0)
        if parts.path.startswith("/v2/verify"):
            path = parts.path.strip("/").split("/")
            return self.sourcify(method, path, json.loads(body or b"{}"))
        return self.etherscan(method, _flat(parts.query), _flat(body.decode()))

    @property
    def environ(self) -> dict[str, str]:
        """What leads `mint` here instead."""
        urls = {"MINT_SOURCIFY_URL": self.url, "MINT_ETHERSCAN_URL": f"{self.url}/api"}
        return {**urls, "ETHERSCAN_API_KEY": KEY}


def _flat(text: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(text, keep_blank_values=True).items()}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"customCode": code, "message": message, "errorId": "0"}


def _yes(result: str) -> dict[str, Any]:
    return {"status": "1", "message": "OK", "result": result}


def _no(result: str) -> dict[str, Any]:
    return {"status": "0", "message": "NOTOK", "result": result}


@contextmanager
def verifiers(chain: Chain) -> Iterator[Verifiers]:
    """Both services, listening."""
    services = Verifiers(chain)

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = services.answer(self.command, self.path, body)
            if answer is None:
                self.close_connection = True
                return
            text = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def log_message(self, *arguments: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    services.url = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield services
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
