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

    /// A collection of no tokens was asked for.
    error ZeroSupply();
    /// A royalty above the whole price (10,000 basis points) was asked for.
    error RoyaltyTooHigh(uint256 bps);
    /// A royalty was to be paid to the zero address.
    error RoyaltyToNobody();
    /// No tokens were asked for.
    error ZeroQuantity();
    /// More tokens were asked for than the `left` ones below MAX_SUPPLY.
    error SoldOut(uint256 left);
    /// ERC721A lets transfers and approvals carry money; here it would be lost.
    error NotPayable();

    // ---------------------------------------------------------------- events

    /// ERC-4906. Declared for indexers; a sale reveals all tokens at once, and nothing else changes.
    event MetadataUpdate(uint256 tokenId);
    /// ERC-4906. Emitted once, by a sale's reveal.
    event BatchMetadataUpdate(uint256 fromTokenId, uint256 toTokenId);
    /// ERC-7572. Emitted once, by the constructor.
    event ContractURIUpdated();
    /// Royalties go to `receiver` from now on.
    event RoyaltyReceiverSet(address indexed receiver);

    // ---------------------------------------------------------------- constants and immutables

    /// Everything that is decided before the contract exists.
    /// `baseURI` ends with "/", but in a sale it is the one URI of every token until the reveal;
    /// `royaltyBps` is in 1/10,000 of a price.
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

    /// What airdropMany gives to one of its recipients.
    struct Gift {
        address to;
        uint256 quantity;
    }

    /// ERC721A writes one owner slot per batch; whoever first transfers a token pays about 2,150 gas
    /// for each slot between it and the head of its batch. Eleven keeps the dearest below 121,000 in all.
    uint256 private constant BATCH = 11;
    uint256 internal constant WHOLE = 10_000;

    /// Most tokens there will ever be.
    uint256 public immutable MAX_SUPPLY;
    /// Merkle root over the ordered tokens, fixed before the first mint.
    bytes32 public immutable PROVENANCE;
    /// SHA-256 of the canonical JSON of the collection that was painted.
    bytes32 public immutable COLLECTION;
    /// Royalty in 1/10,000 of a sale price.
    uint256 public immutable ROYALTY_BPS;

    // ---------------------------------------------------------------- storage

    string internal _base;
    string private _contractURI;
    string private _licenseURI;

    /// Who receives royalties.
    address public royaltyReceiver;

    /// What tokenURI puts before a token's id, or the URI of all tokens before the reveal.
    function baseURI() external view returns (string memory) {
        return _base;
    }

    /// How many tokens were ever minted; totalSupply() is without those that were burned since.
    function totalMinted() external view returns (uint256) {
        return _totalMinted();
    }

    /// ERC-7572: JSON about the collection as a whole.
    function contractURI() external view returns (string memory) {
        return _contractURI;
    }

    /// The licence under which holders own their pictures.
    function licenseURI() external view returns (string memory) {
        return _licenseURI;
    }

    // ---------------------------------------------------------------- constructor

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

    /// Mints the next `quantity` tokens to `to`. No receiver is called, so nothing can re-enter.
    function airdrop(address to, uint256 quantity) external onlyOwner {
        _whileOpen();
        _give(to, quantity);
    }

    /// airdrop to many in one transaction, in their order.
    function airdropMany(Gift[] calldata gifts) external onlyOwner {
        _whileOpen();
        for (uint256 i; i < gifts.length; ++i) {
            _give(gifts[i].to, gifts[i].quantity);
        }
    }

    /// The one thing an owner may always change: wallets are lost and artists move. The rate stays.
    function setRoyaltyReceiver(address receiver) external onlyOwner {
        _setRoyaltyReceiver(receiver);
    }

    // ---------------------------------------------------------------- holders

    /// ERC-721, which ERC721A makes payable.
    function approve(address to, uint256 tokenId) public payable override(ERC721A) {
        if (msg.value != 0) revert NotPayable();
        super.approve(to, tokenId);
    }

    /// ERC-721. Both safeTransferFrom come through here.
    function transferFrom(address from, address to, uint256 tokenId) public payable override(ERC721A) {
        if (msg.value != 0) revert NotPayable();
        super.transferFrom(from, to, tokenId);
    }

    // ---------------------------------------------------------------- metadata

    /// The token's JSON; reverts with URIQueryForNonexistentToken before it is minted.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        if (!_exists(tokenId)) revert URIQueryForNonexistentToken();
        return _uri(_base, tokenId);
    }

    /// tokenURI of every token from `first` to `last`, empty for a burned one, to check a collection in
    /// few calls.
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

    /// ERC-2981. Split in two so that no price overflows; equal to salePrice * bps / 10,000.
    function royaltyInfo(uint256, uint256 salePrice)
        external
        view
        returns (address receiver, uint256 amount)
    {
        receiver = royaltyReceiver;
        // ROYALTY_BPS <= WHOLE, so the sum is at most salePrice.
        unchecked {
            // forge-lint: disable-next-line(divide-before-multiply)
            // slither-disable-next-line divide-before-multiply // the remainder is added
            amount = (salePrice / WHOLE) * ROYALTY_BPS + ((salePrice % WHOLE) * ROYALTY_BPS) / WHOLE;
        }
    }

    // ---------------------------------------------------------------- interface ids

    /// ERC-165, ERC-721 and its metadata (ERC721A), ERC-2981, ERC-4906.
    function supportsInterface(bytes4 id) public view override(ERC721A, IERC165) returns (bool) {
        return id == type(IERC2981).interfaceId || id == bytes4(0x49064906) || super.supportsInterface(id);
    }

    // ---------------------------------------------------------------- internal

    /// Reverts once nothing may be added any more.
    function _whileOpen() internal view virtual;

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
