// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC165, IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ERC721A, IERC721A} from "erc721a/contracts/ERC721A.sol";

/// @title What every collection has: supply, provenance and licence fixed by its constructor, an owner who
/// hands out tokens, royalties.
/// @notice Invariants:
/// - token ids run from 1 to the number minted, which never exceeds MAX_SUPPLY;
/// - no function changes PROVENANCE, COLLECTION, MAX_SUPPLY, ROYALTY_BPS, the contract's or licence's URI;
/// - nothing here takes money, or calls another contract except ERC-721's own onERC721Received on safe
///   transfers.
abstract contract Collection is ERC721A, Ownable2Step, IERC2981 {
    // ---------------------------------------------------------------- errors

    /// @notice A collection needs at least one token.
    error ZeroSupply();
    /// @notice A royalty is at most the whole price, 10,000 basis points.
    /// @param bps The royalty that was asked for, in 1/10,000 of a price.
    error RoyaltyTooHigh(uint256 bps);
    /// @notice Royalties cannot go to the zero address: nobody could take them from there.
    error RoyaltyToNobody();
    /// @notice No tokens were asked for; one is the least.
    error ZeroQuantity();
    /// @notice More tokens were asked for than the collection has left.
    /// @param left How many more can be minted before MAX_SUPPLY is reached.
    error SoldOut(uint256 left);
    /// @notice Transfers and approvals take no money: here it would be lost. ERC-721 lets them carry it.
    error NotPayable();

    // ---------------------------------------------------------------- events

    /// @notice ERC-4906: the JSON of one token has changed. Never emitted, and declared because the
    /// interface has it: a sale reveals all tokens at once, and nothing else changes.
    /// @param tokenId The token.
    event MetadataUpdate(uint256 tokenId);
    /// @notice ERC-4906: the JSON of these tokens has changed. Emitted once, by a sale's reveal.
    /// @param fromTokenId The first of them.
    /// @param toTokenId The last of them.
    event BatchMetadataUpdate(uint256 fromTokenId, uint256 toTokenId);
    /// @notice ERC-7572: the JSON about the whole collection is new. Emitted once, by the constructor.
    event ContractURIUpdated();
    /// @notice Royalties go to somebody else from now on.
    /// @param receiver Who receives them.
    event RoyaltyReceiverSet(address indexed receiver);

    // ---------------------------------------------------------------- constants and immutables

    /// @notice Everything that is decided before the contract exists.
    /// @param name The collection's name.
    /// @param symbol Its short name, as in "MNG".
    /// @param maxSupply The most tokens there will ever be.
    /// @param provenance Merkle root over the ordered tokens.
    /// @param collection SHA-256 of the canonical JSON of the collection that was painted.
    /// @param baseURI What stands before a token's id in its URI; it ends with "/". In a sale it is the one
    /// URI of every token until the reveal.
    /// @param contractURI Where the JSON about the whole collection is.
    /// @param licenseURI Where the licence of the pictures is.
    /// @param royaltyReceiver Who receives royalties at first.
    /// @param royaltyBps The royalty in 1/10,000 of a price.
    struct Launch {
        string name;
        string symbol;
        uint256 maxSupply;
        bytes32 provenance;
        bytes32 collection;
        string baseURI;
        string contractURI;
        string licenseURI;
        address royaltyReceiver;
        uint256 royaltyBps;
    }

    /// @notice What airdropMany gives to one wallet.
    /// @param to The wallet.
    /// @param quantity How many tokens it gets.
    struct Gift {
        address to;
        uint256 quantity;
    }

    /// ERC721A writes one owner slot per batch; whoever first transfers a token pays about 2,150 gas
    /// for each slot between it and the head of its batch. Eleven keeps the dearest below 121,000 in all.
    uint256 private constant BATCH = 11;
    uint256 internal constant WHOLE = 10_000;

    /// @notice The most tokens there will ever be.
    /// @return Their number.
    uint256 public immutable MAX_SUPPLY;
    /// @notice What proves that no token was changed or swapped: it was fixed before the first mint.
    /// @return Merkle root over the ordered tokens.
    bytes32 public immutable PROVENANCE;
    /// @notice Which description the pictures were painted from.
    /// @return SHA-256 of the canonical JSON of the collection.
    bytes32 public immutable COLLECTION;
    /// @notice The royalty that marketplaces are asked to pay at a resale. It never changes.
    /// @return In 1/10,000 of the price: 500 is 5 %.
    uint256 public immutable ROYALTY_BPS;

    // ---------------------------------------------------------------- storage

    // ERC721A packs one slot for each batch and one for each wallet; its sources draw them. Of a batch's
    // slot, FairSale uses bits 232 to 255 (paid); of a wallet's, bits 192 to 255 (taken).

    /// baseURI(), which a sale replaces once.
    string internal _base;
    string private _contractURI;
    string private _licenseURI;

    /// @notice Who receives royalties.
    /// @return The account; the owner may name another.
    address public royaltyReceiver;

    /// @notice What stands before a token's id in its URI. In a sale, until the reveal: the one URI that all
    /// tokens show.
    /// @return The URI, which ends with "/" unless it is the one of all tokens.
    function baseURI() external view returns (string memory) {
        return _base;
    }

    /// @notice How many tokens were ever minted; totalSupply() is without those that were burned since.
    /// @return Their number.
    function totalMinted() external view returns (uint256) {
        return _totalMinted();
    }

    /// @notice Where the name, picture and description of the whole collection are (ERC-7572).
    /// @return The URI of a JSON file.
    function contractURI() external view returns (string memory) {
        return _contractURI;
    }

    /// @notice Under which licence holders own their pictures.
    /// @return The URI of the licence.
    function licenseURI() external view returns (string memory) {
        return _licenseURI;
    }

    // ---------------------------------------------------------------- constructor

    /// @notice Fixes what never changes, and makes the sender the owner.
    /// @param launch What is decided for ever.
    /// @custom:error ZeroSupply when the collection would have no tokens.
    /// @custom:error RoyaltyTooHigh when the royalty is above 10,000 basis points, the whole price.
    /// @custom:error RoyaltyToNobody when the royalty receiver is the zero address.
    constructor(Launch memory launch) ERC721A(launch.name, launch.symbol) Ownable(msg.sender) {
        if (launch.maxSupply == 0) revert ZeroSupply();
        if (launch.royaltyBps > WHOLE) revert RoyaltyTooHigh(launch.royaltyBps);
        MAX_SUPPLY = launch.maxSupply;
        PROVENANCE = launch.provenance;
        COLLECTION = launch.collection;
        ROYALTY_BPS = launch.royaltyBps;
        _base = launch.baseURI;
        _contractURI = launch.contractURI;
        _licenseURI = launch.licenseURI;
        _setRoyaltyReceiver(launch.royaltyReceiver);
        emit ContractURIUpdated();
    }

    // ---------------------------------------------------------------- owner

    /// @notice The owner gives the next tokens away. No receiver is called, so nothing can re-enter.
    /// @param to Who gets them.
    /// @param quantity How many; eleven of them share a slot.
    /// @custom:error OwnableUnauthorizedAccount when the sender is not the owner.
    /// @custom:error MintingClosed when a sale's draw has begun, or its deadline has passed.
    /// @custom:error BeyondReserve when a sale lets its owner give away fewer in all.
    /// @custom:error ZeroQuantity when `quantity` is 0.
    /// @custom:error SoldOut when fewer than `quantity` are left.
    /// @custom:error MintToZeroAddress when `to` is the zero address.
    function airdrop(address to, uint256 quantity) external onlyOwner {
        _whileOpen();
        _give(to, quantity);
        _withinReserve();
    }

    /// @notice The owner gives the next tokens to many wallets at once, in their order, or to none of them.
    /// @param gifts Who gets how many.
    /// @custom:error OwnableUnauthorizedAccount when the sender is not the owner.
    /// @custom:error MintingClosed when a sale's draw has begun, or its deadline has passed.
    /// @custom:error BeyondReserve when a sale lets its owner give away fewer in all.
    /// @custom:error ZeroQuantity when a wallet would get 0.
    /// @custom:error SoldOut when fewer are left than a wallet would get.
    /// @custom:error MintToZeroAddress when a wallet is the zero address.
    function airdropMany(Gift[] calldata gifts) external onlyOwner {
        _whileOpen();
        for (uint256 i; i < gifts.length; ++i) {
            _give(gifts[i].to, gifts[i].quantity);
        }
        _withinReserve();
    }

    /// @notice The owner names who receives royalties: the one thing that may always change, since wallets
    /// are lost and artists move. The rate stays.
    /// @param receiver Who receives them from now on.
    /// @custom:error OwnableUnauthorizedAccount when the sender is not the owner.
    /// @custom:error RoyaltyToNobody when `receiver` is the zero address.
    function setRoyaltyReceiver(address receiver) external onlyOwner {
        _setRoyaltyReceiver(receiver);
    }

    // ---------------------------------------------------------------- holders

    /// @notice A holder lets somebody move one token (ERC-721). Money sent along is refused.
    /// @param to Who may move it; the zero address takes the permission back.
    /// @param tokenId The token.
    /// @custom:error NotPayable when money is sent.
    /// @custom:error OwnerQueryForNonexistentToken when there is no such token.
    /// @custom:error ApprovalCallerNotOwnerNorApproved when the sender neither holds the token nor is an
    /// operator of its holder.
    function approve(address to, uint256 tokenId) public payable override(ERC721A) {
        if (msg.value != 0) revert NotPayable();
        super.approve(to, tokenId);
    }

    /// @notice Moves a token (ERC-721); both safeTransferFrom come through here. The first move of a token
    /// costs the more, the farther it is from the first of its batch. Money sent along is refused.
    /// @param from Who holds it.
    /// @param to Who gets it.
    /// @param tokenId The token.
    /// @custom:error NotPayable when money is sent.
    /// @custom:error OwnerQueryForNonexistentToken when there is no such token.
    /// @custom:error TransferFromIncorrectOwner when `from` does not hold it.
    /// @custom:error TransferCallerNotOwnerNorApproved when the sender may not move it.
    /// @custom:error TransferToZeroAddress when `to` is the zero address.
    function transferFrom(address from, address to, uint256 tokenId) public payable override(ERC721A) {
        if (msg.value != 0) revert NotPayable();
        super.transferFrom(from, to, tokenId);
    }

    // ---------------------------------------------------------------- metadata

    /// @notice Where a token's name, picture and traits are.
    /// @param tokenId The token.
    /// @return The URI of its JSON file; in a sale, until the reveal, the one of all tokens.
    /// @custom:error URIQueryForNonexistentToken when the token is not minted, or was burned.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        if (!_exists(tokenId)) revert URIQueryForNonexistentToken();
        return _uri(_base, tokenId);
    }

    /// @notice Where the names, pictures and traits of many tokens are, to check a collection in few calls.
    /// @param first The first token.
    /// @param last The last token.
    /// @return uris Their URIs in order, empty for a burned token.
    /// @custom:error URIQueryForNonexistentToken when `first` is 0 or above `last`, or `last` is not minted.
    function tokenURIs(uint256 first, uint256 last) external view returns (string[] memory uris) {
        if (first == 0 || first > last || last > _totalMinted()) revert URIQueryForNonexistentToken();
        string memory base = _base;
        bool burned = _totalBurned() != 0;
        uris = new string[](last - first + 1);
        for (uint256 i; i < uris.length; ++i) {
            if (!burned || _exists(first + i)) uris[i] = _uri(base, first + i);
        }
    }

    // ---------------------------------------------------------------- royalty

    /// @notice What a resale at this price owes in royalties (ERC-2981), the same for every token. Nobody
    /// is forced to pay it.
    /// @param salePrice The price, in any currency.
    /// @return receiver Who receives it.
    /// @return amount How much: salePrice * ROYALTY_BPS / 10,000, rounded down.
    function royaltyInfo(uint256, uint256 salePrice)
        external
        view
        returns (address receiver, uint256 amount)
    {
        receiver = royaltyReceiver;
        // Split in two so that no price overflows. ROYALTY_BPS <= WHOLE, so the sum is at most salePrice.
        unchecked {
            // forge-lint: disable-next-line(divide-before-multiply)
            // slither-disable-next-line divide-before-multiply // the remainder is added
            amount = (salePrice / WHOLE) * ROYALTY_BPS + ((salePrice % WHOLE) * ROYALTY_BPS) / WHOLE;
        }
    }

    // ---------------------------------------------------------------- interface ids

    /// @notice Which standards this contract keeps to (ERC-165): ERC-721 and its metadata, ERC-2981,
    /// ERC-4906.
    /// @param id The standard's interface id.
    /// @return Whether it is one of these.
    function supportsInterface(bytes4 id) public view override(ERC721A, IERC165) returns (bool) {
        return id == type(IERC2981).interfaceId || id == bytes4(0x49064906) || super.supportsInterface(id);
    }

    // ---------------------------------------------------------------- internal

    /// Reverts once nothing may be added any more.
    function _whileOpen() internal view virtual;

    /// Reverts when more is given away by now than may be.
    function _withinReserve() internal view virtual;

    /// The URI of a token that exists; `base` is baseURI().
    function _uri(string memory base, uint256 tokenId) internal view virtual returns (string memory);

    function _left() internal view returns (uint256) {
        // _totalMinted() <= MAX_SUPPLY.
        unchecked {
            return MAX_SUPPLY - _totalMinted();
        }
    }

    function _give(address to, uint256 quantity) private {
        _withinSupply(quantity);
        while (quantity > BATCH) {
            _mint(to, BATCH);
            // The loop's condition says quantity > BATCH.
            unchecked {
                quantity -= BATCH;
            }
        }
        _mint(to, quantity);
    }

    function _withinSupply(uint256 quantity) internal view {
        if (quantity == 0) revert ZeroQuantity();
        uint256 left = _left();
        if (quantity > left) revert SoldOut(left);
    }

    function _setRoyaltyReceiver(address receiver) private {
        if (receiver == address(0)) revert RoyaltyToNobody();
        royaltyReceiver = receiver;
        emit RoyaltyReceiverSet(receiver);
    }

    function _join(string memory base, uint256 number) internal pure returns (string memory) {
        return string.concat(base, _toString(number), ".json");
    }

    /// Ids begin at 1, as file names and people do.
    function _startTokenId() internal pure override returns (uint256) {
        return 1;
    }
}
