// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721A} from "erc721a/contracts/ERC721A.sol";

import {Collection} from "./Collection.sol";

/// @title A collection in its own order, that nobody sells.
/// @notice The owner hands out the tokens, or the constructor gives all of them to one wallet. Token n is
/// entry n of the ordered collection, and baseURI is final from the start. Beside Collection's invariants:
/// no function changes a URI, and the contract never holds money.
contract FairMint is Collection {
    // ---------------------------------------------------------------- constants and immutables

    /// Slot of ERC721A's _packedOwnerships, and its flag that the next token's slot needs no writing.
    uint256 private constant OWNERSHIPS = 4;
    uint256 private constant NEXT_INITIALIZED = 1 << 225;
    /// The most that ERC721A mints at once by ERC-2309.
    uint256 private constant MOST_AT_ONCE = 5000;

    /// Who got the whole supply from the constructor; zero if nobody did.
    address public immutable PREMINTED_TO;

    // ---------------------------------------------------------------- constructor

    /// `premint`, unless zero, gets the whole supply at once, told by ERC-2309's event.
    constructor(Launch memory launch, address premint) Collection(launch) {
        // slither-disable-next-line missing-zero-check // zero: nobody
        PREMINTED_TO = premint;
        if (premint == address(0)) return;
        uint256 left = launch.maxSupply;
        while (left > MOST_AT_ONCE) {
            _mintERC2309(premint, MOST_AT_ONCE);
            left -= MOST_AT_ONCE;
        }
        _mintERC2309(premint, left);
    }

    // ---------------------------------------------------------------- holders

    /// ERC-721. Both safeTransferFrom come through here.
    function transferFrom(address from, address to, uint256 tokenId) public payable override {
        if (_isUnmoved(tokenId)) {
            // ERC721A would look for an owner backwards through up to 5,000 empty slots.
            uint256 packed = uint160(PREMINTED_TO) | NEXT_INITIALIZED;
            assembly ("memory-safe") {
                mstore(0x00, tokenId)
                mstore(0x20, OWNERSHIPS)
                sstore(keccak256(0x00, 0x40), packed)
            }
        }
        super.transferFrom(from, to, tokenId);
    }

    /// ERC-721.
    function ownerOf(uint256 tokenId) public view override returns (address) {
        return _isUnmoved(tokenId) ? PREMINTED_TO : super.ownerOf(tokenId);
    }

    // ---------------------------------------------------------------- internal

    /// Tokens may be handed out as long as there are any.
    function _whileOpen() internal view override {}

    function _uri(string memory base, uint256 tokenId) internal pure override returns (string memory) {
        return _join(base, tokenId);
    }

    /// Whether the constructor minted this token and nobody has moved it since: moving writes its slot.
    function _isUnmoved(uint256 tokenId) private view returns (bool) {
        return PREMINTED_TO != address(0) && _exists(tokenId) && !_ownershipIsInitialized(tokenId);
    }

    /// Nothing is ever burned.
    function _exists(uint256 tokenId) internal view override returns (bool) {
        if (PREMINTED_TO != address(0)) return tokenId != 0 && tokenId <= MAX_SUPPLY;
        return super._exists(tokenId);
    }
}
