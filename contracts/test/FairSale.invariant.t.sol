// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Collection} from "../src/Collection.sol";
import {FairSale} from "../src/FairSale.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// Four people and an owner do whatever the contract lets them, in any order, while time passes. What they
/// did is written down here, independently; reverts are part of life.
contract Life is Fixture {
    FairSale public immutable FAIR;
    uint256 private constant SUPPLY = 60;
    uint256 public constant RESERVE = 9;
    address private constant STRANGER = address(0x57A4);
    address[4] private people = [ALICE, BOB, address(0xCA401), address(0xDA4E)];

    uint256 public minted;
    uint256 public given;
    uint256 public named; // blocks that decide: by anybody the first, the others by the owner alone
    address[2] private payees = [ARTIST, HOUSE];
    uint256 public owed;
    uint256 public withdrawn;
    uint256 public forced;
    bool public mintedAfterArm;
    bool public overpaid;
    mapping(uint256 index => uint256) public sold;
    mapping(address wallet => mapping(uint256 index => uint256)) public taken;
    mapping(uint256 id => uint256) public paidFor;
    mapping(uint256 id => address) public holder;
    uint256 private time = OPENS;
    uint256 private height = 1000;
    bytes32 public order; // digest of every token's picture at the first look after the reveal

    constructor() {
        vm.warp(time);
        vm.roll(height);
        FairSale.Sale memory it = sale();
        it.phases = new FairSale.Phase[](3);
        it.phases[0] = FairSale.Phase(OPENS, OPENS + 100, 3 wei, 20, 4, pair(leaf(ALICE, 3), leaf(BOB, 9)));
        it.phases[1] = FairSale.Phase(OPENS + 100, OPENS + 200, 7 wei, 30, 6, 0);
        it.phases[2] = FairSale.Phase(OPENS + 200, OPENS + 300, 11 wei, 30, 0, 0);
        it.revealDeadline = OPENS + 300 + 1 days + 24;
        it.reserve = uint32(RESERVE);
        FAIR = new FairSale(launch(SUPPLY), it);
        for (uint256 i; i < 4; ++i) {
            vm.deal(people[i], 1000 ether);
        }
    }

    function pass(uint256 seconds_, uint256 blocks) external {
        time += seconds_ % 60;
        if (time > OPENS + 300 && seconds_ % 3 == 0) time += 5 hours; // the deadline is a day away
        height += blocks % 5 == 0 ? blocks % 300 : blocks % 4;
        vm.warp(time);
        vm.roll(height);
    }

    function buy(uint256 who, uint256 index, uint256 quantity) external {
        quantity = 1 + quantity % 7;
        uint256 open = (block.timestamp - OPENS + 100) / 100; // mostly the open phase, now and then another
        index = (index % 4 == 0 || open == 0 ? index : open - 1) % 3;
        uint256 value = quantity * [3, 7, 11][index];
        address wallet = people[who % 4];
        vm.prank(wallet);
        if (index == 0) {
            uint256 cap = wallet == ALICE ? 3 : 9;
            bytes32[] memory proof = new bytes32[](1);
            proof[0] = wallet == ALICE ? leaf(BOB, 9) : leaf(ALICE, 3);
            try FAIR.mintListed{value: value}(0, quantity, cap, proof) {
                bought(wallet, 0, quantity, 3);
            } catch {}
        } else {
            try FAIR.mint{value: value}(index, quantity) {
                bought(wallet, index, quantity, value / quantity);
            } catch {}
        }
    }

    function give(uint256 who, uint256 quantity) external {
        quantity = 1 + quantity % 4;
        try FAIR.airdrop(people[who % 4], quantity) {
            note(people[who % 4], quantity, 0);
            given += quantity;
        } catch {}
    }

    function pass_on(uint256 id, uint256 who) external {
        if (minted == 0) return;
        id = 1 + id % minted;
        if (holder[id] == address(0)) return;
        vm.prank(holder[id]);
        FAIR.transferFrom(holder[id], people[who % 4], id);
        holder[id] = people[who % 4];
    }

    /// The owner tries to make every phase dearer and smaller.
    function worsen(uint256 index) external {
        index %= 3;
        cheapen(index);
        (FairSale.Phase memory terms,) = FAIR.phase(index);
        bool begun = terms.start <= block.timestamp;
        (uint88 price, uint32 supply) = (terms.price, terms.supply);
        (terms.price, terms.supply) = (1000, 1);
        try FAIR.setPhase(index, terms) {
            require(!begun, "a phase that had begun was changed");
            (terms.price, terms.supply) = (price, supply);
            FAIR.setPhase(index, terms);
        } catch {}
    }

    function arm() external {
        vm.prank(STRANGER);
        try FAIR.arm() {
            named = 1;
        } catch {}
    }

    /// A stranger keeps the hash, or does nothing at all; the owner may name another block.
    function record(uint256 who) external {
        (, uint8 times, uint64 number,,,) = FAIR.draw();
        bool stranger = who % 2 == 0;
        if (stranger) vm.prank(STRANGER);
        try FAIR.record() {
            if (FAIR.entropy() == 0) {
                require(!stranger && times == named && times < 3, "a stranger named a block");
                (, uint8 later, uint64 next,,,) = FAIR.draw();
                require(later == times + 1 && next == block.number + 2 && block.number > number + 256);
                ++named;
            }
        } catch {}
    }

    /// A payee sends its share to somebody else; others try to.
    function setPayee(uint256 payee, uint256 who) external {
        payee %= 2;
        address to = address(uint160(0xFEE0000 + who % 9));
        vm.prank(who % 3 == 0 ? STRANGER : payees[payee]);
        try FAIR.setPayee(payee, to) {
            require(who % 3 != 0, "a stranger named a payee");
            payees[payee] = to;
        } catch {}
    }

    function reveal(uint256 right) external {
        if (right % 3 != 0) return; // some runs end in refunds
        try FAIR.reveal(SECRET, SALT, FINAL) {
            order = pictures();
        } catch {}
    }

    function withdraw(uint256 payee) external {
        uint256 before = address(FAIR).balance;
        address to = payees[payee % 2];
        uint256 had = to.balance;
        try FAIR.withdraw(payee % 2) {
            withdrawn += before - address(FAIR).balance;
            require(to.balance - had == before - address(FAIR).balance, "another was paid");
        } catch {}
    }

    function refund(uint256 id, uint256 who) external {
        if (minted == 0) return;
        id = 1 + id % minted;
        uint256 before = HOUSE.balance;
        vm.prank(who % 5 == 0 ? people[who % 4] : holder[id]);
        try FAIR.refund(ids(id, 1), HOUSE) {
            if (HOUSE.balance - before != paidFor[id] || paidFor[id] == 0) overpaid = true;
            owed -= paidFor[id];
            (paidFor[id], holder[id]) = (0, address(0));
        } catch {}
    }

    function burn(uint256 id) external {
        if (minted == 0) return;
        id = 1 + id % minted;
        vm.prank(holder[id]);
        try FAIR.burn(id) {
            holder[id] = address(0);
        } catch {}
    }

    function force(uint256 amount) external {
        amount %= 5;
        forced += amount;
        vm.deal(address(FAIR), address(FAIR).balance + amount);
    }

    function pictures() public view returns (bytes32 digest) {
        bool[] memory seen = new bool[](SUPPLY);
        for (uint256 id = 1; id <= SUPPLY; ++id) {
            uint256 index = FAIR.indexOf(id);
            require(!seen[index], "two tokens have one picture");
            seen[index] = true;
            digest = keccak256(abi.encode(digest, index));
        }
    }

    function person(uint256 i) external view returns (address) {
        return people[i];
    }

    /// Below the lowest price that was announced, 3 wei, no phase is ever set.
    function cheapen(uint256 index) private {
        (FairSale.Phase memory terms,) = FAIR.phase(index);
        terms.price = 2;
        try FAIR.setPhase(index, terms) {
            require(false, "a phase is cheaper than any that was announced");
        } catch {}
    }

    function bought(address wallet, uint256 index, uint256 quantity, uint256 price) private {
        sold[index] += quantity;
        taken[wallet][index] += quantity;
        owed += quantity * price;
        note(wallet, quantity, price);
    }

    function note(address wallet, uint256 quantity, uint256 price) private {
        (FairSale.Step step,,,,,) = FAIR.draw();
        if (step != FairSale.Step.Waiting) mintedAfterArm = true;
        for (uint256 i; i < quantity; ++i) {
            (paidFor[++minted], holder[minted]) = (price, wallet);
        }
    }
}

/// What holds after every act of Life.
contract FairSaleInvariants is Fixture {
    Life private life;
    FairSale private fair;

    function setUp() public {
        life = new Life();
        fair = life.FAIR();
    }

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(life);
    }

    function invariantAll() external {
        everybodyHoldsWhatTheLedgerSays();
        caps();
        money();
        orderIsFixedByTheReveal();
    }

    function everybodyHoldsWhatTheLedgerSays() private {
        uint256 minted = life.minted();
        require(minted <= 60);
        uint256 held;
        for (uint256 id = 1; id <= minted; ++id) {
            address holder = life.holder(id);
            if (holder == address(0)) {
                vm.expectRevert(bytes4(0xdf2d9b42)); // OwnerQueryForNonexistentToken
                fair.ownerOf(id);
            } else {
                ++held;
                require(fair.ownerOf(id) == holder && fair.paid(id) == life.paidFor(id));
            }
        }
        require(fair.totalSupply() == held && !life.mintedAfterArm());
        require(life.given() <= life.RESERVE());
        (, uint8 times,,,,) = fair.draw();
        require(times == life.named());
    }

    function caps() private view {
        uint256[3] memory supplies = [uint256(20), 30, 30];
        for (uint256 index; index < 3; ++index) {
            (FairSale.Phase memory terms, uint256 sold) = fair.phase(index);
            require(sold == life.sold(index) && sold <= supplies[index] && terms.supply == supplies[index]);
            for (uint256 i; i < 4; ++i) {
                address wallet = life.person(i);
                uint256 taken = life.taken(wallet, index);
                if (index == 0) require(taken <= (wallet == ALICE ? 3 : wallet == BOB ? 4 : 0));
                if (index == 1) require(taken <= 6);
                require(fair.taken(wallet, index) == (index == 2 ? 0 : taken));
            }
        }
    }

    /// Before the reveal the balance is what is owed and what was forced; after it, what is not withdrawn.
    function money() private view {
        (FairSale.Step step,,,,, uint128 proceeds) = fair.draw();
        uint256 balance = address(fair).balance;
        require(!life.overpaid());
        require(balance == life.owed() + life.forced() - life.withdrawn());
        require(step == FairSale.Step.Revealed || life.withdrawn() == 0);
        require(life.withdrawn() <= proceeds && (step == FairSale.Step.Revealed || proceeds == 0));
    }

    function orderIsFixedByTheReveal() private view {
        (FairSale.Step step,,,,,) = fair.draw();
        if (step == FairSale.Step.Revealed) require(life.pictures() == life.order());
        require(step != FairSale.Step.Revealed || !fair.refunding());
    }

    /// However it went, everybody can still get their money: all refunds, or all shares.
    function afterInvariant() external {
        (FairSale.Step step,,,,, uint128 proceeds) = fair.draw();
        vm.warp(DEADLINE);
        if (step == FairSale.Step.Revealed) {
            uint256 left = proceeds - life.withdrawn();
            uint256 before = address(fair).balance;
            for (uint256 i; i < 2; ++i) {
                (,,, bool paid) = fair.shares(i);
                if (!paid) fair.withdraw(i);
            }
            require(before - address(fair).balance == left);
        } else {
            for (uint256 id = 1; id <= life.minted(); ++id) {
                if (life.paidFor(id) != 0) life.refund(id - 1, 1);
            }
            require(life.owed() == 0 && !life.overpaid() && address(fair).balance == life.forced());
        }
    }
}
