// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Collection} from "./Collection.sol";

/// @title A collection in its own order, that nobody sells.
/// @notice The owner hands out the tokens. Token n is entry n of the ordered collection, and baseURI is
/// final from the start. Beside Collection's invariants: no function changes a URI, and the contract never
/// holds money.
contract FairMint is Collection {
    // ---------------------------------------------------------------- constructor

    /// @notice Fixes what never changes, and makes the sender the owner. No token exists yet.
    /// @param launch What is decided for ever.
    /// @custom:error ZeroSupply when the collection would have no tokens.
    /// @custom:error RoyaltyTooHigh when the royalty is above 10,000 basis points, the whole price.
    /// @custom:error RoyaltyToNobody when the royalty receiver is the zero address.
    constructor(Launch memory launch) Collection(launch) {}

    // ---------------------------------------------------------------- internal

    /// Tokens may be handed out as long as there are any.
    function _whileOpen() internal view override {}

    /// All of them: nobody sells any.
    function _withinReserve() internal view override {}

    function _uri(string memory base, uint256 tokenId) internal pure override returns (string memory) {
        return _join(base, tokenId);
    }
}
