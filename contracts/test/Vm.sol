// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The few of forge's cheat codes our tests use: https://getfoundry.sh/reference/cheatcodes
interface Vm {
    function assume(bool condition) external pure;
    function cool(address account) external;
    function expectEmit() external;
    function expectEmit(address emitter) external;
    function expectRevert(bytes calldata reason) external;
    function prank(address sender) external;
}

// The address at which forge answers for Vm: the last 20 bytes of keccak256("hevm cheat code").
Vm constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
