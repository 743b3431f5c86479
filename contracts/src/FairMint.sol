// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Collection} from "./Collection.sol";

/// @title A collection in its own order, that nobody sells.
/// @notice The owner hands out the tokens. Token n is entry n of the ordered collection, and baseURI is
/// final from the start. Beside Collection's invariants: no function changes a URI, and the contract never
/// holds money.
contract FairMint is Collection {
    // ---------------------------------------------------------------- constructor

    constructor(Launch memory launch) Collection(launch) {}

    // ---------------------------------------------------------------- internal

    /// Tokens may be handed out as long as there are any.
    function _whileOpen() internal view override {}

    function _uri(string memory base, uint256 tokenId) internal pure override returns (string memory) {
        return _join(base, tokenId);
    }
}
