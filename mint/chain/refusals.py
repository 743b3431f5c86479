"""What the contracts refuse, in the artist's words: error name -> (what is wrong, what to do).

Braces name an argument of the error, or a fact that mint.sale.contract asks the sale for. Where
nobody knows the fact, the words in WITHOUT_FACTS stand instead.
"""

from __future__ import annotations

WITHOUT_FACTS = {
    "sale_end": "its last phase ends",
    "deadline": "the deadline of the reveal",
    "block": "the one that decides",
    "window": "its start to its end",
    "cap": "as many as its line in the allowlist says",
    "bought": "some",
}

_STATUS = "`mint sale status` says where the sale is and what can be done next"
_FILE = "mend `sale:` in collection.yaml; `mint check` names the line"
_BUG = "please report it, with the command and this line: it is a mistake in mint"
_INSIDE = "the contract broke a rule of its own"
_TOKEN = "check the token's number; the collection counts from 1"
_HOLDER = "use the wallet that holds the token"
_SEND = "use another tool with care: mint itself moves no token from one wallet to another"

REFUSALS: dict[str, tuple[str, str]] = {
    # Solidity itself.
    "Error": ("the contract says: {message}", _STATUS),
    "Panic": ("a calculation in the contract failed, code {code}", _BUG),
    # Collection.sol.
    "ZeroSupply": ("a collection of no tokens cannot be deployed", "set supply to 1 or more"),
    "RoyaltyTooHigh": (
        "a royalty of {bps} is more than the whole price",
        "lower royalty.bps in collection.yaml: 500 is 5 %",
    ),
    "RoyaltyToNobody": (
        "the royalty would go to the zero address, where it is lost",
        "name a wallet as royalty.receiver in collection.yaml",
    ),
    "ZeroQuantity": ("no token was named", "say which token, or how many: 1 or more"),
    "SoldOut": (
        "the collection has {left} left",
        "ask for no more than are left; when none is, only a holder can sell you one",
    ),
    "NotPayable": ("money was sent where none is due, and would be lost", "send it without money"),
    # FairSale.sol, its constructor.
    "SaleWithoutPhases": ("a sale needs a phase", "add one under sale.phases in collection.yaml"),
    "NothingCommitted": ("the sale does not fix its draw in advance", _BUG),
    "DrawTooSoon": (
        "the draw would come {delay} blocks after the sale, and 96 is the least on this network",
        "set sale.draw_delay to 96 or more in collection.yaml",
    ),
    "DeadlineTooFar": (
        "buyers would wait more than a year for the reveal, or for their money",
        "end the sale, or set sale.reveal_by, within a year from now",
    ),
    "PayeeIsNobody": (
        "a part of the money would go to the zero address, where it is lost",
        "write a wallet's address for each of sale.payees in collection.yaml",
    ),
    "SharesDoNotAddUp": (
        "the shares of the payees add up to {bps}, not to 100 %",
        "make the bps of sale.payees in collection.yaml add up to 10000, each 1 or more",
    ),
    # FairSale.sol, its phases.
    "NoSuchPhase": ("the sale has no such phase, and eight at most", _STATUS),
    "PhaseWithoutTime": ("a phase ends before it begins, or is over already", _FILE),
    "PhaseWithoutSupply": ("a phase would sell no token", _FILE),
    "PhasesOverlap": ("a phase begins before the one above it ends", _FILE),
    "PhaseTooLate": ("a phase ends too late to leave time for the draw", _FILE),
    "PhaseHasBegun": (
        "the phase has begun, and what it promises stands",
        "change a later phase; what has begun ends as it was announced",
    ),
    "PriceTooLow": (
        "no phase may be cheaper than {least}, the cheapest that was announced",
        "set a price of at least that; who bought before relied on it",
    ),
    # FairSale.sol, buying.
    "PhaseSoldOut": (
        "the phase has {left} left",
        "lower --quantity to what is left, or wait for the next phase (`mint sale status`)",
    ),
    "PhaseClosed": (
        "the phase is closed: it sells from {window}",
        "`mint sale status` says which phase is open, and when the next one begins",
    ),
    "WrongPayment": (
        "the price is {price}, and another sum was sent",
        "the price has just changed: look at `mint sale status`, then buy again",
    ),
    "WalletCapReached": (
        "a wallet may buy {cap} in this phase in all, and this one has bought {bought}",
        "lower --quantity to the rest, or wait for the next phase (`mint sale status`)",
    ),
    "ListedOnly": (
        "the phase sells to the wallets of its allowlist only",
        "name the artist's list with --allowlist LIST.csv, if this wallet is on it",
    ),
    "WrongProof": (
        "this wallet, with this number, is not on the list that the contract knows",
        "use the list as it was on the day the sale was deployed; not one line may differ",
    ),
    "CapOutOfRange": (
        "an allowlist grants a wallet 1 to 255 tokens",
        "mend the number behind the wallet in the list",
    ),
    "MintingClosed": (
        "the draw has begun or the deadline has passed: no token is added any more",
        _STATUS,
    ),
    "BeyondReserve": (
        "the sale lets its owner give {reserve} tokens away in all, and this would be more",
        "leave the rest to buyers; `sale.reserve` in collection.yaml is fixed by the deployment",
    ),
    # FairSale.sol, the draw.
    "SaleStillOpen": (
        "the sale goes on until {sale_end}, or until all is sold",
        "run the same command again after that",
    ),
    "DeadlinePassed": (
        "the time for the reveal is over: it was {deadline}",
        "buyers take their money back with `mint sale refund`",
    ),
    "BlockNotYet": (
        "the block whose hash decides the order, {block}, is not there yet",
        "wait a little, then run the same command again; `mint sale status` counts the blocks",
    ),
    "OutOfTurn": ("this step's turn is not now: {step}", _STATUS),
    "HashMissed": (
        "nobody recorded the hash of block {block} in time, and the chain has forgotten it",
        "only the wallet that owns the contract can name another block: `mint sale record` with it",
    ),
    "DrawMissed": (
        "three times nobody recorded the hash of the block that decides; there is no more draw",
        "buyers take their money back after the deadline with `mint sale refund`",
    ),
    "WrongSecret": (
        "the secret that this wallet makes is not the one that the sale was deployed with",
        "use the wallet that deployed it, and the collection.yaml as it was then",
    ),
    "WrongURI": (
        "these pictures are not the ones that the sale was deployed with",
        "use the collection.yaml and build/ folder as they were when it was deployed",
    ),
    "MutableURI": ("the pictures do not lie in a folder of IPFS, so they could change", _BUG),
    "NoSuchToken": ("the collection has no such token", _TOKEN),
    "NotRevealed": (
        "the order is not revealed yet; until then the money waits in the contract",
        _STATUS,
    ),
    # FairSale.sol, money and holders.
    "NoRefunds": (
        "money goes back only if the order was not revealed by {deadline}",
        "once it is revealed nothing goes back; before that, wait for the deadline",
    ),
    "NotHolder": ("this wallet does not hold token {tokenId}", _HOLDER),
    "NothingToRefund": (
        "nothing was paid for token {tokenId}, so nothing goes back",
        "leave it out; it was a gift, or its price was zero",
    ),
    "AlreadyRefunded": ("the money for token {tokenId} went back before", "leave it out"),
    "NoSuchPayee": ("the sale has no such payee", _STATUS),
    "AlreadyWithdrawn": ("this payee has its share already", "nothing is left to do for it"),
    "NotPayee": (
        "only the payee itself can say where its share goes",
        "use the payee's own wallet; `mint sale status` lists the payees",
    ),
    "PaymentToNobody": (
        "the money would go to the zero address, where it is lost",
        "name a wallet with --to, or leave it out: then it goes to the holder",
    ),
    "PaymentFailed": (
        "the receiver did not accept the money",
        "a refund can go elsewhere with --to; a payee that takes no money names another address "
        "with `mint sale redirect`",
    ),
    # OpenZeppelin's Ownable.
    "OwnableUnauthorizedAccount": (
        "{account} is not the owner of the contract",
        "use the wallet that deployed it, or that took it over",
    ),
    "OwnableInvalidOwner": ("{owner} cannot own a contract", "name a wallet"),
    # ERC721A.
    "ApprovalCallerNotOwnerNorApproved": ("only its holder may let others move a token", _HOLDER),
    "ApprovalQueryForNonexistentToken": ("there is no such token", _TOKEN),
    "BalanceQueryForZeroAddress": ("the zero address holds nothing", "name a wallet"),
    "MintToZeroAddress": ("tokens would go to the zero address", "name a wallet to give them to"),
    "MintZeroQuantity": ("no token was asked for", "ask for 1 or more"),
    "OwnerQueryForNonexistentToken": ("there is no such token", _TOKEN),
    "TransferCallerNotOwnerNorApproved": ("only its holder may move a token", _HOLDER),
    "TransferFromIncorrectOwner": ("the token belongs to somebody else", _HOLDER),
    "TransferToNonERC721ReceiverImplementer": ("the receiver takes no such token", _SEND),
    "TransferToZeroAddress": ("the token would go to the zero address", _SEND),
    "URIQueryForNonexistentToken": ("there is no such token", _TOKEN),
    # ERC721A's, for functions that our contracts never use as they would have to be met.
    "MintERC2309QuantityExceedsLimit": (_INSIDE, _BUG),
    "NotCompatibleWithSpotMints": (_INSIDE, _BUG),
    "OwnershipNotInitializedForExtraData": (_INSIDE, _BUG),
    "SequentialMintExceedsLimit": (_INSIDE, _BUG),
    "SequentialUpToTooSmall": (_INSIDE, _BUG),
    "SpotMintTokenIdTooSmall": (_INSIDE, _BUG),
    "TokenAlreadyExists": (_INSIDE, _BUG),
}
