// Imports folders with js-ipfs' own importer, in memory: argv[2] is a JSON list of
// {folder, options}. Prints a JSON list of each root's [CID, cumulative size].
import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { importer } from 'ipfs-unixfs-importer'

function * files (folder, path = '') {
  for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
    const below = path ? `${path}/${entry.name}` : entry.name
    if (!entry.isDirectory()) yield { path: below, content: createReadStream(join(folder, below)) }
    else if (readdirSync(join(folder, below)).length === 0) yield { path: below }
    else yield * files(folder, below)
  }
}

const roots = []
for (const { folder, options } of JSON.parse(process.argv[2])) {
  let last
  const settings = { ...options, onlyHash: true, wrapWithDirectory: true }
  for await (last of importer(files(folder), {}, settings));
  roots.push([last.cid.toString(), Number(last.size)])
}
console.log(JSON.stringify(roots))
