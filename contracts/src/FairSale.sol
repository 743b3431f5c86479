// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {Collection} from "./Collection.sol";
import {Permutation} from "./Permutation.sol";

/// @title A collection that is bought blind: in phases, with a fair draw, its money in escrow.
/// @notice A future block and a secret committed to here decide which token gets which picture. The money
/// stays here until that is revealed, or goes back to the holders. Beside Collection's invariants:
/// - nothing is minted after arm(), and arm() is never undone;
/// - no function changes the commitments, the deadline, the shares, or a phase that has begun; the base
///   URI changes once, to what URI_HASH commits to; where a share goes, its payee alone may change;
/// - no phase ever sells below LOWEST_PRICE, and no more than RESERVE tokens are given away;
/// - three blocks are named at most. Anybody names the first, and only the owner another, when the hash of
///   the one before was missed: nobody else can use up what is left of the draw;
/// - reveal() works until REVEAL_DEADLINE only, refund() after it only, and neither after the other;
/// - before the reveal, the balance is at least what refund() owes for all tokens together;
/// - others are called to pay them only, when everything is written down. Nobody is called by minting.
contract FairSale is Collection {
    // ---------------------------------------------------------------- errors

    // Of the constructor.

    /// @notice A sale needs a phase: without one anybody could start the draw before anything was sold.
    error SaleWithoutPhases();
    /// @notice A sale needs the hashes of a secret and of the final base URI, which the reveal opens.
    error NothingCommitted();
    /// @notice The block that decides is too near to arm(): at least 96 blocks after it on a public chain.
    /// @param delay The number of blocks that was asked for.
    error DrawTooSoon(uint256 delay);
    /// @notice The deadline is more than a year away: for so long nobody's money may be held back.
    error DeadlineTooFar();
    /// @notice The zero address cannot share in the proceeds: nobody could take them from there.
    error PayeeIsNobody();
    /// @notice Each share must be above zero, and all together must be 10,000 basis points.
    /// @param bps What they add up to, as far as the mistake.
    error SharesDoNotAddUp(uint256 bps);

    // Of a phase.

    /// @notice There is no such phase: they are numbered from 0 without gaps, eight at most.
    error NoSuchPhase();
    /// @notice The phase would end before it begins, or would be over already.
    error PhaseWithoutTime();
    /// @notice The phase could sell no token: its supply is 0.
    error PhaseWithoutSupply();
    /// @notice The phase would begin before the one before it ends, or end after the next one begins.
    error PhasesOverlap();
    /// @notice The phase would end after LAST_END: too late for the draw.
    error PhaseTooLate();
    /// @notice The phase has begun, and its terms are a promise.
    error PhaseHasBegun();
    /// @notice The phase would be cheaper than every phase that was announced at the deployment.
    /// @param least The lowest price that a phase may have, in wei.
    error PriceTooLow(uint256 least);

    // Of minting.

    /// @notice More tokens were asked for than this phase has left.
    /// @param left How many it can still sell.
    error PhaseSoldOut(uint256 left);
    /// @notice The phase has not begun, is over, or does not exist.
    error PhaseClosed();
    /// @notice Another amount of money was sent than the tokens cost.
    /// @param price What must be sent, in wei.
    error WrongPayment(uint256 price);
    /// @notice The wallet would have bought more tokens in this phase than one wallet may.
    error WalletCapReached();
    /// @notice The phase is for its allowlist only: buy with mintListed.
    error ListedOnly();
    /// @notice The allowlist does not grant the sender this cap, or the proof is another's.
    error WrongProof();
    /// @notice An allowlist grants from 1 to 255 tokens.
    error CapOutOfRange();
    /// @notice The draw has begun, or the deadline has passed: nothing is given away and no phase set any
    /// more.
    error MintingClosed();
    /// @notice The owner would have given away more than was announced at the deployment.
    /// @param reserve How many tokens may be given away in all.
    error BeyondReserve(uint256 reserve);

    // Of the draw.

    /// @notice The last phase is not over, and not everything is sold: the draw has to wait.
    error SaleStillOpen();
    /// @notice The deadline has passed: no sale may begin, nothing can be drawn or revealed any more.
    error DeadlinePassed();
    /// @notice The block that decides is not there yet: try again after it.
    error BlockNotYet();
    /// @notice It is not the turn of this step: arm, record, reveal follow each other, each once.
    /// @param step How far the draw is: 0 Waiting, 1 Armed, 2 Recorded, 3 Revealed.
    error OutOfTurn(Step step);
    /// @notice Nobody recorded the hash in time, and this chain has forgotten it. Only the owner may name
    /// another block.
    error HashMissed();
    /// @notice Three times nobody recorded the hash. There is no more draw; refunds begin after the
    /// deadline.
    error DrawMissed();
    /// @notice This is not the secret that SECRET_HASH commits to.
    error WrongSecret();
    /// @notice This is not the salt and base URI that URI_HASH commits to.
    error WrongURI();
    /// @notice The base URI is no folder of IPFS (`ipfs://.../`): what it shows could change, or lead
    /// nowhere.
    error MutableURI();
    /// @notice There can be no such token: ids run from 1 to MAX_SUPPLY.
    error NoSuchToken();
    /// @notice This works after the reveal only.
    error NotRevealed();

    // Of money and holders.

    /// @notice There are refunds only when REVEAL_DEADLINE has passed without a reveal.
    error NoRefunds();
    /// @notice The sender does not hold this token.
    /// @param tokenId The token.
    error NotHolder(uint256 tokenId);
    /// @notice Nothing was paid for this token, so there is nothing to give back.
    /// @param tokenId The token.
    error NothingToRefund(uint256 tokenId);
    /// @notice The money for this token was given back before.
    /// @param tokenId The token.
    error AlreadyRefunded(uint256 tokenId);
    /// @notice There is no payee of this number; they are counted from 0.
    error NoSuchPayee();
    /// @notice This payee was paid its share before.
    error AlreadyWithdrawn();
    /// @notice Only the payee itself may say where its share goes.
    error NotPayee();
    /// @notice Money cannot go to the zero address: nobody could take it from there.
    error PaymentToNobody();
    /// @notice The receiver did not accept the money.
    error PaymentFailed();

    // ---------------------------------------------------------------- events

    /// @notice A phase is new or has changed; phase(index) tells how.
    /// @param index The phase.
    event PhaseSet(uint256 indexed index);
    /// @notice Minting is over, and a block to come decides.
    /// @param number The block whose hash decides.
    /// @param time How many blocks were named so far: whoever sees more than 1 may ask why nobody recorded
    /// the ones before.
    event Armed(uint256 number, uint256 time);
    /// @notice The block that decides is there, and its hash is kept.
    /// @param number The block.
    /// @param hash Its hash.
    event Recorded(uint256 number, bytes32 hash);
    /// @notice The order of the pictures is open, and nothing about a token changes any more.
    /// @param seed What orders them: keccak(recorded hash, secret, this address, chain id).
    /// @param secret What SECRET_HASH committed to.
    event Revealed(bytes32 seed, bytes32 secret);
    /// @notice A token was burned and its price paid back.
    /// @param tokenId The token.
    /// @param amount What was paid back, in wei.
    event Refunded(uint256 indexed tokenId, uint256 amount);
    /// @notice A payee was paid its share of the proceeds.
    /// @param payee The payee.
    /// @param amount Its share, in wei.
    event Withdrawn(address indexed payee, uint256 amount);
    /// @notice A payee has named another account for its share.
    /// @param payee The payee's number, counted from 0.
    /// @param from Who named it, and was the payee so far.
    /// @param to Who is the payee now.
    event PayeeSet(uint256 indexed payee, address indexed from, address indexed to);

    // ---------------------------------------------------------------- constants and immutables

    /// @notice One part of the sale, with a time and a price of its own. How it is stored: END and below.
    /// @param start When it begins, in Unix seconds.
    /// @param end When it is over, in Unix seconds: from this second on nothing is sold.
    /// @param price What one token costs, in wei.
    /// @param supply How many tokens it may sell.
    /// @param walletCap How many of them one wallet may buy; 0: as many as it likes.
    /// @param root 0: anybody may buy. Else only those on an allowlist with this Merkle root, whose leaves
    /// are keccak(keccak(abi.encode(wallet, cap))); the lower of both caps counts.
    struct Phase {
        uint40 start;
        uint40 end;
        uint88 price;
        uint32 supply;
        uint8 walletCap;
        bytes32 root;
    }

    /// @notice Who gets which part of the proceeds.
    /// @param to The account.
    /// @param bps Its part, in 1/10,000.
    struct Payee {
        address to;
        uint16 bps;
    }

    /// @notice Everything about a sale that is decided before the contract exists.
    /// @param secretHash keccak(secret): 32 random bytes that nobody else knows until the reveal.
    /// @param uriHash keccak(salt, final base URI).
    /// @param revealDeadline The last second at which the reveal works, in Unix seconds; refunds begin after
    /// it.
    /// @param drawDelay How many blocks after arm() the block that decides is.
    /// @param reserve How many tokens the owner may give away in all.
    /// @param phases The parts of the sale, in their order.
    /// @param payees Who shares in the proceeds.
    struct Sale {
        bytes32 secretHash;
        bytes32 uriHash;
        uint40 revealDeadline;
        uint16 drawDelay;
        uint32 reserve;
        Phase[] phases;
        Payee[] payees;
    }

    /// @notice How far the draw is. Each step is taken once, in this order.
    enum Step {
        Waiting,
        Armed,
        Recorded,
        Revealed
    }

    /// @notice How far the draw is, and what goes with it, in one slot.
    /// @param step Bits 0 to 7. The step taken last.
    /// @param times Bits 8 to 15. How many blocks were named so far.
    /// @param number Bits 16 to 79. The block that decides.
    /// @param saleEnd Bits 80 to 119. When the last phase is over, in Unix seconds.
    /// @param phases Bits 120 to 127. How many phases there are.
    /// @param proceeds Bits 128 to 255. What the contract held at the reveal, in wei.
    struct Draw {
        Step step;
        uint8 times;
        uint64 number;
        uint40 saleEnd;
        uint8 phases;
        uint128 proceeds;
    }

    /// @notice A payee's part of the proceeds, in one slot. Parts lie end to end, so that no wei is left
    /// over.
    /// @param to Bits 0 to 159. The payee, which may name another account.
    /// @param from Bits 160 to 175. Where its part begins, in 1/10,000.
    /// @param until Bits 176 to 191. Where its part ends, in 1/10,000.
    /// @param paid Bits 192 to 199. Whether it was paid.
    struct Share {
        address to;
        uint16 from;
        uint16 until;
        bool paid;
    }

    /// Buyers choose themselves how much they buy at once, up to twenty a batch.
    uint256 private constant BUYERS_BATCH = 20;
    /// The 64 bits that ERC721A leaves free in a wallet's slot hold eight counters of eight bits (taken).
    uint256 private constant MOST_PHASES = 8;
    uint256 private constant MOST_PER_WALLET = 255;
    /// Three epochs: beyond a reorganisation, and whose proposers arm()'s sender cannot know, since
    /// those of the epoch after next are known early to whoever proposes last in this one.
    uint256 private constant PUBLIC_DELAY = 96;
    /// Whoever knows the secret could let a block pass whose outcome he dislikes, if nobody else
    /// records it. Twice, and never for nothing again. Others name the first block only: whoever could
    /// name all three in a row, at hours when nobody is there, would make an end of the draw.
    uint256 private constant MOST_DRAWS = 3;
    uint256 private constant LONGEST = 365 days;
    /// From the end of the last phase to the deadline: the blocks until the draw at Ethereum's pace, and
    /// a day in which to record and reveal.
    uint256 private constant MARGIN = 1 days;
    uint256 private constant BLOCK_TIME = 12;
    /// EIP-2935: the hashes of the last 8,191 blocks, on chains that have it.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    /// A phase in one word: bits 0 to 39 its start, 40 to 79 its end, 80 to 167 its price, 168 to 199 its
    /// supply, 200 to 231 how many it sold, 232 to 239 its wallet cap, 240 whether it has a root.
    uint256 private constant END = 40;
    uint256 private constant PRICE = 80;
    uint256 private constant SUPPLY = 168;
    uint256 private constant SOLD = 200;
    uint256 private constant CAP = 232;
    uint256 private constant LISTED = 240;

    /// @notice The commitment to the secret that the reveal opens.
    /// @return keccak(secret).
    bytes32 public immutable SECRET_HASH;
    /// @notice The commitment to the base URI that the reveal opens.
    /// @return keccak(salt, final base URI).
    bytes32 public immutable URI_HASH;
    /// @notice The last second at which the reveal works. If it has not come by then, buyers get their money
    /// back.
    /// @return In Unix seconds.
    uint256 public immutable REVEAL_DEADLINE;
    /// @notice How many blocks after arm() the block that decides is.
    /// @return Their number.
    uint256 public immutable DRAW_DELAY;
    /// @notice No phase ends after this, so that there is time for the draw.
    /// @return In Unix seconds.
    uint256 public immutable LAST_END;
    /// @notice How many tokens the owner may give away in all.
    /// @return Their number.
    uint256 public immutable RESERVE;
    /// @notice The price of the cheapest phase that was announced: no phase is ever set below it.
    /// @return In wei.
    uint256 public immutable LOWEST_PRICE;
    /// Side of the permutation's square.
    uint256 private immutable SIDE;

    // ---------------------------------------------------------------- storage

    /// @notice How far the draw is, and what goes with it.
    /// @return step The step taken last: 0 Waiting, 1 Armed, 2 Recorded, 3 Revealed.
    /// @return times How many blocks were named so far.
    /// @return number The block that decides.
    /// @return saleEnd When the last phase is over, in Unix seconds.
    /// @return phases How many phases there are.
    /// @return proceeds What the contract held at the reveal, in wei.
    Draw public draw;
    /// @notice What the draw is made from, or has come to.
    /// @return The recorded block hash; from the reveal on, the seed that orders the pictures.
    bytes32 public entropy;
    /// @notice Who is paid which part of the proceeds, and whether they were, by the payee's number.
    /// @return to The payee.
    /// @return from Where its part begins, in 1/10,000.
    /// @return until Where its part ends, in 1/10,000.
    /// @return paid Whether it was paid.
    Share[] public shares;

    /// Each phase's word: see END.
    mapping(uint256 index => uint256) private _phases;
    /// Each allowlist's root, in a slot of its own, since mint does without it.
    mapping(uint256 index => bytes32) private _roots;

    /// @notice The terms of a phase, and how much of it is sold.
    /// @param index The phase, counted from 0.
    /// @return terms Its terms.
    /// @return sold How many tokens it has sold.
    /// @custom:error NoSuchPhase when there is none of this number.
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

    /// @notice How many tokens a wallet has bought in a phase; 0 where the phase has no cap, since none are
    /// counted.
    /// @dev ERC721A leaves 64 bits free in each wallet's slot: bits 192 + 8 * index to 199 + 8 * index.
    /// @param wallet The wallet.
    /// @param index The phase, counted from 0.
    /// @return Their number.
    function taken(address wallet, uint256 index) external view returns (uint256) {
        return (uint256(_getAux(wallet)) >> (index * 8)) & MOST_PER_WALLET;
    }

    /// @notice What was paid for a token, whoever holds it now.
    /// @dev ERC721A leaves 24 bits free in each batch's slot, bits 232 to 255: here the phase + 1, or 0 for a
    /// token that was given away.
    /// @param tokenId The token.
    /// @return The price in wei; 0 if it was given away or cost nothing.
    /// @custom:error OwnerQueryForNonexistentToken when the token is not minted, or was burned.
    function paid(uint256 tokenId) public view returns (uint256) {
        uint256 sale = _ownershipOf(tokenId).extraData;
        // Phase 2**256 - 1 is never set, so nothing was paid for what was given.
        unchecked {
            return uint88(_phases[sale - 1] >> PRICE);
        }
    }

    // ---------------------------------------------------------------- constructor

    /// @notice Fixes what never changes, sets the phases, and makes the sender the owner.
    /// @param launch What is decided for ever about the collection.
    /// @param sale What is decided for ever about its sale, and its phases.
    /// @custom:error ZeroSupply when the collection would have no tokens.
    /// @custom:error RoyaltyTooHigh when the royalty is above 10,000 basis points, the whole price.
    /// @custom:error RoyaltyToNobody when the royalty receiver is the zero address.
    /// @custom:error SaleWithoutPhases when there is no phase.
    /// @custom:error NothingCommitted when one of the two hashes is 0.
    /// @custom:error DeadlinePassed when the deadline is not in the future.
    /// @custom:error DeadlineTooFar when the deadline is more than a year away.
    /// @custom:error DrawTooSoon when the draw's delay is below 96 blocks, or below 1 on a local chain.
    /// @custom:error PayeeIsNobody when a payee is the zero address.
    /// @custom:error SharesDoNotAddUp when a share is 0, or all together are not 10,000.
    /// @custom:error NoSuchPhase when there are more than eight phases.
    /// @custom:error PhaseWithoutTime when a phase ends before it begins, or is over already.
    /// @custom:error PhaseWithoutSupply when a phase may sell nothing.
    /// @custom:error PhaseTooLate when a phase ends after LAST_END.
    /// @custom:error PhasesOverlap when a phase begins before the one before it ends.
    constructor(Launch memory launch, Sale memory sale) Collection(launch) {
        SECRET_HASH = sale.secretHash;
        URI_HASH = sale.uriHash;
        REVEAL_DEADLINE = sale.revealDeadline;
        DRAW_DELAY = sale.drawDelay;
        RESERVE = sale.reserve;
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
        uint256 lowest = type(uint256).max;
        for (uint256 i; i < sale.phases.length; ++i) {
            _setPhase(i, sale.phases[i], lastEnd);
            if (sale.phases[i].price < lowest) lowest = sale.phases[i].price;
        }
        LOWEST_PRICE = lowest;
    }

    // ---------------------------------------------------------------- sale

    /// @notice Buys tokens in an open phase that is for everybody, for exactly its price. They go to the
    /// sender, who is not called back. Which pictures they show is drawn later.
    /// @param index The phase, counted from 0.
    /// @param quantity How many.
    /// @custom:error ListedOnly when the phase is for its allowlist.
    /// @custom:error PhaseClosed when the phase has not begun, is over, or does not exist.
    /// @custom:error ZeroQuantity when `quantity` is 0.
    /// @custom:error SoldOut when the collection has fewer than `quantity` left.
    /// @custom:error PhaseSoldOut when the phase has fewer than `quantity` left.
    /// @custom:error WrongPayment when another amount is sent than `quantity` times the phase's price.
    /// @custom:error WalletCapReached when the sender would have bought more in this phase than it may.
    function mint(uint256 index, uint256 quantity) external payable {
        uint256 word = _phases[index];
        if (word >> LISTED != 0) revert ListedOnly();
        _sell(index, word, quantity, uint8(word >> CAP));
    }

    /// @notice Buys tokens in an open phase whose allowlist has the sender, for exactly its price. They go to
    /// the sender, who is not called back. Which pictures they show is drawn later.
    /// @param index The phase, counted from 0.
    /// @param quantity How many.
    /// @param cap How many the allowlist grants the sender in this phase, from 1 to 255.
    /// @param proof The hashes beside the way from the sender's leaf to the allowlist's root.
    /// @custom:error WrongProof when the allowlist does not grant the sender `cap`, or `proof` is another's.
    /// @custom:error CapOutOfRange when the allowlist grants 0, or more than 255.
    /// @custom:error PhaseClosed when the phase has not begun, is over, or does not exist.
    /// @custom:error ZeroQuantity when `quantity` is 0.
    /// @custom:error SoldOut when the collection has fewer than `quantity` left.
    /// @custom:error PhaseSoldOut when the phase has fewer than `quantity` left.
    /// @custom:error WrongPayment when another amount is sent than `quantity` times the phase's price.
    /// @custom:error WalletCapReached when the sender would have bought more in this phase than it may.
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

    /// @notice Ends minting for ever and names the block whose hash decides. Anybody may, once the last phase
    /// is over or everything is sold.
    /// @custom:error OutOfTurn when it was done before.
    /// @custom:error DeadlinePassed when the deadline has passed.
    /// @custom:error SaleStillOpen when the last phase is not over and not everything is sold.
    function arm() external {
        _turn(Step.Waiting);
        if (block.timestamp < draw.saleEnd && _left() != 0) revert SaleStillOpen();
        _arm();
    }

    /// @notice Keeps the hash of the block that decides. Anybody may, within 256 blocks after it, or 8,191
    /// where the chain has EIP-2935. If nobody did, the owner names another block to come instead, three in
    /// all; one that is past never decides.
    /// @custom:error OutOfTurn when arm() was not called, or a hash is kept already.
    /// @custom:error DeadlinePassed when the deadline has passed.
    /// @custom:error BlockNotYet when the block that decides is not there yet.
    /// @custom:error DrawMissed when the hash was missed three times.
    /// @custom:error HashMissed when it was missed, and the sender is not the owner.
    function record() external {
        _turn(Step.Armed);
        uint256 number = draw.number;
        if (block.number <= number) revert BlockNotYet();
        bytes32 hash = _hashOf(number);
        // slither-disable-next-line incorrect-equality // no balance, which others could change
        if (hash == 0) {
            if (draw.times >= MOST_DRAWS) revert DrawMissed();
            if (msg.sender != owner()) revert HashMissed();
            return _arm();
        }
        entropy = hash;
        draw.step = Step.Recorded;
        emit Recorded(number, hash);
    }

    /// @notice Opens the secret and the base URI: each token shows its picture, and the proceeds are free.
    /// Anybody who knows the secret may. Nothing about a token changes after it.
    /// @param secret What SECRET_HASH commits to.
    /// @param salt What stands before the base URI in URI_HASH.
    /// @param uri The final base URI, a folder of IPFS.
    /// @custom:error OutOfTurn when no hash is kept, or it is revealed already.
    /// @custom:error DeadlinePassed when the deadline has passed.
    /// @custom:error WrongSecret when the secret is another.
    /// @custom:error WrongURI when the salt or the base URI is another.
    /// @custom:error MutableURI when the base URI is no folder of IPFS.
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

    /// @notice Which entry of the ordered collection a token shows; also what tokens that were never sold
    /// would have.
    /// @param tokenId The token, from 1 to MAX_SUPPLY.
    /// @return The entry, counted from 0.
    /// @custom:error NotRevealed when the reveal has not come.
    /// @custom:error NoSuchToken when the id is 0 or above MAX_SUPPLY.
    function indexOf(uint256 tokenId) public view returns (uint256) {
        _whenRevealed();
        if (tokenId == 0 || tokenId > MAX_SUPPLY) revert NoSuchToken();
        return Permutation.place(entropy, MAX_SUPPLY, SIDE, tokenId - 1);
    }

    // ---------------------------------------------------------------- money

    /// @notice Whether buyers can have their money back: the deadline has passed without a reveal. Nothing
    /// ends that.
    /// @return Whether it is so.
    function refunding() public view returns (bool) {
        return block.timestamp > REVEAL_DEADLINE && draw.step != Step.Revealed;
    }

    /// @notice Burns tokens of the sender and gives back what was paid for them. All of them, or none.
    /// @param tokenIds The tokens.
    /// @param to Who gets the money.
    /// @custom:error NoRefunds when the deadline has not passed, or the reveal has come.
    /// @custom:error PaymentToNobody when `to` is the zero address.
    /// @custom:error ZeroQuantity when no token is named.
    /// @custom:error AlreadyRefunded when the money for one was given back before.
    /// @custom:error OwnerQueryForNonexistentToken when one was never minted.
    /// @custom:error NotHolder when the sender does not hold one.
    /// @custom:error NothingToRefund when nothing was paid for one.
    /// @custom:error PaymentFailed when `to` does not accept the money.
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

    /// @notice Pays one payee its share of the proceeds, once. Anybody may send it on its way; a payee that
    /// refuses it stops no other.
    /// @param payee The payee's number, counted from 0.
    /// @custom:error NotRevealed when the reveal has not come.
    /// @custom:error NoSuchPayee when there is none of this number.
    /// @custom:error AlreadyWithdrawn when it was paid before.
    /// @custom:error PaymentFailed when the payee does not accept the money.
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

    /// @notice A payee names another account for its share, while it was not paid: its own may turn out to
    /// take no money. Nobody else can, and what the share is does not change.
    /// @param payee The payee's number, counted from 0.
    /// @param to Who is paid from now on, and may name another.
    /// @custom:error NoSuchPayee when there is none of this number.
    /// @custom:error NotPayee when the sender is not this payee.
    /// @custom:error AlreadyWithdrawn when it was paid before.
    /// @custom:error PaymentToNobody when `to` is the zero address.
    function setPayee(uint256 payee, address to) external {
        if (payee >= shares.length) revert NoSuchPayee();
        Share storage it = shares[payee];
        if (it.to != msg.sender) revert NotPayee();
        if (it.paid) revert AlreadyWithdrawn();
        if (to == address(0)) revert PaymentToNobody();
        it.to = to;
        emit PayeeSet(payee, msg.sender, to);
    }

    // ---------------------------------------------------------------- owner

    /// @notice The owner changes a phase that has not begun, or adds one after the last.
    /// @param index The phase, counted from 0; the number of phases, to add one.
    /// @param terms What it shall be.
    /// @custom:error OwnableUnauthorizedAccount when the sender is not the owner.
    /// @custom:error MintingClosed when the draw has begun, or the deadline has passed.
    /// @custom:error PhaseHasBegun when the phase has begun.
    /// @custom:error PriceTooLow when it would be cheaper than LOWEST_PRICE.
    /// @custom:error NoSuchPhase when `index` would leave a gap, or there would be more than eight.
    /// @custom:error PhaseWithoutTime when it would end before it begins, or be over already.
    /// @custom:error PhaseWithoutSupply when it could sell nothing.
    /// @custom:error PhaseTooLate when it would end after LAST_END.
    /// @custom:error PhasesOverlap when it would begin before the one before it ends, or end after the next
    /// one begins.
    function setPhase(uint256 index, Phase calldata terms) external onlyOwner {
        _whileOpen();
        uint256 word = _phases[index];
        if (word != 0 && uint40(word) <= block.timestamp) revert PhaseHasBegun();
        if (terms.price < LOWEST_PRICE) revert PriceTooLow(LOWEST_PRICE);
        _setPhase(index, terms, LAST_END);
    }

    // ---------------------------------------------------------------- holders

    /// @notice Destroys a token of the sender. Only after the reveal: before, it would destroy a claim to
    /// money.
    /// @param tokenId The token.
    /// @custom:error NotRevealed when the reveal has not come.
    /// @custom:error OwnerQueryForNonexistentToken when the token is not minted, or was burned.
    /// @custom:error NotHolder when the sender does not hold it.
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

    /// What was not sold was given.
    function _withinReserve() internal view override {
        uint256 given = _totalMinted();
        uint256 count = draw.phases;
        // At most 8 phases, and together they sold no more than was minted.
        unchecked {
            for (uint256 index; index < count; ++index) {
                given -= uint32(_phases[index] >> SOLD);
            }
        }
        if (given > RESERVE) revert BeyondReserve(RESERVE);
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
