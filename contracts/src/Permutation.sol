// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Every index below a size to an index below it, no two to the same, decided by a seed.
/// @notice A Feistel network over the smallest square that holds `size`; what lands outside is put through
/// again until it lands inside (cycle walking). Mirrored by mint/sale/draw.py. Where the size is the square
/// of an odd number, all rounds together are an even permutation, so half of the orders cannot come up;
/// nobody who has not seen all pictures but two can tell.
library Permutation {
    /// With four rounds, two tokens of five meet some pairs of pictures up to 28 % too often; with 24, no
    /// pair of any supply up to nine is off by more than 1 in 10,000. (Exact, over all round functions.)
    uint256 internal constant ROUNDS = 24;

    /// @notice The side of the smallest square that holds a collection.
    /// @param size How many tokens it has.
    /// @return The side.
    function side(uint256 size) internal pure returns (uint256) {
        return Math.sqrt(size, Math.Rounding.Ceil);
    }

    /// @notice Where one index goes.
    /// @param seed What decides.
    /// @param size How many indices there are.
    /// @param width side(size), which the caller keeps.
    /// @param index The index, below `size`.
    /// @return Where it goes, below `size`.
    function place(bytes32 seed, uint256 size, uint256 width, uint256 index) internal pure returns (uint256) {
        // left, right < width <= 2**128, so neither the sum nor the product overflows.
        unchecked {
            do {
                // slither-disable-next-line divide-before-multiply // a row and a column, put together below
                (uint256 left, uint256 right) = (index / width, index % width);
                for (uint256 round; round < ROUNDS; ++round) {
                    uint256 noise;
                    assembly ("memory-safe") {
                        mstore(0x00, seed)
                        mstore(0x20, or(shl(128, round), right))
                        noise := keccak256(0x00, 0x40)
                    }
                    (left, right) = (right, (left + noise % width) % width);
                }
                index = left * width + right;
            } while (index >= size);
        }
        return index;
    }
}
