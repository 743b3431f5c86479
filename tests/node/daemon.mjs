// A js-ipfs node for the tests: offline, in the repo folder argv[2], its API on a free loopback
// port. Prints the API's port once it listens; ends when its standard input does.
import { create } from 'ipfs-core'
import { HttpApi } from 'ipfs-http-server'

const ipfs = await create({
  repo: process.argv[2],
  offline: true,
  start: false, // no libp2p: it neither listens nor dials
  silent: true,
  preload: { enabled: false },
  init: { emptyRepo: true, algorithm: 'Ed25519' },
  config: {
    Addresses: { API: '/ip4/127.0.0.1/tcp/0', Gateway: '', Swarm: [] },
    Bootstrap: [],
    Discovery: { MDNS: { Enabled: false }, webRTCStar: { Enabled: false } }
  }
})
const api = new HttpApi(ipfs)
await api.start()
console.log(api._apiServers[0].info.port)
process.stdin.resume().on('end', () => process.exit(0))
