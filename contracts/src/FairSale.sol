// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {Collection} from "./Collection.sol";
import {Permutation} from "./Permutation.sol";

/// @title A collection that is bought blind: in phases, with a fair draw, its money in escrow.
/// @notice A future block and a secret committed to here decide which token gets which picture. The money
/// stays here until that is revealed, or goes back to the holders. Beside Collection's invariants:
/// - nothing is minted after arm(), and arm() is never undone;
/// - no function changes the commitments, the deadline, who is paid, or a phase that has begun; the base
///   URI changes once, to what URI_HASH commits to;
/// - reveal() works until REVEAL_DEADLINE only, refund() after it only, and neither after the other;
/// - before the reveal, the balance is at least what refund() owes for all tokens together;
/// - others are called to pay them only, when everything is written down. Nobody is called by minting.
contract FairSale is Collection {
    // ---------------------------------------------------------------- errors

    // Of the constructor.

    /// A sale without a phase could be armed by anybody before anything was sold.
    error SaleWithoutPhases();
    /// A sale needs the hashes of a secret and of the final base URI.
    error NothingCommitted();
    /// On a public chain the block that decides is at least 96 after arm().
    error DrawTooSoon(uint256 delay);
    /// Money would be held back for more than a year.
    error DeadlineTooFar();
    /// The zero address was to share in the proceeds.
    error PayeeIsNobody();
    /// The shares must be above zero and add up to 10,000 basis points.
    error SharesDoNotAddUp(uint256 bps);

    // Of a phase.

    /// Phases are numbered from 0 without gaps, and there are at most eight.
    error NoSuchPhase();
    /// The phase ends before it begins, or is over already.
    error PhaseWithoutTime();
    /// The phase may sell no token.
    error PhaseWithoutSupply();
    /// The phase begins before the one before it ends, or ends after the next one begins.
    error PhasesOverlap();
    /// The phase ends after LAST_END: too late for the draw.
    error PhaseTooLate();
    /// The phase has begun; its terms are a promise.
    error PhaseHasBegun();

    // Of minting.

    /// More tokens were asked for than the `left` ones of this phase.
    error PhaseSoldOut(uint256 left);
    /// The phase has not begun, or is over.
    error PhaseClosed();
    /// Exactly `price` wei must be sent.
    error WrongPayment(uint256 price);
    /// Together with those it took before, the wallet would have more tokens of this phase than it may.
    error WalletCapReached();
    /// The phase is for its allowlist: use mintListed.
    error ListedOnly();
    /// The proof does not lead from the sender and the cap to the phase's root.
    error WrongProof();
    /// An allowlist's cap is from 1 to 255.
    error CapOutOfRange();
    /// The draw has begun, or the deadline has passed: nothing is given away and no phase set any more.
    error MintingClosed();

    // Of the draw.

    /// The last phase is not over, and not everything is sold.
    error SaleStillOpen();
    /// The deadline has passed: no sale may begin, nothing can be armed or revealed.
    error DeadlinePassed();
    /// The named block has no hash yet.
    error BlockNotYet();
    /// It is not the turn of this step: arm, record, reveal, each once.
    error OutOfTurn(Step step);
    /// The hash was missed MOST_DRAWS times. There is no more draw; refunds begin after the deadline.
    error DrawMissed();
    /// The secret is not the one that SECRET_HASH commits to.
    error WrongSecret();
    /// The salt and base URI are not those that URI_HASH commits to.
    error WrongURI();
    /// The base URI is no folder of IPFS (`ipfs://.../`): what it shows could change, or lead nowhere.
    error MutableURI();
    /// Token ids run from 1 to MAX_SUPPLY.
    error NoSuchToken();
    /// The reveal comes first.
    error NotRevealed();

    // Of money and holders.

    /// There are refunds only when REVEAL_DEADLINE has passed without a reveal.
    error NoRefunds();
    /// The sender does not hold token `tokenId`.
    error NotHolder(uint256 tokenId);
    /// Nothing was paid for token `tokenId`.
    error NothingToRefund(uint256 tokenId);
    /// Token `tokenId` was refunded before.
    error AlreadyRefunded(uint256 tokenId);
    /// There is no payee of this number.
    error NoSuchPayee();
    /// This payee has its share.
    error AlreadyWithdrawn();
    /// Money was to go to the zero address.
    error PaymentToNobody();
    /// The receiver did not accept the money.
    error PaymentFailed();

    // ---------------------------------------------------------------- events

    /// Phase `index` is new or changed; phase(index) tells how.
    event PhaseSet(uint256 indexed index);
    /// Minting is over; the hash of block `number` decides. It is the `time`-th that was named: whoever
    /// sees more than 1 may ask why nobody recorded the ones before.
    event Armed(uint256 number, uint256 time);
    /// Block `number` had `hash`.
    event Recorded(uint256 number, bytes32 hash);
    /// `seed` is keccak(recorded hash, `secret`, this address, chain id) and orders the pictures.
    event Revealed(bytes32 seed, bytes32 secret);
    /// Token `tokenId` was burned and `amount` wei paid back.
    event Refunded(uint256 indexed tokenId, uint256 amount);
    /// `payee` was paid its share.
    event Withdrawn(address indexed payee, uint256 amount);

    // ---------------------------------------------------------------- constants and immutables

    /// A claim window of the sale: [start, end) in Unix seconds, `price` in wei. `supply` is what it may
    /// sell, `walletCap` what one wallet may take in it (0: no cap). With a `root` it is for an allowlist
    /// only: its leaves are keccak(keccak(abi.encode(wallet, cap))), and the lower of both caps counts.
    struct Phase {
        uint40 start;
        uint40 end;
        uint88 price;
        uint32 supply;
        uint8 walletCap;
        bytes32 root;
    }

    /// Who gets which part of the proceeds, in 1/10,000.
    struct Payee {
        address to;
        uint16 bps;
    }

    /// Everything about a sale. `secretHash` is keccak(secret), `uriHash` keccak(salt, final base URI),
    /// `drawDelay` the blocks from arm() to the block that decides.
    struct Sale {
        bytes32 secretHash;
        bytes32 uriHash;
        uint40 revealDeadline;
        uint16 drawDelay;
        Phase[] phases;
        Payee[] payees;
    }

    /// How far the draw is. Each step is taken once, in this order.
    enum Step {
        Waiting,
        Armed,
        Recorded,
        Revealed
    }

    /// `number` is the block that decides, the `times`-th that was named; `saleEnd` the last phase's end,
    /// `proceeds` the balance at reveal.
    struct Draw {
        Step step;
        uint8 times;
        uint64 number;
        uint40 saleEnd;
        uint8 phases;
        uint128 proceeds;
    }

    /// A payee's part of the proceeds is from `from` to `until`, in 1/10,000.
    struct Share {
        address to;
        uint16 from;
        uint16 until;
        bool paid;
    }

    /// Buyers choose themselves how much they buy at once, up to twenty a batch.
    uint256 private constant BUYERS_BATCH = 20;
    /// 64 bits beside each balance hold eight counters of eight bits.
    uint256 private constant MOST_PHASES = 8;
    uint256 private constant MOST_PER_WALLET = 255;
    /// Three epochs: beyond a reorganisation, and whose proposers arm()'s sender cannot know, since
    /// those of the epoch after next are known early to whoever proposes last in this one.
    uint256 private constant PUBLIC_DELAY = 96;
    /// Whoever knows the secret could let a block pass whose outcome he dislikes, if nobody else
    /// records it. Twice, and never for nothing again.
    uint256 private constant MOST_DRAWS = 3;
    uint256 private constant LONGEST = 365 days;
    /// From the end of the last phase to the deadline: the blocks until the draw at Ethereum's pace, and
    /// a day in which to record and reveal.
    uint256 private constant MARGIN = 1 days;
    uint256 private constant BLOCK_TIME = 12;
    /// EIP-2935: the hashes of the last 8,191 blocks, on chains that have it.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    /// A phase in one word, from bit 0: start and end (40 bits each), price (88), supply and sold (32 each),
    /// wallet cap (8), and whether it has a root.
    uint256 private constant END = 40;
    uint256 private constant PRICE = 80;
    uint256 private constant SUPPLY = 168;
    uint256 private constant SOLD = 200;
    uint256 private constant CAP = 232;
    uint256 private constant LISTED = 240;

    /// keccak(secret).
    bytes32 public immutable SECRET_HASH;
    /// keccak(salt, final base URI).
    bytes32 public immutable URI_HASH;
    /// Unix seconds; the last moment at which reveal() works.
    uint256 public immutable REVEAL_DEADLINE;
    /// Blocks from arm() to the block that decides.
    uint256 public immutable DRAW_DELAY;
    /// No phase ends after this, so that there is time for the draw.
    uint256 public immutable LAST_END;
    /// Side of the permutation's square.
    uint256 private immutable SIDE;

    // ---------------------------------------------------------------- storage

    /// How far the draw is, and what goes with it.
    Draw public draw;
    /// The recorded block hash; from the reveal on, the seed.
    bytes32 public entropy;
    /// Who is paid which part, and whether they were.
    Share[] public shares;

    mapping(uint256 index => uint256) private _phases;
    mapping(uint256 index => bytes32) private _roots;

    /// The terms of phase `index`, and how many tokens it has sold.
    function phase(uint256 index) external view returns (Phase memory terms, uint256 sold) {
        uint256 word = _phases[index];
        if (word == 0) revert NoSuchPhase();
        // Each cast cuts a field out of the word.
        terms.start = uint40(word);
        terms.end = uint40(word >> END);
        terms.price = uint88(word >> PRICE);
        terms.supply = uint32(word >> SUPPLY);
        terms.walletCap = uint8(word >> CAP);
        terms.root = _roots[index];
        sold = uint32(word >> SOLD);
    }

    /// How many tokens `wallet` has taken in phase `index` (not counted where there is no cap).
    function taken(address wallet, uint256 index) external view returns (uint256) {
        return (uint256(_getAux(wallet)) >> (index * 8)) & MOST_PER_WALLET;
    }

    /// What was paid for a token, in wei, whoever holds it now.
    function paid(uint256 tokenId) public view returns (uint256) {
        uint256 sale = _ownershipOf(tokenId).extraData;
        // Phase 2**256 - 1 is never set, so nothing was paid for what was given.
        unchecked {
            return uint88(_phases[sale - 1] >> PRICE);
        }
    }

    // ---------------------------------------------------------------- constructor

    constructor(Launch memory launch, Sale memory sale) Collection(launch) {
        SECRET_HASH = sale.secretHash;
        URI_HASH = sale.uriHash;
        REVEAL_DEADLINE = sale.revealDeadline;
        DRAW_DELAY = sale.drawDelay;
        SIDE = Permutation.side(launch.maxSupply);
        if (sale.phases.length == 0) revert SaleWithoutPhases();
        if (sale.secretHash == 0 || sale.uriHash == 0) revert NothingCommitted();
        uint256 deadline = sale.revealDeadline;
        if (deadline <= block.timestamp) revert DeadlinePassed();
        if (deadline > block.timestamp + LONGEST) revert DeadlineTooFar();
        // 1337 and 31337 are the chains in a process and on anvil, where nobody waits for an epoch.
        bool local = block.chainid == 1337 || block.chainid == 31337;
        if (sale.drawDelay < (local ? 1 : PUBLIC_DELAY)) revert DrawTooSoon(sale.drawDelay);
        _setShares(sale.payees);
        // Time runs in seconds since 1970: the difference stays above zero.
        uint256 lastEnd = deadline - MARGIN - sale.drawDelay * BLOCK_TIME;
        LAST_END = lastEnd;
        for (uint256 i; i < sale.phases.length; ++i) {
            _setPhase(i, sale.phases[i], lastEnd);
        }
    }

    // ---------------------------------------------------------------- sale

    /// Buys `quantity` tokens in an open phase that is for everybody. The sender is not called back.
    function mint(uint256 index, uint256 quantity) external payable {
        uint256 word = _phases[index];
        if (word >> LISTED != 0) revert ListedOnly();
        _sell(index, word, quantity, uint8(word >> CAP));
    }

    /// Buys `quantity` tokens in an open phase whose allowlist grants the sender `cap` of them.
    function mintListed(uint256 index, uint256 quantity, uint256 cap, bytes32[] calldata proof)
        external
        payable
    {
        // Hashed twice: an inner node of the tree is a hash of 64 bytes and cannot pass for a leaf.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(msg.sender, cap))));
        if (!MerkleProof.verifyCalldata(proof, _roots[index], leaf)) revert WrongProof();
        if (cap == 0 || cap > MOST_PER_WALLET) revert CapOutOfRange();
        uint256 word = _phases[index];
        uint256 most = uint8(word >> CAP);
        if (most != 0 && most < cap) cap = most;
        _sell(index, word, quantity, cap);
    }

    // ---------------------------------------------------------------- draw

    /// Ends minting for ever and names the block whose hash decides. Anybody may, once the sale is over.
    function arm() external {
        _turn(Step.Waiting);
        if (block.timestamp < draw.saleEnd && _left() != 0) revert SaleStillOpen();
        _arm();
    }

    /// Keeps the named block's hash. Anybody may, within 256 blocks, or 8,191 where the chain has EIP-2935.
    /// If nobody did, another future block is named, MOST_DRAWS in all; one that is past never decides.
    function record() external {
        _turn(Step.Armed);
        uint256 number = draw.number;
        if (block.number <= number) revert BlockNotYet();
        bytes32 hash = _hashOf(number);
        // slither-disable-next-line incorrect-equality // no balance, which others could change
        if (hash == 0) return _arm();
        entropy = hash;
        draw.step = Step.Recorded;
        emit Recorded(number, hash);
    }

    /// Opens the secret and the base URI, orders the pictures, and frees the proceeds. Anybody who knows
    /// the secret may. Nothing about a token changes after it.
    function reveal(bytes32 secret, bytes32 salt, string calldata uri) external {
        _turn(Step.Recorded);
        if (keccak256(abi.encode(secret)) != SECRET_HASH) revert WrongSecret();
        if (keccak256(abi.encodePacked(salt, uri)) != URI_HASH) revert WrongURI();
        bytes calldata text = bytes(uri);
        // With nothing between them, `ipfs://` itself ends with its slash.
        if (text.length < 8 || bytes7(text[:7]) != "ipfs://" || text[text.length - 1] != "/") {
            revert MutableURI();
        }
        bytes32 seed = keccak256(abi.encode(entropy, secret, address(this), block.chainid));
        entropy = seed;
        _base = uri;
        draw.step = Step.Revealed;
        // There are fewer than 2**128 wei.
        // forge-lint: disable-next-line(unsafe-typecast)
        draw.proceeds = uint128(address(this).balance);
        emit Revealed(seed, secret);
        emit BatchMetadataUpdate(1, MAX_SUPPLY);
    }

    /// Which entry of the ordered collection, counted from 0, a token is. Also tells what unsold ones were.
    function indexOf(uint256 tokenId) public view returns (uint256) {
        _whenRevealed();
        if (tokenId == 0 || tokenId > MAX_SUPPLY) revert NoSuchToken();
        return Permutation.place(entropy, MAX_SUPPLY, SIDE, tokenId - 1);
    }

    // ---------------------------------------------------------------- money

    /// Whether the deadline has passed without a reveal. Nothing ends that.
    function refunding() public view returns (bool) {
        return block.timestamp > REVEAL_DEADLINE && draw.step != Step.Revealed;
    }

    /// Burns the sender's tokens and pays what was paid for them to `to`.
    function refund(uint256[] calldata tokenIds, address to) external {
        if (!refunding()) revert NoRefunds();
        if (to == address(0)) revert PaymentToNobody();
        if (tokenIds.length == 0) revert ZeroQuantity();
        uint256 sum;
        // A sum of prices paid is below 2**128.
        unchecked {
            for (uint256 i; i < tokenIds.length; ++i) {
                uint256 id = tokenIds[i];
                if (_ownershipAt(id).burned) revert AlreadyRefunded(id);
                if (ownerOf(id) != msg.sender) revert NotHolder(id);
                uint256 amount = paid(id);
                if (amount == 0) revert NothingToRefund(id);
                sum += amount;
                _burn(id);
                emit Refunded(id, amount);
            }
        }
        _pay(to, sum);
    }

    /// Pays one payee its share, once. Anybody may send it on its way; one that refuses it stops no other.
    function withdraw(uint256 payee) external {
        _whenRevealed();
        if (payee >= shares.length) revert NoSuchPayee();
        Share storage it = shares[payee];
        if (it.paid) revert AlreadyWithdrawn();
        it.paid = true;
        uint256 proceeds = draw.proceeds;
        address to = it.to;
        uint256 amount;
        // From one boundary to the next, so that all shares add up to the last wei: until > from, and
        // 2**128 * 10,000 fits.
        unchecked {
            amount = proceeds * it.until / WHOLE - proceeds * it.from / WHOLE;
        }
        emit Withdrawn(to, amount);
        _pay(to, amount);
    }

    // ---------------------------------------------------------------- owner

    /// Changes a phase that has not begun, or appends one.
    function setPhase(uint256 index, Phase calldata terms) external onlyOwner {
        _whileOpen();
        uint256 word = _phases[index];
        if (word != 0 && uint40(word) <= block.timestamp) revert PhaseHasBegun();
        _setPhase(index, terms, LAST_END);
    }

    // ---------------------------------------------------------------- holders

    /// Destroys the sender's token. Only when its picture is drawn: before, it would burn a claim to money.
    function burn(uint256 tokenId) external {
        _whenRevealed();
        if (ownerOf(tokenId) != msg.sender) revert NotHolder(tokenId);
        _burn(tokenId);
    }

    // ---------------------------------------------------------------- internal

    function _setShares(Payee[] memory payees) private {
        uint256 sum;
        for (uint256 i; i < payees.length; ++i) {
            Payee memory it = payees[i];
            if (it.to == address(0)) revert PayeeIsNobody();
            uint256 until = sum + it.bps;
            if (it.bps == 0) revert SharesDoNotAddUp(until);
            // A sum beyond 16 bits is not 10,000, and everything is undone below.
            // forge-lint: disable-next-line(unsafe-typecast)
            shares.push(Share(it.to, uint16(sum), uint16(until), false));
            sum = until;
        }
        if (sum != WHOLE) revert SharesDoNotAddUp(sum);
    }

    /// `lastEnd` is LAST_END, which a constructor cannot read.
    function _setPhase(uint256 index, Phase memory terms, uint256 lastEnd) private {
        uint256 count = draw.phases;
        if (index > count || index >= MOST_PHASES) revert NoSuchPhase();
        (uint256 start, uint256 end) = (terms.start, terms.end);
        if (end <= start || end <= block.timestamp) revert PhaseWithoutTime();
        if (terms.supply == 0) revert PhaseWithoutSupply();
        if (end > lastEnd) revert PhaseTooLate();
        // index < 8. Before phase 0 and after the last one lie empty words.
        unchecked {
            if (start < uint40(_phases[index - 1] >> END)) revert PhasesOverlap();
            if (index + 1 < count) {
                if (end > uint40(_phases[index + 1])) revert PhasesOverlap();
            } else {
                (draw.phases, draw.saleEnd) = (uint8(index + 1), uint40(end));
            }
        }
        uint256 word = start | end << END | uint256(terms.price) << PRICE | uint256(terms.supply) << SUPPLY;
        if (terms.root != 0) word |= 1 << LISTED;
        _phases[index] = word | uint256(terms.walletCap) << CAP;
        _roots[index] = terms.root;
        emit PhaseSet(index);
    }

    /// Phases are frozen by arm(), which only works when all are over or nothing is left: so whatever is
    /// sold here is sold before arm().
    function _sell(uint256 index, uint256 word, uint256 quantity, uint256 cap) private {
        if (block.timestamp < uint40(word) || block.timestamp >= uint40(word >> END)) revert PhaseClosed();
        _withinSupply(quantity);
        // A phase never sells more than its supply, and quantity is below 2**32 after that.
        unchecked {
            uint256 left = uint32(word >> SUPPLY) - uint32(word >> SOLD);
            if (quantity > left) revert PhaseSoldOut(left);
            uint256 price = uint88(word >> PRICE) * quantity;
            if (msg.value != price) revert WrongPayment(price);
            if (cap != 0) {
                uint256 aux = _getAux(msg.sender);
                if (uint8(aux >> (index * 8)) + quantity > cap) revert WalletCapReached();
                // The sum is at most 255, so it stays in its eight bits.
                _setAux(msg.sender, uint64(aux + (quantity << (index * 8))));
            }
            _phases[index] = word + (quantity << SOLD);
            while (quantity > BUYERS_BATCH) {
                _mintSold(index, BUYERS_BATCH);
                quantity -= BUYERS_BATCH;
            }
            _mintSold(index, quantity);
        }
    }

    /// One batch, whose extra data says what was paid: the phase + 1, or 0 if it was given.
    function _mintSold(uint256 index, uint256 quantity) private {
        uint256 head = _nextTokenId();
        _mint(msg.sender, quantity);
        // index < 8: only there are phases that open.
        unchecked {
            _setExtraDataAt(head, uint24(index + 1));
        }
    }

    /// Reverts once nothing may be added: the draw has begun, or refunds have.
    function _whileOpen() internal view override {
        if (draw.step != Step.Waiting || refunding()) revert MintingClosed();
    }

    function _whenRevealed() private view {
        if (draw.step != Step.Revealed) revert NotRevealed();
    }

    /// Steps are taken in order, and none after the deadline.
    function _turn(Step wanted) private view {
        if (draw.step != wanted) revert OutOfTurn(draw.step);
        if (block.timestamp > REVEAL_DEADLINE) revert DeadlinePassed();
    }

    /// ERC721A asks at each transfer what becomes of a token's extra data: it stays.
    function _extraData(address, address, uint24 previous) internal pure override returns (uint24) {
        return previous;
    }

    function _arm() private {
        uint256 times = uint256(draw.times) + 1;
        if (times > MOST_DRAWS) revert DrawMissed();
        uint256 number = block.number + DRAW_DELAY;
        // A chain does not reach 2**64 blocks.
        // forge-lint: disable-next-line(unsafe-typecast)
        (draw.step, draw.times, draw.number) = (Step.Armed, uint8(times), uint64(number));
        emit Armed(number, times);
    }

    /// The hash of a past block, or 0 if this chain no longer tells it.
    function _hashOf(uint256 height) private view returns (bytes32 hash) {
        hash = blockhash(height);
        // slither-disable-next-line incorrect-equality // 0 is how the opcode says no
        if (hash == 0) {
            // Too little gas for the call leaves a 64th of it, with which nothing can be armed anew.
            assembly ("memory-safe") {
                mstore(0x00, height)
                let answered := staticcall(gas(), HISTORY, 0x00, 0x20, 0x00, 0x20)
                if and(answered, eq(returndatasize(), 32)) { hash := mload(0x00) }
            }
        }
    }

    /// What the receiver answers is not copied: it could be long.
    function _pay(address to, uint256 amount) private {
        bool ok;
        assembly ("memory-safe") {
            ok := call(gas(), to, amount, 0x00, 0x00, 0x00, 0x00)
        }
        if (!ok) revert PaymentFailed();
    }

    /// Until the reveal all tokens look the same.
    function _uri(string memory base, uint256 tokenId) internal view override returns (string memory) {
        // slither-disable-next-line incorrect-equality // a step, no balance
        return draw.step == Step.Revealed ? _join(base, indexOf(tokenId) + 1) : base;
    }
}
