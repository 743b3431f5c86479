// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Collection} from "../src/Collection.sol";
import {FairSale} from "../src/FairSale.sol";

/// A receiver that takes tokens, refuses them, or answers with the wrong selector.
contract Receiver {
    bytes4 private immutable ANSWER;

    constructor(bytes4 answer) {
        ANSWER = answer;
    }

    function onERC721Received(address, address, uint256, bytes calldata) external view returns (bytes4) {
        require(ANSWER != 0);
        return ANSWER;
    }
}

/// What the suites share: people, a collection, a sale.
abstract contract Fixture {
    address internal constant ALICE = address(0xA11CE);
    address internal constant BOB = address(0xB0B);
    address internal constant ARTIST = address(0xA27157);
    address internal constant HOUSE = address(0x40053);

    bytes32 internal constant SECRET = keccak256("secret");
    bytes32 internal constant SALT = keccak256("salt");
    string internal constant FINAL = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/";
    string internal constant HIDDEN = "ipfs://hidden.json";
    uint40 internal constant OPENS = 1_000_000;
    uint40 internal constant SECOND = 2_000_000;
    uint40 internal constant ENDS = 3_000_000;
    uint40 internal constant DEADLINE = 4_000_000;
    uint40 internal constant LAST_END = DEADLINE - 1 days - 24;

    function launch(uint256 supply) internal pure returns (Collection.Launch memory) {
        return Collection.Launch({
            name: unicode"Menagerie \"quoted\"\n🦊 שלום",
            symbol: "MNG",
            maxSupply: supply,
            provenance: bytes32(uint256(1)),
            collection: bytes32(uint256(2)),
            baseURI: "ipfs://metadata/",
            contractURI: "ipfs://root/contract.json",
            licenseURI: "https://creativecommons.org/publicdomain/zero/1.0/",
            royaltyReceiver: ARTIST,
            royaltyBps: 500
        });
    }

    /// Two public phases, back to back: 0.08 ether, 60 tokens, 3 a wallet; 0.1 ether, 50 tokens, no cap.
    function sale() internal pure returns (FairSale.Sale memory it) {
        it.secretHash = keccak256(abi.encode(SECRET));
        it.uriHash = keccak256(abi.encodePacked(SALT, FINAL));
        it.revealDeadline = DEADLINE;
        it.drawDelay = 2;
        it.reserve = 100;
        it.phases = new FairSale.Phase[](2);
        it.phases[0] = FairSale.Phase(OPENS, SECOND, 0.08 ether, 60, 3, 0);
        it.phases[1] = FairSale.Phase(SECOND, ENDS, 0.1 ether, 50, 0, 0);
        it.payees = new FairSale.Payee[](2);
        it.payees[0] = FairSale.Payee(ARTIST, 6667);
        it.payees[1] = FairSale.Payee(HOUSE, 3333);
    }

    function leaf(address wallet, uint256 cap) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(wallet, cap))));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    function ids(uint256 first, uint256 count) internal pure returns (uint256[] memory list) {
        list = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = first + i;
        }
    }

    function same(string memory found, string memory wanted) internal pure {
        require(keccak256(bytes(found)) == keccak256(bytes(wanted)), found);
    }

    function decimal(uint256 value) internal pure returns (string memory text) {
        do {
            text = string.concat(string(abi.encodePacked(bytes1(uint8(48 + value % 10)))), text);
            value /= 10;
        } while (value != 0);
    }
}
