// A server of the IPFS Pinning Service API for the tests, on a free loopback port; argv[2] is the
// token it wants. Prints the port once it listens; ends when its standard input does.
const { setup } = require('mock-ipfs-pinning-service')

const say = console.log
console.log = () => {} // its parts announce themselves
setup({ token: process.argv[2], loglevel: 'error' }).then((app) => {
  const server = app.listen(0, '127.0.0.1', () => say(server.address().port))
  process.stdin.resume().on('end', () => process.exit(0))
})
