/**
 * A member of ours as a process of its own, so that it can be stopped and killed: it speaks the JSON lines that the Go
 * peer speaks, on standard input and output, and ends with its standard input.
 */
import { createSocket } from 'node:dgram'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type Logger, lan, Memberlist, type Tuning } from '@hearsay/membership'
import { udpTcpTransport } from '@hearsay/transport'

interface Request {
  readonly id: number
  readonly command: string
  readonly addrs?: readonly string[]
  readonly perSecond?: number
}

/** How often the own incarnation is looked at: it rises when, and only when, this member refutes. */
const LOOK_MS = 50

const say = (line: Readonly<Record<string, unknown>>): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'ts' },
    bind: { type: 'string', default: '127.0.0.1' },
    'bind-port': { type: 'string', default: '0' },
    'disable-tcp-pings': { type: 'string', default: 'false' },
  },
})

const logAt =
  (level: keyof Logger): Logger['info'] =>
  (message, fields = {}) =>
    say({ event: 'log', line: `[${level.toUpperCase()}] ${message} ${JSON.stringify(fields)}` })

const tuning: Tuning = {
  ...lan,
  probe: { ...lan.probe, streamFallback: values['disable-tcp-pings'] !== 'true' },
}
const memberlist = new Memberlist({
  name: values.name,
  tuning,
  transport: udpTcpTransport({ bindAddress: values.bind, bindPort: Number(values['bind-port']) }),
  logger: { debug: () => {}, info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
})
memberlist.on('member', ({ type, member, evidence }) =>
  say({ event: type, name: member.name, address: member.address, source: evidence.source }),
)
await memberlist.start()
say({ event: 'ready', address: memberlist.address })
watchIncarnation()
listen()

function listen(): void {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const request = JSON.parse(line) as Request
    answer(request).then(
      (result) => say({ id: request.id, result }),
      (error: Error) => say({ id: request.id, result: null, error: error.message }),
    )
  })
  lines.on('close', () => process.exit())
}

async function answer({ command, addrs = [], perSecond = 0 }: Request): Promise<unknown> {
  switch (command) {
    case 'join': {
      const { joinedCount, seeds } = await memberlist.join(addrs)
      if (joinedCount === 0) throw new Error(`nobody was joined: ${JSON.stringify(seeds)}`)
      return joinedCount
    }
    case 'states':
      return memberlist
        .members()
        .map(({ name, address, status, incarnation }) => ({ name, address, status, incarnation }))
    case 'health':
      return memberlist.healthScore
    case 'metrics':
      return memberlist.metrics()
    case 'chatter':
      return chat(perSecond)
  }
  throw new Error(`unknown command ${command}`)
}

function watchIncarnation(): void {
  let last = memberlist.self.incarnation
  setInterval(() => {
    const { incarnation } = memberlist.self
    if (incarnation > last) say({ event: 'refute', name: memberlist.name, incarnation })
    last = incarnation
  }, LOOK_MS)
}

let chatter: NodeJS.Timeout | undefined
/** A user message as it is in a packet: its type, then its bytes (wire spec 1.6.10). */
const chatterPacket = Uint8Array.of(8, ...new TextEncoder().encode('chatter:'.padEnd(64, '.')))
const chatterSocket = createSocket('udp4').unref()

/**
 * Sends every other member so many packets a second, until told another number; 0 ends it. They are user messages, made
 * once and sent past the library, since thousands of them a second are to cost little.
 */
function chat(perSecond: number): void {
  clearInterval(chatter)
  if (perSecond <= 0) return
  let last = performance.now()
  let owed = 0
  chatter = setInterval(
    () => {
      const now = performance.now()
      // Timers are late: what they owe is sent with the next, except after a stop of the process.
      owed += (Math.min(now - last, 100) * perSecond) / 1000
      last = now
      const others = memberlist.members().filter(({ status, isSelf }) => !isSelf && /alive|suspect/.test(status))
      for (; owed >= 1; owed--)
        for (const { address } of others) {
          const [host, port] = address.split(':')
          chatterSocket.send(chatterPacket, Number(port), host)
        }
    },
    Math.max(1, 1000 / perSecond),
  )
}
