#!/usr/bin/env -S node --stack-size=8000
// The npm package `solc` behind the two questions forge and compile-contracts ask of a native solc:
// `--version`, and `--standard-json` from stdin to stdout. Every source arrives by content.
"use strict";
const fs = require("fs");
const solc = require("solc");

// soljson installs handlers that print a page of its own source and rethrow.
process.removeAllListeners("uncaughtException");
process.removeAllListeners("unhandledRejection");

function write(text) {
  const bytes = Buffer.from(text);
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += fs.writeSync(1, bytes, sent);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error; // a full pipe: its reader is slower than we are
    }
  }
}

const asked = process.argv.slice(2);
if (asked.includes("--version")) {
  // forge reads a platform, and takes the letters after "+commit" as part of the version.
  const version = solc.version().replace(".Emscripten.clang", ".Linux.g++");
  write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (asked.includes("--standard-json")) {
  write(solc.compile(fs.readFileSync(0, "utf8")));
} else {
  process.stderr.write(`solc-wrapper: only --version and --standard-json, not ${asked.join(" ")}\n`);
  process.exitCode = 1;
}
