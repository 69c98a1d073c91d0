/** One process of a service that has feature flags: `node flag-service.js --help`. */
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { createNode } from '@hearsay/node'
import { Flags } from './flags.js'

const { values } = parseArgs({
  options: {
    name: { type: 'string' },
    http: { type: 'string', default: '0' },
    gossip: { type: 'string', default: '0' },
    join: { type: 'string', multiple: true, default: [] },
    'data-dir': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log('flag-service --name NAME [--http PORT] [--gossip PORT] [--join HOST:PORT]… [--data-dir DIRECTORY]')
  process.exit(0)
}

const node = await createNode({
  ...(values.name && { name: values.name }),
  ...(values['data-dir'] && { dataDir: values['data-dir'], snapshotIntervalMs: 200 }),
  bindAddress: '127.0.0.1',
  bindPort: Number(values.gossip),
  join: values.join,
})
const flags = new Flags(node)

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
  }
  try {
    const url = new URL(request.url, 'http://localhost')
    const [, root, name] = url.pathname.split('/')
    if (root === 'members')
      return answer(
        200,
        node.members().map(({ name, status }) => ({ name, status })),
      )
    if (root !== 'flags') return answer(404, { error: 'there are /flags, /flags/NAME and /members' })
    const share = Number(url.searchParams.get('wait') ?? 0)
    if (!(share >= 0 && share <= 1)) return answer(400, { error: 'wait: a share of the members, from 0 to 1' })
    if (request.method === 'GET') return answer(200, name ? { on: flags.isOn(decodeURIComponent(name)) } : flags.all())
    if (!name) return answer(405, { error: 'PUT and DELETE go to /flags/NAME' })
    if (request.method === 'PUT') return answer(200, await flags.set(decodeURIComponent(name), true, { share }))
    if (request.method === 'DELETE') return answer(200, await flags.remove(decodeURIComponent(name), { share }))
    answer(405, { error: 'GET, PUT or DELETE' })
  } catch (error) {
    answer(500, { error: error.message })
  }
})
await new Promise((resolve) => server.listen(Number(values.http), '127.0.0.1', resolve))
console.log(
  JSON.stringify({ name: node.name, gossip: node.address, http: `http://127.0.0.1:${server.address().port}` }),
)

const stop = new AbortController()
void flags.follow((name, on) => console.error(`${node.name}: ${name} is ${on ? 'on' : 'off'}`), stop.signal)

// Others are told that this process left, and what it had not yet told them.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    stop.abort()
    server.close()
    server.closeAllConnections()
    await node.leave()
  })
