// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC721A} from "erc721a/contracts/ERC721A.sol";

import {Collection} from "../src/Collection.sol";
import {FairMint} from "../src/FairMint.sol";
import {Fixture, Receiver} from "./Fixture.sol";
import {vm} from "./Vm.sol";

contract FairMintTest is Fixture {
    event ContractURIUpdated();
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    event RoyaltyReceiverSet(address indexed receiver);
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

    uint256 private constant SUPPLY = 1000;

    FairMint private mint;

    function setUp() public {
        mint = new FairMint(launch());
    }

    // ------------------------------------------------------------ constructor

    function testConstructor() public view {
        same(mint.name(), unicode"Menagerie \"quoted\"\n🦊 שלום");
        same(mint.symbol(), "MNG");
        same(mint.baseURI(), "ipfs://metadata/");
        same(mint.contractURI(), "ipfs://root/contract.json");
        same(mint.licenseURI(), "https://creativecommons.org/publicdomain/zero/1.0/");
        require(mint.MAX_SUPPLY() == SUPPLY && mint.totalSupply() == 0);
        require(mint.PROVENANCE() == bytes32(uint256(1)) && mint.COLLECTION() == bytes32(uint256(2)));
        require(mint.ROYALTY_BPS() == 500 && mint.royaltyReceiver() == ARTIST);
        require(mint.owner() == address(this) && mint.pendingOwner() == address(0));
    }

    function testConstructor(uint256 supply, bytes32 provenance, bytes32 collection, string memory text)
        public
    {
        vm.assume(supply != 0);
        Collection.Launch memory it = launch();
        (it.maxSupply, it.provenance, it.collection) = (supply, provenance, collection);
        (it.name, it.symbol, it.baseURI, it.contractURI, it.licenseURI) = (text, text, text, text, text);
        FairMint made = new FairMint(it);
        require(made.MAX_SUPPLY() == supply);
        require(made.PROVENANCE() == provenance && made.COLLECTION() == collection);
        same(made.name(), text);
        same(made.symbol(), text);
        same(made.contractURI(), text);
        same(made.licenseURI(), text);
        made.airdrop(ALICE, 1);
        same(made.tokenURI(1), string.concat(text, "1.json"));
    }

    function testConstructorEmits() public {
        vm.expectEmit();
        emit RoyaltyReceiverSet(ARTIST);
        vm.expectEmit();
        emit ContractURIUpdated();
        new FairMint(launch());
    }

    function testZeroSupplyReverts() public {
        Collection.Launch memory it = launch();
        it.maxSupply = 0;
        vm.expectRevert(abi.encodeWithSelector(Collection.ZeroSupply.selector));
        new FairMint(it);
    }

    function testRoyaltyTooHighReverts() public {
        testRoyaltyTooHighReverts(10_001);
    }

    function testRoyaltyTooHighReverts(uint256 bps) public {
        vm.assume(bps > 10_000);
        Collection.Launch memory it = launch();
        it.royaltyBps = bps;
        vm.expectRevert(abi.encodeWithSelector(Collection.RoyaltyTooHigh.selector, bps));
        new FairMint(it);
    }

    function testRoyaltyToNobodyReverts() public {
        Collection.Launch memory it = launch();
        it.royaltyReceiver = address(0);
        vm.expectRevert(abi.encodeWithSelector(Collection.RoyaltyToNobody.selector));
        new FairMint(it);
    }

    // ------------------------------------------------------------ owner

    function testAirdrop() public {
        testAirdrop(25);
    }

    function testAirdrop(uint256 quantity) public {
        quantity = 1 + quantity % SUPPLY;
        mint.airdrop(ALICE, quantity);
        require(mint.totalSupply() == quantity && mint.balanceOf(ALICE) == quantity);
        require(mint.ownerOf(1) == ALICE && mint.ownerOf(quantity) == ALICE);
        missing(0);
        missing(quantity + 1);
    }

    function testAirdropInTurns(uint8 first, uint8 second, uint8 third) public {
        vm.assume(first != 0 && second != 0 && third != 0);
        mint.airdrop(ALICE, first);
        mint.airdrop(BOB, second);
        mint.airdrop(ALICE, third);
        require(mint.totalSupply() == uint256(first) + second + third);
        require(mint.ownerOf(first) == ALICE && mint.ownerOf(uint256(first) + 1) == BOB);
        require(mint.ownerOf(uint256(first) + second) == BOB);
        require(mint.ownerOf(uint256(first) + second + third) == ALICE);
        require(mint.balanceOf(ALICE) == uint256(first) + third && mint.balanceOf(BOB) == second);
    }

    function testAirdropEmitsEveryTransfer() public {
        for (uint256 id = 1; id <= 12; ++id) {
            vm.expectEmit(address(mint));
            emit Transfer(address(0), ALICE, id);
        }
        mint.airdrop(ALICE, 12);
    }

    function testAirdropByStrangerReverts() public {
        testAirdropByStrangerReverts(ALICE, 1);
    }

    function testAirdropByStrangerReverts(address stranger, uint256 quantity) public {
        vm.assume(stranger != address(this));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        mint.airdrop(stranger, quantity);
    }

    function testAirdropOfNothingReverts() public {
        vm.expectRevert(abi.encodeWithSelector(Collection.ZeroQuantity.selector));
        mint.airdrop(ALICE, 0);
    }

    function testAirdropToNobodyReverts() public {
        vm.expectRevert(abi.encodeWithSelector(IERC721A.MintToZeroAddress.selector));
        mint.airdrop(address(0), 1);
    }

    function testSoldOutReverts() public {
        mint.airdrop(ALICE, SUPPLY);
        vm.expectRevert(abi.encodeWithSelector(Collection.SoldOut.selector, 0));
        mint.airdrop(ALICE, 1);
    }

    function testSoldOutReverts(uint256 before, uint256 quantity) public {
        before = 1 + before % SUPPLY;
        mint.airdrop(ALICE, before);
        vm.assume(quantity > SUPPLY - before);
        vm.expectRevert(abi.encodeWithSelector(Collection.SoldOut.selector, SUPPLY - before));
        mint.airdrop(ALICE, quantity);
        require(mint.totalSupply() == before);
    }

    function testAirdropMany() public {
        testAirdropMany(3, 12, 1);
    }

    function testAirdropMany(uint8 first, uint8 second, uint8 third) public {
        vm.assume(first != 0 && second != 0 && third != 0);
        Collection.Gift[] memory gifts = new Collection.Gift[](3);
        gifts[0] = Collection.Gift(ALICE, first);
        gifts[1] = Collection.Gift(BOB, second);
        gifts[2] = Collection.Gift(ALICE, third);
        mint.airdropMany(gifts);
        require(mint.totalSupply() == uint256(first) + second + third);
        require(mint.ownerOf(first) == ALICE && mint.ownerOf(uint256(first) + 1) == BOB);
        require(mint.ownerOf(uint256(first) + second) == BOB);
        require(mint.ownerOf(uint256(first) + second + third) == ALICE);
        require(mint.balanceOf(ALICE) == uint256(first) + third && mint.balanceOf(BOB) == second);
    }

    function testAirdropManyToNobodyOrOfNothingReverts() public {
        Collection.Gift[] memory gifts = new Collection.Gift[](2);
        gifts[0] = Collection.Gift(ALICE, 1);
        vm.expectRevert(Collection.ZeroQuantity.selector);
        mint.airdropMany(gifts);
        gifts[1].quantity = 1;
        vm.expectRevert(IERC721A.MintToZeroAddress.selector);
        mint.airdropMany(gifts);
        gifts[1] = Collection.Gift(BOB, SUPPLY);
        vm.expectRevert(abi.encodeWithSelector(Collection.SoldOut.selector, SUPPLY - 1));
        mint.airdropMany(gifts);
        require(mint.totalSupply() == 0);
    }

    function testAirdropManyByStrangerReverts(address stranger) public {
        vm.assume(stranger != address(this));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        mint.airdropMany(new Collection.Gift[](1));
    }

    function testReceiverIsNotCalledByAirdrop() public {
        address refuses = address(new Receiver(0));
        mint.airdrop(refuses, 11);
        require(mint.balanceOf(refuses) == 11);
    }

    function testSetRoyaltyReceiver() public {
        testSetRoyaltyReceiver(BOB);
    }

    function testSetRoyaltyReceiver(address receiver) public {
        vm.assume(receiver != address(0));
        vm.expectEmit(address(mint));
        emit RoyaltyReceiverSet(receiver);
        mint.setRoyaltyReceiver(receiver);
        (address paid, uint256 amount) = mint.royaltyInfo(1, 10_000);
        require(paid == receiver && amount == 500);
    }

    function testSetRoyaltyReceiverToNobodyReverts() public {
        vm.expectRevert(abi.encodeWithSelector(Collection.RoyaltyToNobody.selector));
        mint.setRoyaltyReceiver(address(0));
    }

    function testSetRoyaltyReceiverByStrangerReverts() public {
        testSetRoyaltyReceiverByStrangerReverts(BOB);
    }

    function testSetRoyaltyReceiverByStrangerReverts(address stranger) public {
        vm.assume(stranger != address(this));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        mint.setRoyaltyReceiver(stranger);
    }

    function testOwnershipTakesTwoSteps() public {
        vm.expectEmit(address(mint));
        emit OwnershipTransferStarted(address(this), ALICE);
        mint.transferOwnership(ALICE);
        require(mint.owner() == address(this) && mint.pendingOwner() == ALICE);
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, BOB));
        mint.acceptOwnership();
        vm.prank(ALICE);
        mint.acceptOwnership();
        require(mint.owner() == ALICE);
    }

    // ------------------------------------------------------------ transfers

    function testTransfer(uint8 quantity, uint256 id) public {
        vm.assume(quantity != 0);
        id = 1 + id % quantity;
        mint.airdrop(ALICE, quantity);
        vm.prank(ALICE);
        mint.transferFrom(ALICE, BOB, id);
        for (uint256 each = 1; each <= quantity; ++each) {
            require(mint.ownerOf(each) == (each == id ? BOB : ALICE));
        }
        require(mint.balanceOf(ALICE) == uint256(quantity) - 1 && mint.balanceOf(BOB) == 1);
    }

    /// The promise of BATCH: no token of a large airdrop is dear to transfer for the first time.
    /// Execution alone; test_gas.py holds the whole transaction below 121,000.
    function testWorstFirstTransferIsBounded() public {
        mint.airdrop(ALICE, SUPPLY);
        uint256 worst;
        for (uint256 id = 1; id <= 121; id += 12) {
            vm.cool(address(mint));
            vm.prank(ALICE);
            uint256 before = gasleft();
            mint.transferFrom(ALICE, address(uint160(0xF000 + id)), id);
            uint256 used = before - gasleft();
            if (used > worst) worst = used;
        }
        require(worst > 96_000 && worst < 102_000);
    }

    function testSafeTransfer() public {
        mint.airdrop(ALICE, 3);
        address takes = address(new Receiver(Receiver.onERC721Received.selector));
        vm.prank(ALICE);
        mint.safeTransferFrom(ALICE, takes, 2);
        require(mint.ownerOf(2) == takes);
    }

    function testSafeTransferToRefuserReverts() public {
        mint.airdrop(ALICE, 1);
        for (uint256 i; i < 2; ++i) {
            address refuses = address(new Receiver(i == 0 ? bytes4(0) : bytes4(0xdeadbeef)));
            vm.prank(ALICE);
            vm.expectRevert(abi.encodeWithSelector(IERC721A.TransferToNonERC721ReceiverImplementer.selector));
            mint.safeTransferFrom(ALICE, refuses, 1);
        }
    }

    function testMoneyWithATransferReverts() public {
        mint.airdrop(address(this), 1);
        vm.expectRevert(Collection.NotPayable.selector);
        mint.approve{value: 1}(ALICE, 1);
        vm.expectRevert(Collection.NotPayable.selector);
        mint.transferFrom{value: 1}(address(this), ALICE, 1);
        vm.expectRevert(Collection.NotPayable.selector);
        mint.safeTransferFrom{value: 1}(address(this), ALICE, 1);
        vm.expectRevert(Collection.NotPayable.selector);
        mint.safeTransferFrom{value: 1}(address(this), ALICE, 1, "");
        (bool sent,) = address(mint).call{value: 1}("");
        require(!sent && address(mint).balance == 0);
    }

    function testApproved() public {
        mint.airdrop(ALICE, 12);
        vm.prank(ALICE);
        mint.approve(BOB, 7);
        require(mint.getApproved(7) == BOB);
        vm.prank(BOB);
        mint.transferFrom(ALICE, BOB, 7);
        require(mint.ownerOf(7) == BOB && mint.getApproved(7) == address(0));
    }

    // ------------------------------------------------------------ metadata

    function testTokenURI() public {
        mint.airdrop(ALICE, 12);
        same(mint.tokenURI(1), "ipfs://metadata/1.json");
        same(mint.tokenURI(12), "ipfs://metadata/12.json");
    }

    function testTokenURI(uint8 quantity) public {
        vm.assume(quantity != 0);
        mint.airdrop(ALICE, quantity);
        same(mint.tokenURI(quantity), string.concat("ipfs://metadata/", decimal(quantity), ".json"));
    }

    function testTokenURIOfMissingReverts() public {
        testTokenURIOfMissingReverts(0);
    }

    function testTokenURIOfMissingReverts(uint256 id) public {
        mint.airdrop(ALICE, 3);
        vm.assume(id == 0 || id > 3);
        vm.expectRevert(abi.encodeWithSelector(IERC721A.URIQueryForNonexistentToken.selector));
        mint.tokenURI(id);
    }

    function testTokenURIs() public {
        testTokenURIs(12, 9, 3);
    }

    function testTokenURIs(uint8 quantity, uint256 first, uint256 count) public {
        vm.assume(quantity != 0);
        mint.airdrop(ALICE, quantity);
        first = 1 + first % quantity;
        count = 1 + count % (uint256(quantity) + 1 - first);
        string[] memory uris = mint.tokenURIs(first, first + count - 1);
        require(uris.length == count);
        for (uint256 i; i < count; ++i) {
            same(uris[i], mint.tokenURI(first + i));
        }
    }

    function testTokenURIsOfMissingReverts() public {
        mint.airdrop(ALICE, 3);
        uint256[2][5] memory ranges = [
            [uint256(0), 1],
            [uint256(3), 4],
            [uint256(2), 1],
            [uint256(1), SUPPLY + 1],
            [0, type(uint256).max]
        ];
        for (uint256 i; i < ranges.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IERC721A.URIQueryForNonexistentToken.selector));
            mint.tokenURIs(ranges[i][0], ranges[i][1]);
        }
    }

    // ------------------------------------------------------------ royalty

    function testRoyaltyInfo() public view {
        (address receiver, uint256 amount) = mint.royaltyInfo(7, 1 ether);
        require(receiver == ARTIST && amount == 0.05 ether);
    }

    function testRoyaltyInfo(uint16 bps, uint256 price) public {
        Collection.Launch memory it = launch();
        it.royaltyBps = bps % 10_001;
        FairMint made = new FairMint(it);
        (, uint256 amount) = made.royaltyInfo(1, price);
        require(amount <= price);
        if (price <= type(uint256).max / 10_000) require(amount == price * it.royaltyBps / 10_000);
        if (it.royaltyBps == 10_000) require(amount == price);
    }

    // ------------------------------------------------------------ interface ids

    function testSupportsInterface() public view {
        require(mint.supportsInterface(0x01ffc9a7), "ERC-165");
        require(mint.supportsInterface(0x80ac58cd), "ERC-721");
        require(mint.supportsInterface(0x5b5e139f), "ERC-721 metadata");
        require(mint.supportsInterface(0x2a55205a), "ERC-2981");
        require(mint.supportsInterface(0x49064906), "ERC-4906");
        require(!mint.supportsInterface(0xffffffff), "ERC-165 asks for a no");
    }

    function testSupportsInterface(bytes4 id) public view {
        vm.assume(id != 0x01ffc9a7 && id != 0x80ac58cd && id != 0x5b5e139f);
        vm.assume(id != 0x2a55205a && id != 0x49064906);
        require(!mint.supportsInterface(id));
    }

    // ------------------------------------------------------------ internal

    function launch() private pure returns (Collection.Launch memory) {
        return launch(SUPPLY);
    }

    function missing(uint256 id) private {
        vm.expectRevert(abi.encodeWithSelector(IERC721A.OwnerQueryForNonexistentToken.selector));
        mint.ownerOf(id);
    }
}
