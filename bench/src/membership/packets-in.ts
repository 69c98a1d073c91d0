/** B6: a packet, from its bytes to what the member knows. */
import { equalBytes } from '@hearsay/encoding'
import { Keyring } from '@hearsay/wire'
import type { Machine } from '../../../packages/membership/src/machine.ts'
import { Counters } from '../../../packages/membership/src/metrics.ts'
import { TransportRim } from '../../../packages/membership/src/rim.ts'
import { Turn } from '../../../packages/membership/src/turn.ts'
import type { Transport } from '../../../packages/transport/src/transport.ts'
import type { Item } from '../item.ts'
import { from, label, lazily, machineOf, viewOf, whenDone } from './member.ts'
import { key, oneAfterTheOther, PARTS, packetsOf } from './packets.ts'

/** All of a member but sockets and timers; whatever it does is done to nobody. */
function memberOn(machine: Machine, encrypted: boolean): (packet: Uint8Array) => void {
  let afterIo: (() => void) | undefined
  const system = {
    now: () => performance.now(),
    arm: () => () => {},
    afterIo: (callback: () => void) => {
      afterIo = callback
    },
  }
  const counters = new Counters()
  const rim = new TransportRim({
    transport: { packetBudgetBytes: 1400, send: () => {} } as unknown as Transport,
    system,
    counters,
    logger: undefined,
    label,
    labelMode: 'strict',
    encryption: {
      keyring: new Keyring(encrypted ? [key] : []),
      verifyIncoming: true,
      verifyOutgoing: true,
      version: 1,
    },
    compression: 'lzw',
    streamCompression: 'if-smaller',
    maxDecompressedBytes: 40 * 1024 * 1024,
    streamTimeoutMs: 10_000,
    input: (input) => turn.input(input),
    deliver: (effect) => {
      if (effect.kind === 'ignored') counters.ignored.add(effect.reason)
    },
  })
  const turn = new Turn(machine, rim, system, 500)
  return (packet) => {
    rim.onPacket(from, packet)
    afterIo?.()
    afterIo = undefined
  }
}

function itemFor(others: number, what: 'known' | 'new', encrypted: boolean): Item {
  // So many that all are met before one comes again; of new ones half as many as there are.
  const count = Math.floor((what === 'known' ? others : others / 2) / PARTS)
  const packets = lazily(() => packetsOf(count, what === 'known' ? 0 : others, encrypted))
  const subject = `packets-${what}-${others}-${encrypted}`
  const member = () => {
    const machine = machineOf(others)
    return { machine, receive: memberOn(machine, encrypted) }
  }
  let current: ReturnType<typeof member> | undefined
  whenDone(() => {
    current = undefined
  })
  let turn = 0
  const renew = (): void => {
    current = member()
    turn = 0
  }
  const work = (): number => {
    current ??= member()
    const packet = packets()[turn]!
    current.receive(packet)
    turn = (turn + 1) % count
    return packet.length
  }
  return {
    group: 'B6',
    name: `packet of 16 ${what} in, n = ${others.toLocaleString('en')}${encrypted ? ', encrypted' : ''}`,
    target: encrypted ? 1 : 0.6,
    library: 'memberlist',
    operation: `ingest/${what}/${others}/${encrypted ? 'encrypted' : 'plain'}`,
    subject,
    inputs: () => ({ [subject]: oneAfterTheOther(packets()) }),
    agrees: (golden) => {
      renew()
      work()
      return equalBytes(viewOf(current!.machine), golden)
    },
    work,
    isLarge: others > 1000,
    ...(what === 'new' ? { renewal: { every: count, renew } } : {}),
  }
}

/** Alives of members that are known already, and of others. */
export const packetItems = (): Item[] =>
  [false, true].flatMap((encrypted) =>
    [1000, 10_000].flatMap((others) => (['known', 'new'] as const).map((what) => itemFor(others, what, encrypted))),
  )
