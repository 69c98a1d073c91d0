/** Hostile packets and streams against whole members, on a network in this process and in virtual time. */
import type { Transport, TransportStream } from '@hearsay/transport'
import { Finding } from './finding.ts'
import { Flatness } from './flatness.ts'
import { PacketSource } from './packet-source.ts'
import type { StageOptions } from './packet-stage.ts'
import { Progress } from './progress.ts'
import { Random } from './random.ts'
import { StreamSource } from './stream-source.ts'
import { makeVictims, type Victim } from './victims.ts'
import { World } from './world.ts'

const ATTACKERS = 4
/** Packets between two looks into the members. */
const STATE_CHECK_EVERY = 500
/** A stream is opened for so many packets. */
const PACKETS_PER_STREAM = 8

/** Returns what to print. Throws a `Finding`. */
export async function runMembers({ seed, count, untilMs, say }: StageOptions): Promise<readonly string[]> {
  const world = new World(seed)
  const network = world.network()
  const victims = makeVictims(world, network)
  const all = Object.values(victims)
  const random = new Random(seed)
  const attack = new Attack(random, world)
  const check = (): void => {
    for (const victim of all) victim.checkTask(world)
  }
  const progress = new Progress('packets at members', say)
  const flatness = new Flatness('members', count)
  let sent = 0
  try {
    for (const { memberlist } of all) await finish(world, memberlist.start())
    for (let index = 0; index < ATTACKERS; index++) await finish(world, attack.join(network.transport()))
    await finish(world, victims.peer.memberlist.join([victims.plain.memberlist.address]))
    let nextCheck = STATE_CHECK_EVERY
    while (sent < count && performance.now() < untilMs) {
      // Mostly few at once, now and then more than one turn takes.
      const burst = random.oneIn(200) ? 1000 : 1 + random.below(8)
      for (let index = 0; index < burst; index++, sent++) attack.send(victims)
      if (random.below(PACKETS_PER_STREAM) < burst) attack.open(victims)
      await world.pass(random.below(random.oneIn(50) ? 500 : 12), check)
      if (sent >= nextCheck) {
        nextCheck = sent + STATE_CHECK_EVERY
        for (const victim of all) victim.checkState()
      }
      progress.at(sent)
      flatness.at(sent)
    }
    progress.count('streams opened', attack.opened)
    progress.count('streams answered', attack.answered)
    for (const victim of all) addDrops(progress, victim)
    return [progress.summary(sent), ...all.map(largestTurn), flatness.judge()]
  } catch (error) {
    if (error instanceof Finding) throw error
    const { lastInput } = victims.plain.transport
    const evidence = { stage: 'packets', input: lastInput, as: 'victim' }
    throw new Finding('escape', `${error} after ${sent} packets at members`, evidence, { cause: error })
  } finally {
    for (const { memberlist } of all) memberlist.close()
    await world.pass(1000, () => {})
  }
}

/** Those who attack: they send, dial, and answer whoever dials them. */
class Attack {
  opened = 0
  answered = 0
  readonly #random: Random
  readonly #world: World
  readonly #packets: PacketSource
  readonly #streams: StreamSource
  readonly #transports: Transport[] = []

  constructor(random: Random, world: World) {
    this.#random = random
    this.#world = world
    this.#packets = new PacketSource(random, 5000)
    this.#streams = new StreamSource(random)
  }

  async join(transport: Transport): Promise<void> {
    this.#transports.push(transport)
    await transport.listen({ onPacket: () => {}, onStream: (stream) => this.#answer(stream), onDrop: () => {} })
  }

  send(victims: Readonly<Record<'plain' | 'sealed', Victim>>): void {
    const { bytes, receiver } = this.#packets.next()
    const victim = receiver.name === 'sealed' ? victims.sealed : victims.plain
    this.#random.pick(this.#transports).send(victim.memberlist.address, bytes, 'gossip')
  }

  open(victims: Readonly<Record<'plain' | 'sealed', Victim>>): void {
    const victim = this.#random.oneIn(8) ? victims.sealed : victims.plain
    const transport = this.#random.pick(this.#transports)
    transport.dial(victim.memberlist.address, { timeoutMs: 100 }).then(
      (stream) => {
        this.opened++
        stream.receive({ onData: () => {}, onEnd: () => {}, onClose: () => {} })
        this.#speak(stream)
      },
      () => {},
    )
  }

  #answer(stream: TransportStream): void {
    this.answered++
    stream.receive({ onData: () => {}, onEnd: () => {}, onClose: () => {} })
    this.#speak(stream)
  }

  /** Writes in pieces over some time; then ends, breaks off, or stays. */
  #speak(stream: TransportStream): void {
    const { bytes, cuts } = this.#streams.next()
    // A copy: pieces are written later, when the source has gone on.
    const own = bytes.slice()
    const pauseMs = this.#random.oneIn(4) ? this.#random.below(40) : 0
    let from = 0
    for (const [index, to] of [...cuts, own.length].entries()) {
      const piece = own.subarray(from, to)
      this.#world.schedule(index * pauseMs, () => stream.write(piece))
      from = to
    }
    const fate = this.#random.below(4)
    this.#world.schedule((cuts.length + 1) * pauseMs + 1, () => {
      if (fate === 0) stream.destroy()
      else if (fate < 3) stream.end()
    })
  }
}

async function finish<T>(world: World, promise: Promise<T>): Promise<T> {
  let settled = false
  const note = (): void => {
    settled = true
  }
  promise.then(note, note)
  for (let rounds = 0; !settled && rounds < 10_000; rounds++) await world.pass(1, () => {})
  return promise
}

function addDrops(progress: Progress, { memberlist }: Victim): void {
  const { drops, ignored, messagesIn } = memberlist.metrics()
  for (const [reason, count] of Object.entries(drops)) progress.count(reason, count)
  progress.count(
    'ignored',
    Object.values(ignored).reduce((sum, count) => sum + count, 0),
  )
  progress.count(
    'messages',
    Object.values(messagesIn).reduce((sum, count) => sum + count, 0),
  )
}

function largestTurn({ name, largest, transport, memberlist }: Victim): string {
  const ratio = transport.bytesOut / Math.max(1, transport.bytesIn)
  return `${name}: ${memberlist.metrics().members} members; bytes out for each in: ${ratio.toFixed(2)}; most in one turn: ${largest.looks} looks at the clock, ${largest.packetsOut} packets of ${largest.bytesOut} bytes sent`
}
