"""A wallet as browsers have them: EIP-6963 announces it, EIP-1193 asks it; its chain is anvil."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from mint.chain.network import Chain

_ICON = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' fill='%23c8552b'/><circle cx='16' cy='16' r='8' "
    "fill='white'/></svg>"
)
_SHIM = """(() => {
  const provider = { request: async (question) => {
    if (question.method === window.__silent) await new Promise(() => {}); // nobody answers it
    const answer = JSON.parse(await window.__ask(JSON.stringify(question)));
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.result;
  } };
  const info = Object.freeze(INFO);
  const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider",
    { detail: Object.freeze({ info, provider }) }));
  window.addEventListener("eip6963:requestProvider", announce);
  announce();
})()"""


class Refused(Exception):
    """What the wallet answers instead: a code of EIP-1193 or JSON-RPC, and its words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Extension:
    """`questions` has what it was asked; each change of the other fields is its owner's doing."""

    def __init__(self, chain: Chain, *keys: str) -> None:
        from eth_account import Account

        self.chain, self.chain_id = chain, chain.chain_id
        self.known = {1, chain.chain_id}  # the networks that it knows
        self.signers = [Account.from_key(key) for key in keys]
        self.refusal: Refused | None = None  # to the next transaction or signature
        self.questions: list[str] = []

    def install(self, context: BrowserContext, name: str = "Fox & <Friends>") -> None:
        """Have it in every page of `context`."""
        info = {"uuid": "1", "name": name, "icon": _ICON, "rdns": "test.fox"}
        context.expose_function("__ask", self.ask)
        context.add_init_script(_SHIM.replace("INFO", json.dumps(info)))

    def ask(self, text: str) -> str:
        question = json.loads(text)
        self.questions.append(question["method"])
        try:
            return json.dumps({"result": self.answer(**question)})
        except Refused as error:
            return json.dumps({"error": {"code": error.code, "message": str(error)}})

    def answer(self, method: str, params: Any = ()) -> Any:
        match method:
            case "eth_accounts" | "eth_requestAccounts":
                return [signer.address for signer in self.signers]
            case "eth_chainId":
                return hex(self.chain_id)
            case "wallet_switchEthereumChain":
                self._switch(int(params[0]["chainId"], 16))
            case "wallet_addEthereumChain":
                self.known.add(int(params[0]["chainId"], 16))
                self._switch(int(params[0]["chainId"], 16))
            case "personal_sign":
                return self._sign(*params)
            case "eth_sendTransaction":
                return self._send(params[0])
            case _:
                raise Refused(-32601, f"no {method} here")
        return None

    def _switch(self, chain_id: int) -> None:
        if chain_id not in self.known:
            raise Refused(4902, "Unrecognized chain ID")
        self.chain_id = chain_id

    def _refuse(self) -> None:
        if refusal := self.refusal:
            self.refusal = None
            raise refusal

    def _sign(self, words: str, address: str) -> str:
        from eth_account.messages import encode_defunct

        self._refuse()
        (signer,) = (each for each in self.signers if each.address == address)
        message = encode_defunct(hexstr=words)
        return "0x" + bytes(signer.sign_message(message).signature).hex()

    def _send(self, fields: dict[str, Any]) -> str:
        self._refuse()
        web3 = self.chain.web3
        (signer,) = (each for each in self.signers if each.address == fields.pop("from"))
        numbers = {k: int(v, 16) for k, v in fields.items() if k not in ("to", "data")}
        nonce = web3.eth.get_transaction_count(signer.address, "pending")
        signed = signer.sign_transaction({**fields, **numbers, "nonce": nonce, "type": 2})
        return web3.eth.send_raw_transaction(signed.raw_transaction).to_0x_hex()
