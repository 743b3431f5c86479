// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC165, IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ERC721A, IERC721A} from "erc721a/contracts/ERC721A.sol";

/// @title A collection whose supply, pictures and licence are fixed by its constructor.
/// @notice The owner hands out the tokens; nothing is sold and the contract never holds money.
/// Invariants:
/// - token ids run from 1 to totalSupply(), and totalSupply() never exceeds MAX_SUPPLY;
/// - no function changes a URI, PROVENANCE, COLLECTION, MAX_SUPPLY or ROYALTY_BPS;
/// - nothing here calls another contract except ERC-721's own onERC721Received on safe transfers.
contract FairMint is ERC721A, Ownable2Step, IERC2981 {
    // ---------------------------------------------------------------- errors

    /// A collection of no tokens was asked for.
    error ZeroSupply();
    /// A royalty above the whole price (10,000 basis points) was asked for.
    error RoyaltyTooHigh(uint256 bps);
    /// A royalty was to be paid to the zero address.
    error RoyaltyToNobody();
    /// An airdrop of no tokens was asked for.
    error ZeroQuantity();
    /// More tokens were asked for than the `left` ones below MAX_SUPPLY.
    error SoldOut(uint256 left);

    // ---------------------------------------------------------------- events

    /// ERC-4906. Declared for indexers; metadata is final, so this version never emits it.
    event MetadataUpdate(uint256 tokenId);
    /// ERC-4906. Declared for indexers; metadata is final, so this version never emits it.
    event BatchMetadataUpdate(uint256 fromTokenId, uint256 toTokenId);
    /// ERC-7572. Emitted once, by the constructor.
    event ContractURIUpdated();
    /// Royalties go to `receiver` from now on.
    event RoyaltyReceiverSet(address indexed receiver);

    // ---------------------------------------------------------------- constants and immutables

    /// Everything that is decided before the contract exists.
    /// `baseURI` ends with "/"; `royaltyBps` is in 1/10,000 of a price.
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

    /// ERC721A writes one owner slot per batch; whoever first transfers a token pays about 2,150 gas
    /// for each slot between it and the head of its batch. Ten keeps that below 20,000.
    uint256 private constant BATCH = 10;
    uint256 private constant WHOLE = 10_000;

    /// Most tokens there will ever be.
    uint256 public immutable MAX_SUPPLY;
    /// Merkle root over the ordered tokens, fixed before the first mint.
    bytes32 public immutable PROVENANCE;
    /// SHA-256 of the canonical JSON of the collection that was painted.
    bytes32 public immutable COLLECTION;
    /// Royalty in 1/10,000 of a sale price.
    uint256 public immutable ROYALTY_BPS;

    // ---------------------------------------------------------------- storage

    string private _base;
    string private _contractURI;
    string private _licenseURI;

    /// Who receives royalties.
    address public royaltyReceiver;

    /// What tokenURI puts before a token's id.
    function baseURI() external view returns (string memory) {
        return _base;
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
        if (quantity == 0) revert ZeroQuantity();
        uint256 left = MAX_SUPPLY - _totalMinted();
        if (quantity > left) revert SoldOut(left);
        while (quantity > BATCH) {
            _mint(to, BATCH);
            // The loop's condition says quantity > BATCH.
            unchecked {
                quantity -= BATCH;
            }
        }
        _mint(to, quantity);
    }

    /// The one thing an owner may change: wallets are lost and artists move. The rate stays.
    function setRoyaltyReceiver(address receiver) external onlyOwner {
        _setRoyaltyReceiver(receiver);
    }

    // ---------------------------------------------------------------- metadata

    /// The token's JSON; reverts with URIQueryForNonexistentToken before it is minted.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        if (!_exists(tokenId)) revert URIQueryForNonexistentToken();
        return _join(_base, tokenId);
    }

    /// tokenURI of every token from `first` to `last`, for checking a collection in few calls.
    function tokenURIs(uint256 first, uint256 last) external view returns (string[] memory uris) {
        if (first == 0 || first > last || last > _totalMinted()) revert URIQueryForNonexistentToken();
        string memory base = _base;
        uris = new string[](last - first + 1);
        for (uint256 i; i < uris.length; ++i) {
            uris[i] = _join(base, first + i);
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
            amount = (salePrice / WHOLE) * ROYALTY_BPS + ((salePrice % WHOLE) * ROYALTY_BPS) / WHOLE;
        }
    }

    // ---------------------------------------------------------------- interface ids

    /// ERC-165, ERC-721 and its metadata (ERC721A), ERC-2981, ERC-4906.
    function supportsInterface(bytes4 id) public view override(ERC721A, IERC165) returns (bool) {
        return id == type(IERC2981).interfaceId || id == bytes4(0x49064906) || super.supportsInterface(id);
    }

    // ---------------------------------------------------------------- internal

    function _setRoyaltyReceiver(address receiver) private {
        if (receiver == address(0)) revert RoyaltyToNobody();
        royaltyReceiver = receiver;
        emit RoyaltyReceiverSet(receiver);
    }

    function _join(string memory base, uint256 tokenId) private pure returns (string memory) {
        return string.concat(base, _toString(tokenId), ".json");
    }

    /// Ids begin at 1, as file names and people do.
    function _startTokenId() internal pure override returns (uint256) {
        return 1;
    }
}
