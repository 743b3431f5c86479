// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC721A} from "erc721a/contracts/ERC721A.sol";

import {Collection} from "../src/Collection.sol";
import {FairSale} from "../src/FairSale.sol";
import {Permutation} from "../src/Permutation.sol";
import {Fixture, Receiver} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// Buys, and when it is paid or given a token, calls the sale back once with what it was told to.
contract Hostile {
    FairSale private immutable SALE;
    bytes private call;
    uint256 private value;
    bool public called;
    bytes public answer;

    constructor(FairSale sale) {
        SALE = sale;
    }

    function arm(bytes calldata data, uint256 wei_) external {
        (call, value, called) = (data, wei_, false);
    }

    function act(bytes calldata data, uint256 wei_) external {
        (bool ok, bytes memory reason) = address(SALE).call{value: wei_}(data);
        if (!ok) {
            assembly {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    function strike() private {
        if (call.length == 0 || called) return;
        called = true;
        (, answer) = address(SALE).call{value: value}(call);
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        strike();
        return this.onERC721Received.selector;
    }

    receive() external payable {
        strike();
    }
}

/// Takes no money.
contract Refuser {
    FairSale private immutable SALE;

    constructor(FairSale sale) {
        SALE = sale;
    }

    function refund(uint256[] calldata tokenIds, address to) external {
        SALE.refund(tokenIds, to);
    }

    function setPayee(FairSale sale, uint256 payee, address to) external {
        sale.setPayee(payee, to);
    }
}

contract FairSaleTest is Fixture {
    event Armed(uint256 number, uint256 time);
    event BatchMetadataUpdate(uint256 fromTokenId, uint256 toTokenId);
    event PhaseSet(uint256 indexed index);
    event PayeeSet(uint256 indexed payee, address indexed from, address indexed to);
    event Recorded(uint256 number, bytes32 hash);
    event Refunded(uint256 indexed tokenId, uint256 amount);
    event Revealed(bytes32 seed, bytes32 secret);
    event Withdrawn(address indexed payee, uint256 amount);

    uint256 private constant SUPPLY = 100;
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    // https://eips.ethereum.org/EIPS/eip-2935
    bytes private constant HISTORY_CODE =
        hex"3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

    FairSale private fair;

    function setUp() public {
        vm.warp(OPENS - 1);
        vm.roll(1000);
        fair = made(sale());
        vm.deal(ALICE, 1000 ether);
        vm.deal(BOB, 1000 ether);
    }

    // ------------------------------------------------------------ constructor

    function testConstructor() public view {
        require(fair.MAX_SUPPLY() == SUPPLY && fair.owner() == address(this));
        require(fair.SECRET_HASH() == keccak256(abi.encode(SECRET)));
        require(fair.URI_HASH() == keccak256(abi.encodePacked(SALT, FINAL)));
        require(fair.REVEAL_DEADLINE() == DEADLINE && fair.DRAW_DELAY() == 2);
        require(fair.LAST_END() == LAST_END && fair.RESERVE() == 100 && fair.LOWEST_PRICE() == 0.08 ether);
        (FairSale.Step step, uint8 times, uint64 number, uint40 saleEnd, uint8 phases, uint128 proceeds) =
            fair.draw();
        require(step == FairSale.Step.Waiting && number == 0 && saleEnd == ENDS && phases == 2);
        require(times == 0 && proceeds == 0 && fair.entropy() == 0 && !fair.refunding());
        (address to, uint16 from, uint16 until, bool paid) = fair.shares(1);
        require(to == HOUSE && from == 6667 && until == 10_000 && !paid);
        same(fair.baseURI(), HIDDEN);
    }

    function testConstructor(FairSale.Phase memory phase) public {
        phase.end = OPENS + phase.end % (LAST_END - OPENS + 1);
        phase.start %= phase.end;
        vm.assume(phase.supply != 0);
        FairSale.Sale memory it = sale();
        it.phases = new FairSale.Phase[](1);
        it.phases[0] = phase;
        fair = made(it);
        (FairSale.Phase memory terms, uint256 sold) = fair.phase(0);
        require(keccak256(abi.encode(terms)) == keccak256(abi.encode(phase)) && sold == 0);
        require(fair.LOWEST_PRICE() == phase.price);
    }

    function testSaleWithoutPhasesReverts() public {
        FairSale.Sale memory it = sale();
        it.phases = new FairSale.Phase[](0);
        refused(it, abi.encodeWithSelector(FairSale.SaleWithoutPhases.selector));
    }

    function testNothingCommittedReverts() public {
        FairSale.Sale memory it = sale();
        it.secretHash = 0;
        refused(it, abi.encodeWithSelector(FairSale.NothingCommitted.selector));
        it = sale();
        it.uriHash = 0;
        refused(it, abi.encodeWithSelector(FairSale.NothingCommitted.selector));
    }

    function testDeadlineInThePastReverts() public {
        vm.warp(DEADLINE);
        refused(sale(), abi.encodeWithSelector(FairSale.DeadlinePassed.selector));
        vm.warp(DEADLINE - 1); // no phase can end in time, so there is no sale without money to wait for
        refused(sale(), abi.encodeWithSelector(FairSale.PhaseWithoutTime.selector));
    }

    function testDeadlineTooFarReverts() public {
        FairSale.Sale memory it = sale();
        it.revealDeadline = OPENS - 1 + 365 days + 1;
        refused(it, abi.encodeWithSelector(FairSale.DeadlineTooFar.selector));
        it.revealDeadline = type(uint40).max;
        refused(it, abi.encodeWithSelector(FairSale.DeadlineTooFar.selector));
        it.revealDeadline = OPENS - 1 + 365 days;
        made(it);
    }

    function testDrawTooSoonReverts() public {
        testDrawTooSoonReverts(1, 95);
    }

    function testDrawTooSoonReverts(uint64 chain, uint16 delay) public {
        vm.assume(chain != 0 && chain != 1337 && chain != 31337);
        FairSale.Sale memory it = sale();
        it.drawDelay = delay % 96;
        vm.chainId(chain);
        refused(it, abi.encodeWithSelector(FairSale.DrawTooSoon.selector, delay % 96));
        it.drawDelay = 96;
        made(it);
        uint256[2] memory locals = [uint256(1337), 31337];
        for (uint256 i; i < 2; ++i) {
            vm.chainId(locals[i]);
            it.drawDelay = 0;
            refused(it, abi.encodeWithSelector(FairSale.DrawTooSoon.selector, 0));
            it.drawDelay = 1;
            made(it);
        }
    }

    function testPayeeIsNobodyReverts() public {
        FairSale.Sale memory it = sale();
        it.payees[1].to = address(0);
        refused(it, abi.encodeWithSelector(FairSale.PayeeIsNobody.selector));
    }

    function testSharesDoNotAddUpReverts() public {
        testSharesDoNotAddUpReverts(6667, 3334);
        testSharesDoNotAddUpReverts(6667, 3332);
        testSharesDoNotAddUpReverts(10_000, 0);
        FairSale.Sale memory it = sale();
        it.payees = new FairSale.Payee[](0);
        refused(it, abi.encodeWithSelector(FairSale.SharesDoNotAddUp.selector, 0));
    }

    function testSharesDoNotAddUpReverts(uint16 first, uint16 second) public {
        vm.assume(first != 0 && first <= 10_000 && (second == 0 || uint256(first) + second != 10_000));
        FairSale.Sale memory it = sale();
        (it.payees[0].bps, it.payees[1].bps) = (first, second);
        refused(it, abi.encodeWithSelector(FairSale.SharesDoNotAddUp.selector, uint256(first) + second));
    }

    // ------------------------------------------------------------ phases

    function testPhaseOfNoTimeReverts() public {
        FairSale.Sale memory it = sale();
        it.phases[0].end = it.phases[0].start;
        refused(it, abi.encodeWithSelector(FairSale.PhaseWithoutTime.selector));
        it.phases[0].end = it.phases[0].start - 1;
        refused(it, abi.encodeWithSelector(FairSale.PhaseWithoutTime.selector));
        // Over already: somebody could arm at once, and the whole supply would be unsold for ever.
        it.phases[0] = FairSale.Phase(OPENS - 9, OPENS - 1, 1, 1, 0, 0);
        refused(it, abi.encodeWithSelector(FairSale.PhaseWithoutTime.selector));
        it.phases[0].end = OPENS;
        made(it);
    }

    function testPhaseWithoutSupplyReverts() public {
        FairSale.Sale memory it = sale();
        it.phases[1].supply = 0;
        refused(it, abi.encodeWithSelector(FairSale.PhaseWithoutSupply.selector));
    }

    function testPhasesOverlapReverts() public {
        FairSale.Sale memory it = sale();
        it.phases[1].start = SECOND - 1;
        refused(it, abi.encodeWithSelector(FairSale.PhasesOverlap.selector));
        FairSale.Phase memory terms = FairSale.Phase(OPENS, SECOND + 1, 1 ether, 1, 0, 0);
        vm.expectRevert(FairSale.PhasesOverlap.selector);
        fair.setPhase(0, terms);
        terms.end = SECOND;
        fair.setPhase(0, terms);
    }

    function testPhaseTooLateReverts() public {
        testPhaseTooLateReverts(2);
        testPhaseTooLateReverts(type(uint16).max);
    }

    /// After the last phase there is a day, and the time of the blocks until the draw.
    function testPhaseTooLateReverts(uint16 delay) public {
        FairSale.Sale memory it = sale();
        it.drawDelay = delay == 0 ? 1 : delay;
        it.phases[1].end = DEADLINE - 1 days - 12 * uint40(it.drawDelay);
        fair = made(it);
        require(fair.LAST_END() == it.phases[1].end);
        it.phases[1].end += 1;
        refused(it, abi.encodeWithSelector(FairSale.PhaseTooLate.selector));
        vm.expectRevert(FairSale.PhaseTooLate.selector);
        fair.setPhase(1, it.phases[1]);
    }

    function testNoSuchPhaseReverts() public {
        vm.expectRevert(FairSale.NoSuchPhase.selector);
        fair.phase(2);
        FairSale.Phase memory terms = FairSale.Phase(ENDS, ENDS + 1, 1 ether, 1, 0, 0);
        vm.expectRevert(FairSale.NoSuchPhase.selector);
        fair.setPhase(3, terms);
        vm.expectRevert(FairSale.NoSuchPhase.selector);
        fair.setPhase(type(uint256).max, terms);
        FairSale.Sale memory it = sale();
        it.phases = new FairSale.Phase[](9);
        for (uint40 i; i < 9; ++i) {
            it.phases[i] = FairSale.Phase(OPENS + i, OPENS + i + 1, 1, 1, 1, 0);
        }
        refused(it, abi.encodeWithSelector(FairSale.NoSuchPhase.selector));
    }

    function testSetPhase() public {
        testSetPhase(FairSale.Phase(ENDS, ENDS + 7, 0.08 ether, 4, 5, bytes32(uint256(6))));
    }

    /// The last phase is changed, and one is appended: whatever they are, the sale ends with the last.
    function testSetPhase(FairSale.Phase memory terms) public {
        terms.start = ENDS + terms.start % 1000;
        terms.end = terms.start + 1 + terms.end % 1000;
        if (terms.supply == 0) terms.supply = 1;
        if (terms.price < 0.08 ether) terms.price += 0.08 ether;
        for (uint256 index = 1; index < 3; ++index) {
            vm.expectEmit(address(fair));
            emit PhaseSet(index);
            fair.setPhase(index, terms);
            (FairSale.Phase memory found,) = fair.phase(index);
            require(keccak256(abi.encode(found)) == keccak256(abi.encode(terms)));
            (,,, uint40 saleEnd, uint8 phases,) = fair.draw();
            require(saleEnd == terms.end && phases == index + 1);
            (terms.start, terms.end) = (terms.end, terms.end + 1);
        }
    }

    function testChangingAnEarlierPhaseKeepsTheEnd() public {
        fair.setPhase(0, FairSale.Phase(OPENS + 5, SECOND - 5, 1 ether, 1, 0, 0));
        (,,, uint40 saleEnd, uint8 phases,) = fair.draw();
        require(saleEnd == ENDS && phases == 2);
    }

    /// The last phase is made to end sooner: whoever waits to arm waits no longer.
    function testShorteningTheLastPhaseEndsTheSale() public {
        fair.setPhase(1, FairSale.Phase(SECOND, SECOND + 10, 1 ether, 1, 0, 0));
        vm.warp(SECOND + 9);
        vm.expectRevert(FairSale.SaleStillOpen.selector);
        fair.arm();
        vm.warp(SECOND + 10);
        fair.arm();
    }

    /// Forty bits of seconds, beyond the year 2106.
    function testTimesAfter32Bits() public {
        uint40 far = 1 << 33;
        vm.warp(far);
        FairSale.Sale memory it = sale();
        it.phases[0].start = far + 10;
        it.phases[0].end = far + 20;
        it.phases[1].start = far + 20;
        it.phases[1].end = far + 30;
        it.revealDeadline = far + 30 days;
        fair = made(it);
        (,,, uint40 saleEnd,,) = fair.draw();
        require(saleEnd == far + 30 && fair.REVEAL_DEADLINE() == far + 30 days);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.PhaseClosed.selector);
        fair.mint{value: 0.08 ether}(0, 1);
        vm.warp(far + 25);
        buy(ALICE, 1, 1);
        vm.warp(far + 30);
        fair.arm();
    }

    function testPhaseHasBegunReverts() public {
        testPhaseHasBegunReverts(OPENS, FairSale.Phase(OPENS, SECOND, 0.08 ether, 60, 3, 0));
    }

    function testPhaseHasBegunReverts(uint40 time, FairSale.Phase memory terms) public {
        time = OPENS + time % (DEADLINE - OPENS);
        vm.warp(time);
        vm.expectRevert(FairSale.PhaseHasBegun.selector);
        fair.setPhase(0, terms);
        if (time < SECOND) {
            fair.setPhase(1, FairSale.Phase(SECOND, ENDS, 9 ether, 1, 1, 0));
        } else {
            vm.expectRevert(FairSale.PhaseHasBegun.selector);
            fair.setPhase(1, terms);
        }
    }

    function testPriceTooLowReverts() public {
        testPriceTooLowReverts(0);
        testPriceTooLowReverts(0.08 ether - 1);
    }

    /// A phase to come may become cheaper, and never cheaper than the cheapest that was announced: neither
    /// one that is there, nor one that is added.
    function testPriceTooLowReverts(uint88 price_) public {
        FairSale.Phase memory terms = FairSale.Phase(SECOND, ENDS, price_ % 0.08 ether, 100, 0, 0);
        for (uint256 index = 1; index < 3; ++index) {
            vm.expectRevert(abi.encodeWithSelector(FairSale.PriceTooLow.selector, 0.08 ether));
            fair.setPhase(index, terms);
            (terms.start, terms.end) = (ENDS, ENDS + 1);
        }
        terms.price = 0.08 ether;
        fair.setPhase(2, terms);
    }

    /// The lowest price is that of the cheapest phase, wherever it stands, and does not follow a change.
    function testLowestPrice(uint88 first, uint88 second) public {
        FairSale.Sale memory it = sale();
        (it.phases[0].price, it.phases[1].price) = (first, second);
        fair = made(it);
        uint256 lowest = first < second ? first : second;
        require(fair.LOWEST_PRICE() == lowest);
        it.phases[1].price = type(uint88).max;
        fair.setPhase(1, it.phases[1]);
        it.phases[0].price = type(uint88).max;
        fair.setPhase(0, it.phases[0]);
        require(fair.LOWEST_PRICE() == lowest);
    }

    function testSetPhaseByStrangerReverts(address stranger) public {
        vm.assume(stranger != address(this));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        fair.setPhase(2, FairSale.Phase(ENDS, ENDS + 1, 1 ether, 1, 1, 0));
    }

    // ------------------------------------------------------------ minting

    function testMint() public {
        testMint(1, 2);
    }

    function testMint(uint256 index, uint256 quantity) public {
        index %= 2;
        quantity = 1 + quantity % (index == 0 ? 3 : 50);
        vm.warp(index == 0 ? OPENS : SECOND);
        buy(ALICE, index, quantity);
        require(fair.balanceOf(ALICE) == quantity && fair.totalSupply() == quantity);
        require(fair.taken(ALICE, index) == (index == 0 ? quantity : 0) && fair.taken(ALICE, 1 - index) == 0);
        (, uint256 sold) = fair.phase(index);
        require(sold == quantity && address(fair).balance == quantity * price(index));
        for (uint256 id = 1; id <= quantity; ++id) {
            require(fair.ownerOf(id) == ALICE && fair.paid(id) == price(index));
            same(fair.tokenURI(id), HIDDEN);
        }
    }

    /// One second before, the first, the last, and one after.
    function testPhaseBoundaries() public {
        uint40[6] memory times = [OPENS - 1, OPENS, SECOND - 1, SECOND, ENDS - 1, ENDS];
        for (uint256 i; i < times.length; ++i) {
            vm.warp(times[i]);
            for (uint256 index; index < 2; ++index) {
                bool open = index == 0 ? i == 1 || i == 2 : i == 3 || i == 4;
                if (!open) vm.expectRevert(FairSale.PhaseClosed.selector);
                vm.prank(ALICE);
                fair.mint{value: price(index)}(index, 1);
            }
        }
        require(fair.totalSupply() == 4);
    }

    function testPhaseClosedReverts(uint256 index, uint40 time) public {
        vm.assume(index > 1 || time < (index == 0 ? OPENS : SECOND) || time >= (index == 0 ? SECOND : ENDS));
        vm.warp(time);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.PhaseClosed.selector);
        fair.mint(index, 1);
    }

    /// A wallet's cap of one phase neither grows nor shrinks by what it took in another.
    function testCapsOfAllPhasesAreApart(uint256 seed) public {
        FairSale.Sale memory it = sale();
        it.phases = new FairSale.Phase[](8);
        for (uint40 i; i < 8; ++i) {
            uint8 cap = uint8(1 + (seed >> (8 * i)) % 255);
            it.phases[i] = FairSale.Phase(OPENS + i, OPENS + i + 1, 1, 1000, cap, 0);
        }
        fair = new FairSale(launch(5000), it);
        for (uint40 i; i < 8; ++i) {
            vm.warp(OPENS + i);
            uint256 cap = it.phases[i].walletCap;
            uint256 first = 1 + (seed >> 128) % cap;
            vm.prank(ALICE);
            fair.mint{value: first}(i, first);
            if (first < cap) {
                vm.prank(ALICE);
                fair.mint{value: cap - first}(i, cap - first);
            }
            require(fair.taken(ALICE, i) == cap);
            vm.prank(ALICE);
            vm.expectRevert(FairSale.WalletCapReached.selector);
            fair.mint{value: 1}(i, 1);
        }
        for (uint256 i; i < 8; ++i) {
            require(fair.taken(ALICE, i) == it.phases[i].walletCap && fair.taken(BOB, i) == 0);
        }
    }

    function testWalletCapReachedReverts() public {
        vm.warp(OPENS);
        buy(ALICE, 0, 3);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.WalletCapReached.selector);
        fair.mint{value: 0.08 ether}(0, 1);
        // Passing tokens on makes no room, and what is given takes none.
        vm.prank(ALICE);
        fair.transferFrom(ALICE, BOB, 1);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.WalletCapReached.selector);
        fair.mint{value: 0.08 ether}(0, 1);
        fair.airdrop(BOB, 30);
        buy(BOB, 0, 3);
    }

    function testWalletCapReachedReverts(uint256 quantity) public {
        quantity = 4 + quantity % 57;
        vm.warp(OPENS);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.WalletCapReached.selector);
        fair.mint{value: quantity * 0.08 ether}(0, quantity);
    }

    function testPhaseSoldOutReverts() public {
        testPhaseSoldOutReverts(49, 2);
    }

    /// What is given does not count as sold.
    function testPhaseSoldOutReverts(uint256 before, uint256 quantity) public {
        before = 1 + before % 50;
        quantity = 51 - before + quantity % 20;
        fair.airdrop(BOB, 20);
        vm.warp(SECOND);
        buy(ALICE, 1, before);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(FairSale.PhaseSoldOut.selector, 50 - before));
        fair.mint{value: quantity * 0.1 ether}(1, quantity);
    }

    function testSoldOutReverts(uint256 given, uint256 quantity) public {
        given = 51 + given % 50;
        fair.airdrop(BOB, given);
        quantity = SUPPLY + 1 - given + quantity % 1e9;
        vm.warp(SECOND);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Collection.SoldOut.selector, SUPPLY - given));
        fair.mint(1, quantity);
    }

    function testWrongPaymentReverts() public {
        testWrongPaymentReverts(1, 0.08 ether + 1);
        testWrongPaymentReverts(1, 0.08 ether - 1);
        testWrongPaymentReverts(1, 0);
    }

    function testWrongPaymentReverts(uint256 quantity, uint96 value) public {
        quantity = 1 + quantity % 3;
        uint256 right = quantity * 0.08 ether;
        vm.assume(value != right);
        vm.deal(ALICE, value);
        vm.warp(OPENS);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(FairSale.WrongPayment.selector, right));
        fair.mint{value: value}(0, quantity);
    }

    function testZeroQuantityReverts() public {
        vm.warp(OPENS);
        vm.prank(ALICE);
        vm.expectRevert(Collection.ZeroQuantity.selector);
        fair.mint(0, 0);
    }

    function testMoneyIsNotTakenOtherwise() public {
        fair.airdrop(address(this), 1);
        vm.expectRevert(Collection.NotPayable.selector);
        fair.transferFrom{value: 1}(address(this), ALICE, 1);
        (bool sent,) = address(fair).call{value: 1}("");
        require(!sent && address(fair).balance == 0);
    }

    // ------------------------------------------------------------ allowlist

    function testMintListed() public {
        (bytes32[] memory alices, bytes32[] memory bobs) = listed(0);
        buyListed(ALICE, 2, 2, alices);
        buyListed(BOB, 1, 5, bobs);
        buyListed(BOB, 4, 5, bobs);
        require(fair.balanceOf(ALICE) == 2 && fair.balanceOf(BOB) == 5 && fair.taken(BOB, 0) == 5);
        vm.prank(BOB);
        vm.expectRevert(FairSale.WalletCapReached.selector);
        fair.mintListed{value: 1}(0, 1, 5, bobs);
    }

    /// The lower of the leaf's cap and the phase's counts.
    function testMintListed(uint8 walletCap, uint8 quantity) public {
        (, bytes32[] memory bobs) = listed(walletCap);
        uint256 cap = walletCap == 0 || walletCap > 5 ? 5 : walletCap;
        quantity = 1 + quantity % 10;
        if (quantity > cap) vm.expectRevert(FairSale.WalletCapReached.selector);
        vm.prank(BOB);
        fair.mintListed{value: quantity}(0, quantity, 5, bobs);
    }

    function testWrongProofReverts() public {
        (bytes32[] memory alices, bytes32[] memory bobs) = listed(0);
        mistaken(ALICE, 5, bobs); // another's proof
        mistaken(ALICE, 3, alices); // a higher cap
        mistaken(address(this), 2, alices);
        mistaken(ALICE, 2, new bytes32[](0));
        vm.warp(SECOND);
        vm.deal(ALICE, 1);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.WrongProof.selector);
        fair.mintListed{value: 1}(1, 1, 2, alices); // a phase for everybody has no list
        vm.prank(ALICE);
        vm.expectRevert(FairSale.WrongProof.selector);
        fair.mintListed{value: 1}(7, 1, 2, alices);
    }

    function testWrongProofReverts(address wallet, uint256 cap, bytes32[] memory proof) public {
        listed(0);
        vm.assume(wallet != address(vm));
        mistaken(wallet, cap, proof);
    }

    /// An inner node, presented as wallet and cap, does not become a leaf.
    function testInnerNodeIsNoLeaf() public {
        bytes32 a = leaf(ALICE, 2);
        bytes32 b = leaf(BOB, 5);
        (bytes32 low, bytes32 high) = a < b ? (a, b) : (b, a);
        listed(0);
        mistaken(address(uint160(uint256(low))), uint256(high), new bytes32[](0));
    }

    function testCapOutOfRangeReverts() public {
        uint256[3] memory caps = [uint256(0), 256, type(uint256).max];
        for (uint256 i; i < 3; ++i) {
            testCapOutOfRangeReverts(caps[i]);
        }
    }

    function testCapOutOfRangeReverts(uint256 cap) public {
        vm.assume(cap == 0 || cap > 255);
        FairSale.Sale memory it = sale();
        it.phases[0].root = leaf(ALICE, cap);
        fair = made(it);
        vm.warp(OPENS);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.CapOutOfRange.selector);
        fair.mintListed{value: 0.08 ether}(0, 1, cap, new bytes32[](0));
    }

    /// The largest cap there is: the 255th token, and no 256th.
    function testLargestCap() public {
        FairSale.Sale memory it = sale();
        it.phases[0] = FairSale.Phase(OPENS, SECOND, 0, 300, 0, leaf(ALICE, 255));
        fair = new FairSale(hidden(300), it);
        vm.warp(OPENS);
        vm.prank(ALICE);
        fair.mintListed(0, 254, 255, new bytes32[](0));
        vm.prank(ALICE);
        fair.mintListed(0, 1, 255, new bytes32[](0));
        require(fair.taken(ALICE, 0) == 255 && fair.taken(ALICE, 1) == 0);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.WalletCapReached.selector);
        fair.mintListed(0, 1, 255, new bytes32[](0));
    }

    /// A phase that is not for its list any more takes no proof, and one that is again does.
    function testListedAndPublicByTurns() public {
        FairSale.Sale memory it = sale();
        it.phases[0] = FairSale.Phase(OPENS, SECOND, 1, 60, 0, leaf(ALICE, 2));
        fair = made(it);
        FairSale.Phase memory terms = it.phases[0];
        FairSale.Phase memory open = FairSale.Phase(OPENS, SECOND, 1, 60, 0, 0);
        fair.setPhase(0, terms);
        fair.setPhase(0, open);
        (FairSale.Phase memory found,) = fair.phase(0);
        require(found.root == 0);
        vm.warp(OPENS);
        mistaken(ALICE, 2, new bytes32[](0));
        vm.deal(BOB, 1);
        vm.prank(BOB);
        fair.mint{value: 1}(0, 1);
        vm.warp(OPENS - 1);
        fair.setPhase(0, terms);
        vm.warp(OPENS);
        vm.deal(ALICE, 2);
        buyListed(ALICE, 2, 2, new bytes32[](0));
        vm.prank(BOB);
        vm.expectRevert(FairSale.ListedOnly.selector);
        fair.mint(0, 1);
    }

    function testListedOnlyReverts() public {
        listed(0);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.ListedOnly.selector);
        fair.mint{value: 1}(0, 1);
    }

    // ------------------------------------------------------------ owner

    function testAirdropIsFree() public {
        fair.airdrop(ALICE, 25);
        vm.warp(OPENS);
        buy(ALICE, 0, 2);
        require(fair.paid(25) == 0 && fair.paid(26) == 0.08 ether && fair.taken(ALICE, 0) == 2);
    }

    function testBeyondReserveReverts() public {
        testBeyondReserveReverts(12, 5, 2);
        testBeyondReserveReverts(0, 0, 1);
    }

    /// One by one or together: RESERVE tokens are given away, and no other; what is sold does not count.
    function testBeyondReserveReverts(uint8 reserve, uint8 first, uint8 bought) public {
        reserve %= 47;
        vm.warp(OPENS - 1);
        FairSale.Sale memory it = sale();
        it.reserve = reserve;
        fair = made(it);
        vm.warp(OPENS);
        if (bought % 4 != 0) buy(ALICE, 0, bought % 4);
        vm.warp(SECOND);
        buy(ALICE, 1, 1 + bought % 50);
        bytes memory reason = abi.encodeWithSelector(FairSale.BeyondReserve.selector, reserve);
        uint256 some = first % (uint256(reserve) + 1);
        if (some != 0) fair.airdrop(BOB, some);
        Collection.Gift[] memory gifts = new Collection.Gift[](2);
        (gifts[0], gifts[1]) = (Collection.Gift(BOB, reserve - some), Collection.Gift(ALICE, 1));
        if (some == reserve) gifts[0].quantity = 1;
        vm.expectRevert(reason);
        fair.airdropMany(gifts);
        vm.expectRevert(reason);
        fair.airdrop(BOB, reserve - some + 1);
        if (some != reserve) fair.airdrop(BOB, reserve - some);
        vm.expectRevert(reason);
        fair.airdrop(BOB, 1);
        require(fair.balanceOf(BOB) == reserve);
    }

    function testMintingClosedReverts() public {
        vm.warp(ENDS);
        fair.arm();
        closed();
    }

    /// After the deadline, too, whether anything was drawn or not.
    function testMintingClosedReverts(uint40 time) public {
        vm.assume(time > DEADLINE);
        vm.warp(time);
        closed();
    }

    // ------------------------------------------------------------ draw

    function testArm() public {
        vm.warp(ENDS);
        vm.expectEmit(address(fair));
        emit Armed(1002, 1);
        vm.prank(ALICE);
        fair.arm();
        (FairSale.Step step, uint8 times, uint64 number, uint40 saleEnd,,) = fair.draw();
        require(step == FairSale.Step.Armed && times == 1 && number == 1002 && saleEnd == ENDS);
    }

    function testArmAfterSellOut() public {
        vm.warp(SECOND);
        fair.airdrop(BOB, 60);
        buy(ALICE, 1, 39);
        vm.expectRevert(FairSale.SaleStillOpen.selector);
        fair.arm();
        buy(ALICE, 1, 1);
        fair.arm();
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Collection.SoldOut.selector, 0));
        fair.mint{value: 0.1 ether}(1, 1);
    }

    function testSaleStillOpenReverts() public {
        testSaleStillOpenReverts(ENDS - 1);
    }

    function testSaleStillOpenReverts(uint40 time) public {
        vm.warp(time % ENDS);
        vm.expectRevert(FairSale.SaleStillOpen.selector);
        fair.arm();
    }

    function testDeadlinePassedReverts() public {
        vm.warp(DEADLINE + 1);
        vm.expectRevert(FairSale.DeadlinePassed.selector);
        fair.arm();
        vm.warp(DEADLINE);
        fair.arm();
        vm.roll(1003);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(FairSale.DeadlinePassed.selector);
        fair.record();
        vm.warp(DEADLINE);
        fair.record();
        vm.warp(DEADLINE + 1);
        vm.expectRevert(FairSale.DeadlinePassed.selector);
        fair.reveal(SECRET, SALT, FINAL);
        vm.warp(DEADLINE);
        fair.reveal(SECRET, SALT, FINAL);
        vm.warp(DEADLINE + 1);
        require(!fair.refunding());
    }

    /// Each step at each time but its own.
    function testOutOfTurnReverts() public {
        for (uint8 step; step < 4; ++step) {
            bytes memory reason = abi.encodeWithSelector(FairSale.OutOfTurn.selector, step);
            if (step != 0) {
                vm.warp(ENDS);
                vm.expectRevert(reason);
                fair.arm();
            }
            if (step != 1) {
                vm.expectRevert(reason);
                fair.record();
            }
            if (step != 2) {
                vm.expectRevert(reason);
                fair.reveal(SECRET, SALT, FINAL);
            }
            vm.warp(ENDS);
            if (step == 0) fair.arm();
            vm.roll(1003);
            if (step == 1) fair.record();
            if (step == 2) fair.reveal(SECRET, SALT, FINAL);
        }
    }

    function testBlockNotYetReverts() public {
        vm.warp(ENDS);
        fair.arm();
        for (uint256 number = 1000; number < 1003; ++number) {
            vm.roll(number);
            vm.expectRevert(FairSale.BlockNotYet.selector);
            fair.record();
        }
        vm.roll(1003);
        fair.record();
    }

    function testRecord() public {
        testRecord(1);
        testRecord(256);
    }

    function testRecord(uint256 later) public {
        fair = anew();
        vm.warp(ENDS);
        vm.roll(1000);
        fair.arm();
        vm.roll(1002 + 1 + later % 256);
        bytes32 hash = blockhash(1002);
        require(hash != 0);
        vm.expectEmit(address(fair));
        emit Recorded(1002, hash);
        vm.prank(BOB);
        fair.record();
        require(fair.entropy() == hash);
    }

    /// Nobody came for 256 blocks, and this chain has no EIP-2935: a future block, not a recent one.
    function testMissedHashIsArmedAnew(uint256 later) public {
        vm.warp(ENDS);
        fair.arm();
        uint256 number = 1002 + 257 + later % 1e6;
        vm.roll(number);
        vm.expectEmit(address(fair));
        emit Armed(number + 2, 2);
        fair.record();
        (FairSale.Step step, uint8 times, uint64 named,,,) = fair.draw();
        require(step == FairSale.Step.Armed && times == 2 && named == number + 2 && fair.entropy() == 0);
        vm.expectRevert(FairSale.BlockNotYet.selector);
        fair.record();
        vm.roll(number + 3);
        fair.record();
        require(fair.entropy() == blockhash(number + 2));
    }

    /// Whatever strangers do after a missed hash, and whenever: the other two blocks are the owner's to
    /// name, and each can decide.
    function testStrangersUseUpNoBlock(uint256 seed, bool twice) public {
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        vm.warp(ENDS);
        vm.prank(ALICE);
        fair.arm();
        uint256 number = 1002 + 257;
        for (uint256 round; round < (twice ? 2 : 1); ++round) {
            for (uint256 i; i < 12; ++i) {
                number += uint256(keccak256(abi.encode(seed, i))) % 3000;
                vm.roll(number);
                vm.warp(ENDS + (uint256(keccak256(abi.encode(i, seed))) % (DEADLINE - ENDS)));
                vm.prank(i % 2 == 0 ? ALICE : BOB);
                vm.expectRevert(FairSale.HashMissed.selector);
                fair.record();
            }
            (, uint8 times,,,,) = fair.draw();
            require(times == 1 + round);
            vm.warp(DEADLINE);
            fair.record();
            number += 300;
        }
        (, uint8 named, uint64 decides,,,) = fair.draw();
        require(named == (twice ? 3 : 2));
        vm.roll(decides + 1);
        vm.prank(BOB);
        fair.record();
        fair.reveal(SECRET, SALT, FINAL);
    }

    /// Nobody owns it any more: one block is all there is, and the money goes back.
    function testNobodyNamesAnotherBlockWithoutAnOwner() public {
        vm.warp(ENDS);
        fair.arm();
        fair.renounceOwnership();
        vm.roll(1002 + 257);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.HashMissed.selector);
        fair.record();
        vm.warp(DEADLINE + 1);
        require(fair.refunding());
    }

    /// Three blocks are named, and no fourth: whoever alone knows the secret cannot wait for the one he
    /// likes. The buyers get their money.
    function testDrawMissedReverts() public {
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        vm.warp(ENDS);
        fair.arm();
        for (uint256 i = 1; i < 3; ++i) {
            vm.roll(1000 + 1000 * i);
            fair.record();
        }
        vm.roll(4000);
        vm.expectRevert(FairSale.DrawMissed.selector);
        fair.record();
        vm.prank(ALICE);
        vm.expectRevert(FairSale.DrawMissed.selector);
        fair.record();
        (FairSale.Step step, uint8 times, uint64 named,,,) = fair.draw();
        require(step == FairSale.Step.Armed && times == 3 && named == 3002);
        vm.expectRevert(abi.encodeWithSelector(FairSale.OutOfTurn.selector, 1));
        fair.reveal(SECRET, SALT, FINAL);
        vm.warp(DEADLINE + 1);
        vm.prank(ALICE);
        fair.refund(ids(1, 1), ALICE);
        require(ALICE.balance == 1000 ether);
    }

    function testTheThirdBlockCanStillDecide() public {
        vm.warp(ENDS);
        fair.arm();
        vm.roll(2000);
        fair.record();
        vm.roll(3000);
        fair.record();
        vm.roll(3003);
        fair.record();
        require(fair.entropy() == blockhash(3002));
    }

    /// EIP-2935's own code, with a hash where the protocol would have put it.
    function testRecordFromHistory() public {
        testRecordFromHistory(0); // 257 blocks later
        testRecordFromHistory(7934); // 8,191
        testRecordFromHistory(7935); // 8,192
    }

    function testRecordFromHistory(uint256 later) public {
        later = 257 + later % 7936;
        fair = anew();
        vm.warp(ENDS);
        vm.roll(1000);
        fair.arm();
        vm.etch(HISTORY, HISTORY_CODE);
        vm.store(HISTORY, bytes32(uint256(1002)), keccak256("hash"));
        vm.roll(1002 + later);
        fair.record();
        require(fair.entropy() == (later <= 8191 ? keccak256("hash") : bytes32(0)));
        (FairSale.Step step,, uint64 named,,,) = fair.draw();
        require(step == (later <= 8191 ? FairSale.Step.Recorded : FairSale.Step.Armed));
        require(named == (later <= 8191 ? 1002 : 1004 + later));
        vm.etch(HISTORY, "");
    }

    /// Where EIP-2935 began after that block, it answers with zero.
    function testHistoryThatDoesNotGoBackThatFar() public {
        vm.warp(ENDS);
        fair.arm();
        vm.etch(HISTORY, HISTORY_CODE);
        vm.roll(1002 + 257);
        fair.record();
        (FairSale.Step step,,,,,) = fair.draw();
        require(step == FairSale.Step.Armed);
    }

    /// What answers in another form at that address is not believed.
    function testStrangeHistory() public {
        // Nothing; 31 bytes; 64 bytes; a revert with 32 bytes.
        bytes[4] memory codes = [bytes(hex"00"), hex"601f5ff3", hex"60405ff3", hex"60015f5260205ffd"];
        for (uint256 i; i < codes.length; ++i) {
            fair = anew();
            vm.warp(ENDS);
            vm.roll(1000);
            fair.arm();
            vm.etch(HISTORY, codes[i]);
            vm.roll(1002 + 257);
            fair.record();
            (FairSale.Step step,,,,,) = fair.draw();
            require(step == FairSale.Step.Armed && fair.entropy() == 0);
        }
    }

    /// Too little gas to ask EIP-2935 is too little to name another block.
    function testStarvedRecordChangesNothing(uint256 allowance) public {
        vm.warp(ENDS);
        fair.arm();
        vm.etch(HISTORY, HISTORY_CODE);
        vm.store(HISTORY, bytes32(uint256(1002)), keccak256("hash"));
        vm.roll(1002 + 257);
        vm.cool(address(fair));
        vm.cool(HISTORY);
        (bool ok,) = address(fair).call{gas: allowance % 60_000}(abi.encodeCall(FairSale.record, ()));
        (FairSale.Step step,, uint64 named,,,) = fair.draw();
        require(named == 1002);
        require(step == (ok ? FairSale.Step.Recorded : FairSale.Step.Armed));
    }

    function testReveal() public {
        testReveal(SECRET, SALT, "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi");
    }

    /// Committed, but no folder of IPFS: what it shows could be changed afterwards.
    function testMutableURIReverts() public {
        string[7] memory uris =
            ["", "/", "ipfs://", "ipfs://folder", "https://example.org/", "ipfs:/folder/", "Ipfs://folder/"];
        for (uint256 i; i < uris.length; ++i) {
            FairSale.Sale memory it = sale();
            it.uriHash = keccak256(abi.encodePacked(SALT, uris[i]));
            vm.warp(OPENS);
            fair = made(it);
            recorded();
            vm.expectRevert(FairSale.MutableURI.selector);
            fair.reveal(SECRET, SALT, uris[i]);
        }
    }

    function testReveal(bytes32 secret, bytes32 salt, string memory uri) public {
        uri = string.concat("ipfs://", uri, "/");
        FairSale.Sale memory it = sale();
        it.secretHash = keccak256(abi.encode(secret));
        it.uriHash = keccak256(abi.encodePacked(salt, uri));
        fair = made(it);
        vm.warp(SECOND);
        buy(ALICE, 1, 12);
        recorded();
        bytes32 seed = keccak256(abi.encode(fair.entropy(), secret, address(fair), block.chainid));
        vm.expectEmit(address(fair));
        emit Revealed(seed, secret);
        vm.expectEmit(address(fair));
        emit BatchMetadataUpdate(1, SUPPLY);
        vm.prank(BOB);
        fair.reveal(secret, salt, uri);
        require(fair.entropy() == seed);
        same(fair.baseURI(), uri);
        string[] memory uris = fair.tokenURIs(1, 12);
        for (uint256 id = 1; id <= 12; ++id) {
            same(uris[id - 1], string.concat(uri, decimal(fair.indexOf(id) + 1), ".json"));
            same(fair.tokenURI(id), uris[id - 1]);
        }
        (FairSale.Step step,,,,, uint128 proceeds) = fair.draw();
        require(step == FairSale.Step.Revealed && proceeds == 1.2 ether);
    }

    /// Every token's picture, sold or not, is another one.
    function testDrawIsAPermutation(bytes32 secret, uint16 supply) public {
        supply = 1 + supply % 300;
        FairSale.Sale memory it = sale();
        it.secretHash = keccak256(abi.encode(secret));
        fair = new FairSale(hidden(supply), it);
        recorded();
        fair.reveal(secret, SALT, FINAL);
        bool[] memory seen = new bool[](supply);
        for (uint256 id = 1; id <= supply; ++id) {
            uint256 index = fair.indexOf(id);
            require(!seen[index]);
            seen[index] = true;
        }
    }

    /// The same vector as tests/test_draw.py: both sides keep to it, not only to each other.
    function testPermutationVector() public pure {
        uint256[10] memory wanted = [uint256(8), 7, 3, 2, 4, 6, 9, 0, 5, 1];
        for (uint256 i; i < 10; ++i) {
            require(Permutation.place(SECRET, 10, 4, i) == wanted[i]);
        }
        require(Permutation.place(SECRET, 10_000, Permutation.side(10_000), 9_999) == 1838);
    }

    function testNoSuchTokenReverts() public {
        revealed();
        fair.indexOf(SUPPLY);
        vm.expectRevert(FairSale.NoSuchToken.selector);
        fair.indexOf(0);
        vm.expectRevert(FairSale.NoSuchToken.selector);
        fair.indexOf(SUPPLY + 1);
    }

    function testWrongSecretReverts() public {
        testWrongSecretReverts(0);
    }

    function testWrongSecretReverts(bytes32 secret) public {
        vm.assume(secret != SECRET);
        recorded();
        vm.expectRevert(FairSale.WrongSecret.selector);
        fair.reveal(secret, SALT, FINAL);
    }

    function testWrongURIReverts() public {
        testWrongURIReverts(SALT, "ipfs://other/");
        testWrongURIReverts(0, FINAL);
        testWrongURIReverts(SALT, "");
    }

    function testWrongURIReverts(bytes32 salt, string memory uri) public {
        vm.assume(salt != SALT || keccak256(bytes(uri)) != keccak256(bytes(FINAL)));
        fair = anew();
        recorded();
        vm.expectRevert(FairSale.WrongURI.selector);
        fair.reveal(SECRET, salt, uri);
    }

    function testNotRevealedReverts() public {
        vm.warp(OPENS);
        buy(ALICE, 0, 1);
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(FairSale.NotRevealed.selector);
            fair.indexOf(1);
            vm.expectRevert(FairSale.NotRevealed.selector);
            fair.withdraw(0);
            vm.prank(ALICE);
            vm.expectRevert(FairSale.NotRevealed.selector);
            fair.burn(1);
            if (i == 0) recorded();
        }
    }

    // ------------------------------------------------------------ withdrawing

    function testWithdraw() public {
        testWithdraw(6667, 3);
    }

    /// Whatever the shares, the last wei goes out, and no more.
    function testWithdraw(uint16 bps, uint88 each) public {
        bps = 1 + bps % 9999;
        FairSale.Sale memory it = sale();
        it.phases[1].price = each;
        (it.payees[0].bps, it.payees[1].bps) = (bps, 10_000 - bps);
        fair = made(it);
        vm.warp(SECOND);
        vm.deal(ALICE, 3 * uint256(each));
        vm.prank(ALICE);
        fair.mint{value: 3 * uint256(each)}(1, 3);
        revealed();
        uint256 first = 3 * uint256(each) * bps / 10_000;
        vm.expectEmit(address(fair));
        emit Withdrawn(ARTIST, first);
        vm.prank(BOB);
        fair.withdraw(0);
        fair.withdraw(1);
        require(ARTIST.balance == first && HOUSE.balance == 3 * uint256(each) - first);
        require(address(fair).balance == 0);
    }

    function testAlreadyWithdrawnReverts() public {
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        revealed();
        fair.withdraw(1);
        vm.expectRevert(FairSale.AlreadyWithdrawn.selector);
        fair.withdraw(1);
        fair.withdraw(0);
    }

    function testNoSuchPayeeReverts() public {
        revealed();
        vm.expectRevert(FairSale.NoSuchPayee.selector);
        fair.withdraw(2);
    }

    /// One payee refuses: the others are paid, and it can still be when it has learnt.
    function testPaymentFailedReverts() public {
        FairSale.Sale memory it = sale();
        it.payees[0].to = address(new Refuser(fair));
        fair = made(it);
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        revealed();
        vm.expectRevert(FairSale.PaymentFailed.selector);
        fair.withdraw(0);
        fair.withdraw(1);
        require(HOUSE.balance == 0.03333 ether);
        vm.etch(it.payees[0].to, "");
        fair.withdraw(0);
        require(address(fair).balance == 0);
    }

    function testSetPayee() public {
        testSetPayee(0, 0.1 ether, false);
    }

    /// A payee names another account, before the reveal or after it; the shares stay what they were.
    function testSetPayee(uint256 payee, uint88 each, bool before) public {
        payee %= 2;
        FairSale.Sale memory it = sale();
        it.phases[1].price = each;
        fair = made(it);
        vm.warp(SECOND);
        vm.deal(ALICE, each);
        vm.prank(ALICE);
        fair.mint{value: each}(1, 1);
        if (!before) revealed();
        address old = payee == 0 ? ARTIST : HOUSE;
        vm.expectEmit(address(fair));
        emit PayeeSet(payee, old, BOB);
        vm.prank(old);
        fair.setPayee(payee, BOB);
        vm.prank(old);
        vm.expectRevert(FairSale.NotPayee.selector);
        fair.setPayee(payee, old);
        vm.prank(BOB);
        fair.setPayee(payee, address(0xCA401)); // who was named may name another
        if (before) revealed();
        fair.withdraw(0);
        fair.withdraw(1);
        uint256 first = uint256(each) * 6667 / 10_000;
        require(address(0xCA401).balance == (payee == 0 ? first : each - first));
        require((payee == 0 ? HOUSE : ARTIST).balance == (payee == 0 ? each - first : first));
        require(old.balance == 0 && address(fair).balance == 0);
        (address to, uint16 from, uint16 until, bool paid) = fair.shares(payee);
        require(to == address(0xCA401) && paid);
        require(from == (payee == 0 ? 0 : 6667) && until == (payee == 0 ? 6667 : 10_000));
    }

    /// One that takes no money says where its share goes, and loses nothing.
    function testRefusingPayeeNamesAnother() public {
        FairSale.Sale memory it = sale();
        Refuser refuser = new Refuser(fair);
        it.payees[0].to = address(refuser);
        fair = made(it);
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        revealed();
        vm.expectRevert(FairSale.PaymentFailed.selector);
        fair.withdraw(0);
        refuser.setPayee(fair, 0, BOB);
        uint256 had = BOB.balance;
        fair.withdraw(0);
        require(BOB.balance - had == 0.06667 ether);
    }

    function testNotPayeeReverts(address stranger) public {
        vm.assume(stranger != ARTIST && stranger != HOUSE);
        fair.transferOwnership(stranger); // neither the owner nor the next one
        for (uint256 payee; payee < 2; ++payee) {
            vm.expectRevert(FairSale.NotPayee.selector);
            fair.setPayee(payee, stranger);
            vm.prank(stranger);
            vm.expectRevert(FairSale.NotPayee.selector);
            fair.setPayee(payee, stranger);
            vm.prank(payee == 0 ? HOUSE : ARTIST); // nor the other payee
            vm.expectRevert(FairSale.NotPayee.selector);
            fair.setPayee(payee, stranger);
        }
    }

    function testSetPayeeReverts() public {
        vm.prank(ARTIST);
        vm.expectRevert(FairSale.NoSuchPayee.selector);
        fair.setPayee(2, BOB);
        vm.prank(ARTIST);
        vm.expectRevert(FairSale.PaymentToNobody.selector);
        fair.setPayee(0, address(0));
        revealed();
        fair.withdraw(0);
        vm.prank(ARTIST);
        vm.expectRevert(FairSale.AlreadyWithdrawn.selector);
        fair.setPayee(0, BOB);
    }

    function testHostilePayee() public {
        FairSale.Sale memory it = sale();
        Hostile hostile = new Hostile(FairSale(address(0)));
        it.payees[0].to = address(hostile);
        fair = made(it);
        hostile = new Hostile(fair);
        vm.etch(it.payees[0].to, address(hostile).code);
        hostile = Hostile(payable(it.payees[0].to));
        vm.warp(SECOND);
        buy(ALICE, 1, 10);
        revealed();
        hostile.arm(abi.encodeCall(FairSale.withdraw, (0)), 0);
        fair.withdraw(0);
        require(hostile.called());
        require(bytes4(hostile.answer()) == FairSale.AlreadyWithdrawn.selector);
        require(address(hostile).balance == 0.6667 ether && address(fair).balance == 0.3333 ether);
    }

    // ------------------------------------------------------------ refunds

    function testRefund() public {
        testRefund(3, 20, 0);
    }

    /// Tokens of both phases, passed on or not, bring back what was paid, to whoever holds them.
    function testRefund(uint256 cheap, uint256 dear, uint256 which) public {
        (cheap, dear) = (1 + cheap % 3, 1 + dear % 47);
        fair.airdrop(BOB, 7);
        vm.warp(OPENS);
        buy(ALICE, 0, cheap);
        vm.warp(SECOND);
        buy(ALICE, 1, dear);
        uint256 moved = 8 + which % (cheap + dear);
        vm.prank(ALICE);
        fair.transferFrom(ALICE, BOB, moved);
        vm.warp(DEADLINE + 1);
        require(fair.refunding());
        for (uint256 id = 8; id < 8 + cheap + dear; ++id) {
            address holder = id == moved ? BOB : ALICE;
            uint256 amount = id < 8 + cheap ? 0.08 ether : 0.1 ether;
            uint256 before = HOUSE.balance;
            vm.expectEmit(address(fair));
            emit Refunded(id, amount);
            vm.prank(holder);
            fair.refund(ids(id, 1), HOUSE);
            require(HOUSE.balance - before == amount);
        }
        require(address(fair).balance == 0 && fair.totalSupply() == 7 && fair.balanceOf(ALICE) == 0);
    }

    function testRefundOfManyAtOnce(uint256 dear) public {
        dear = 1 + dear % 50;
        vm.warp(OPENS);
        buy(ALICE, 0, 3);
        vm.warp(SECOND);
        buy(ALICE, 1, dear);
        vm.warp(DEADLINE + 1);
        vm.prank(ALICE);
        fair.refund(ids(1, 3 + dear), ALICE);
        require(ALICE.balance == 1000 ether && address(fair).balance == 0 && fair.totalSupply() == 0);
        vm.expectRevert(IERC721A.URIQueryForNonexistentToken.selector);
        fair.tokenURI(1);
    }

    function testRefundAtEveryStep() public {
        for (uint256 step; step < 3; ++step) {
            fair = anew();
            vm.warp(SECOND);
            vm.roll(1000);
            buy(ALICE, 1, 1);
            vm.warp(ENDS);
            if (step > 0) fair.arm();
            vm.roll(1003);
            if (step > 1) fair.record();
            vm.warp(DEADLINE + 1);
            vm.prank(ALICE);
            fair.refund(ids(1, 1), ALICE);
        }
        require(ALICE.balance == 1000 ether);
    }

    function testNoRefundsReverts() public {
        testNoRefundsReverts(DEADLINE);
    }

    function testNoRefundsReverts(uint40 time) public {
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        vm.warp(time % (DEADLINE + 1));
        vm.prank(ALICE);
        vm.expectRevert(FairSale.NoRefunds.selector);
        fair.refund(ids(1, 1), ALICE);
        revealed();
        vm.warp(uint256(time) + DEADLINE);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.NoRefunds.selector);
        fair.refund(ids(1, 1), ALICE);
    }

    function testNotHolderReverts() public {
        vm.warp(SECOND);
        buy(ALICE, 1, 2);
        vm.prank(ALICE);
        fair.setApprovalForAll(BOB, true); // an operator may sell for her, not refund
        vm.warp(DEADLINE + 1);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(FairSale.NotHolder.selector, 1));
        fair.refund(ids(1, 1), BOB);
    }

    function testRefundOfMissingReverts(uint256 id) public {
        vm.warp(SECOND);
        buy(ALICE, 1, 2);
        vm.assume(id == 0 || id > 2);
        vm.warp(DEADLINE + 1);
        vm.prank(ALICE);
        vm.expectRevert(IERC721A.OwnerQueryForNonexistentToken.selector);
        fair.refund(ids(id, 1), ALICE);
    }

    function testNothingToRefundReverts() public {
        FairSale.Sale memory it = sale();
        it.phases[0].price = 0;
        fair = made(it);
        fair.airdrop(ALICE, 1);
        vm.warp(OPENS);
        vm.prank(ALICE);
        fair.mint(0, 1);
        vm.warp(DEADLINE + 1);
        for (uint256 id = 1; id < 3; ++id) {
            vm.prank(ALICE);
            vm.expectRevert(abi.encodeWithSelector(FairSale.NothingToRefund.selector, id));
            fair.refund(ids(id, 1), ALICE);
        }
    }

    function testAlreadyRefundedReverts() public {
        vm.warp(SECOND);
        buy(ALICE, 1, 3);
        vm.warp(DEADLINE + 1);
        uint256[] memory twice = new uint256[](2);
        (twice[0], twice[1]) = (2, 2);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(FairSale.AlreadyRefunded.selector, 2));
        fair.refund(twice, ALICE);
        vm.prank(ALICE);
        fair.refund(ids(2, 1), ALICE);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(FairSale.AlreadyRefunded.selector, 2));
        fair.refund(ids(2, 1), ALICE);
        require(fair.ownerOf(1) == ALICE && fair.ownerOf(3) == ALICE && fair.balanceOf(ALICE) == 2);
        string[] memory uris = fair.tokenURIs(1, 3);
        same(uris[0], HIDDEN);
        same(uris[1], "");
        same(uris[2], HIDDEN);
    }

    function testRefundOfNothingReverts() public {
        vm.warp(DEADLINE + 1);
        vm.expectRevert(Collection.ZeroQuantity.selector);
        fair.refund(new uint256[](0), ALICE);
    }

    function testPaymentToNobodyReverts() public {
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        vm.warp(DEADLINE + 1);
        vm.prank(ALICE);
        vm.expectRevert(FairSale.PaymentToNobody.selector);
        fair.refund(ids(1, 1), address(0));
    }

    /// A holder that takes no money keeps its token, and may name somebody who does.
    function testRefuserNamesAnother() public {
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        Refuser refuser = new Refuser(fair);
        vm.prank(ALICE);
        fair.transferFrom(ALICE, address(refuser), 1);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(FairSale.PaymentFailed.selector);
        refuser.refund(ids(1, 1), address(refuser));
        require(fair.ownerOf(1) == address(refuser));
        refuser.refund(ids(1, 1), HOUSE);
        require(HOUSE.balance == 0.1 ether);
    }

    /// A contract buys, and asks for its money again while it is being paid.
    function testHostileHolder() public {
        Hostile hostile = new Hostile(fair);
        vm.deal(address(hostile), 0.3 ether);
        vm.warp(SECOND);
        buy(ALICE, 1, 5);
        hostile.act(abi.encodeCall(FairSale.mint, (1, 3)), 0.3 ether);
        require(!hostile.called() && fair.balanceOf(address(hostile)) == 3); // minting calls nobody
        vm.warp(DEADLINE + 1);
        bytes memory again = abi.encodeCall(FairSale.refund, (ids(6, 2), address(hostile)));
        hostile.arm(again, 0);
        hostile.act(again, 0);
        require(hostile.called() && address(hostile).balance == 0.2 ether);
        require(bytes4(hostile.answer()) == FairSale.AlreadyRefunded.selector);
        // Another of its tokens is its own again.
        hostile.arm(again, 0);
        hostile.act(abi.encodeCall(FairSale.refund, (ids(8, 1), address(hostile))), 0);
        require(address(hostile).balance == 0.3 ether && address(fair).balance == 0.5 ether);
    }

    /// A token's receiver buys more from inside the transfer: the cap holds.
    function testHostileReceiver() public {
        Hostile hostile = new Hostile(fair);
        vm.deal(address(hostile), 1 ether);
        vm.warp(OPENS);
        hostile.act(abi.encodeCall(FairSale.mint, (0, 3)), 0.24 ether);
        buy(ALICE, 0, 1);
        hostile.arm(abi.encodeCall(FairSale.mint, (0, 1)), 0.08 ether);
        vm.prank(ALICE);
        fair.safeTransferFrom(ALICE, address(hostile), 4);
        require(hostile.called() && bytes4(hostile.answer()) == FairSale.WalletCapReached.selector);
        require(fair.balanceOf(address(hostile)) == 4 && fair.totalSupply() == 4);
        address refuses = address(new Receiver(0));
        vm.prank(address(hostile));
        vm.expectRevert(IERC721A.TransferToNonERC721ReceiverImplementer.selector);
        fair.safeTransferFrom(address(hostile), refuses, 4);
    }

    /// Money nobody paid for a token changes no refund; in a reveal it goes to the payees.
    function testForcedMoney() public {
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        force(7 ether);
        vm.warp(DEADLINE + 1);
        vm.prank(ALICE);
        fair.refund(ids(1, 1), ALICE);
        require(ALICE.balance == 1000 ether && address(fair).balance == 7 ether);

        fair = anew();
        vm.warp(SECOND);
        buy(ALICE, 1, 1);
        force(0.9 ether);
        revealed();
        force(5 ether); // too late: the shares are counted
        fair.withdraw(0);
        fair.withdraw(1);
        require(ARTIST.balance == 0.6667 ether && HOUSE.balance == 0.3333 ether);
    }

    // ------------------------------------------------------------ burning

    function testBurn() public {
        vm.warp(SECOND);
        buy(ALICE, 1, 3);
        revealed();
        uint256 index = fair.indexOf(3);
        vm.prank(ALICE);
        fair.burn(2);
        require(fair.totalSupply() == 2 && fair.totalMinted() == 3 && fair.indexOf(3) == index);
        vm.prank(ALICE);
        vm.expectRevert(IERC721A.OwnerQueryForNonexistentToken.selector);
        fair.burn(2);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(FairSale.NotHolder.selector, 1));
        fair.burn(1);
        fair.withdraw(0);
        fair.withdraw(1);
    }

    // ------------------------------------------------------------ internal

    /// As a contract that destroys itself or a block's proposer can.
    function force(uint256 amount) private {
        vm.deal(address(fair), address(fair).balance + amount);
    }

    function hidden(uint256 supply) private pure returns (Collection.Launch memory it) {
        it = launch(supply);
        it.baseURI = HIDDEN;
    }

    function made(FairSale.Sale memory it) private returns (FairSale) {
        return new FairSale(hidden(SUPPLY), it);
    }

    function anew() private returns (FairSale) {
        vm.warp(OPENS - 1);
        return made(sale());
    }

    function refused(FairSale.Sale memory it, bytes memory reason) private {
        Collection.Launch memory terms = hidden(SUPPLY);
        vm.expectRevert(reason);
        new FairSale(terms, it);
    }

    function price(uint256 index) private pure returns (uint256) {
        return index == 0 ? 0.08 ether : 0.1 ether;
    }

    function buy(address wallet, uint256 index, uint256 quantity) private {
        vm.prank(wallet);
        fair.mint{value: quantity * price(index)}(index, quantity);
    }

    /// A sale whose first phase is for ALICE (2), BOB (5) and a third, at 1 wei; it is open.
    function listed(uint8 walletCap) private returns (bytes32[] memory alices, bytes32[] memory bobs) {
        (bytes32 a, bytes32 b, bytes32 c) = (leaf(ALICE, 2), leaf(BOB, 5), leaf(HOUSE, 1));
        FairSale.Sale memory it = sale();
        it.phases[0] = FairSale.Phase(OPENS, SECOND, 1, 60, walletCap, pair(pair(a, b), c));
        fair = made(it);
        vm.warp(OPENS);
        (alices, bobs) = (new bytes32[](2), new bytes32[](2));
        (alices[0], alices[1], bobs[0], bobs[1]) = (b, c, a, c);
    }

    function buyListed(address wallet, uint256 quantity, uint256 cap, bytes32[] memory proof) private {
        vm.prank(wallet);
        fair.mintListed{value: quantity}(0, quantity, cap, proof);
    }

    function mistaken(address wallet, uint256 cap, bytes32[] memory proof) private {
        vm.deal(wallet, 1);
        vm.prank(wallet);
        vm.expectRevert(FairSale.WrongProof.selector);
        fair.mintListed{value: 1}(0, 1, cap, proof);
    }

    function closed() private {
        vm.expectRevert(FairSale.MintingClosed.selector);
        fair.airdrop(ALICE, 1);
        vm.expectRevert(FairSale.MintingClosed.selector);
        fair.airdropMany(new Collection.Gift[](1));
        vm.expectRevert(FairSale.MintingClosed.selector);
        fair.setPhase(2, FairSale.Phase(ENDS, DEADLINE, 1, 1, 1, 0));
        for (uint256 index; index < 3; ++index) {
            vm.expectRevert(FairSale.PhaseClosed.selector);
            fair.mint(index, 1);
        }
    }

    function recorded() private {
        vm.warp(ENDS);
        vm.roll(1000);
        fair.arm();
        vm.roll(1003);
        fair.record();
    }

    function revealed() private {
        recorded();
        fair.reveal(SECRET, SALT, FINAL);
    }
}
