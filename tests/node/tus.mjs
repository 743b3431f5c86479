// A tus server for the tests, on a free loopback port; argv[2] is the folder of its uploads,
// argv[3] the token it wants. Prints the port once it listens; ends when its standard input does.
import { createServer } from 'node:http'
import { Server } from '@tus/server'
import { FileStore } from '@tus/file-store'

const [directory, token] = process.argv.slice(2)
const tus = new Server({
  path: '/v3/files',
  datastore: new FileStore({ directory }),
  async onIncomingRequest(request) {
    if (request.headers.get('authorization') !== `Bearer ${token}`) {
      throw { status_code: 401, body: 'no token' }
    }
  },
  async onUploadFinish(request, upload) {
    return { headers: { 'Upload-CID': `of-${upload.id}` } }
  }
})
const server = createServer((request, response) => tus.handle(request, response))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.resume().on('end', () => process.exit(0))
