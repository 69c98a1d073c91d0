// Goal: encrypted, labelled and compressed clusters of real memberlist members and ours are one cluster. Method: a scene
// of two processes and two nodes goes through all that a member does; then neither side may have found anything wrong.

import { udpTcpTransport } from '@hearsay/transport'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildMemberlistPeers, type MemberlistVersion } from '../src/memberlist-peer.ts'
import { portFreeOn } from '../src/our-node.ts'
import { Scene, type SceneOptions } from '../src/scene.ts'
import { TappedTransport } from '../src/tapped-transport.ts'

const key = (sizeBytes: number, first = 0): Uint8Array =>
  Uint8Array.from({ length: sizeBytes }, (_, index) => first + index)

async function play(options: SceneOptions): Promise<void> {
  await using scene = await Scene.form(options)
  await Promise.all([scene.metadata(), scene.messages()])
  await scene.probes()
  await scene.departures()
  expect(scene.faults()).toEqual(Scene.flawless)
}

interface Cell {
  readonly title: string
  readonly keySizeBytes: number
  readonly label: string
  readonly compression: boolean
  readonly protocol: number
}

/** Every combination; the key sizes take turns. */
const cells: Cell[] = [false, true].flatMap((encryption) =>
  ['', 'prod'].flatMap((label) =>
    [false, true].flatMap((compression) =>
      [2, 5].map((protocol, index) => {
        const keySizeBytes = encryption ? [16, 24, 32][(index + (label ? 1 : 0) + (compression ? 1 : 0)) % 3]! : 0
        const title = [
          keySizeBytes ? `a key of ${keySizeBytes} bytes` : 'no key',
          label ? `label ${label}` : 'no label',
          compression ? 'compressed' : 'plain',
          `protocol ${protocol}`,
        ].join(', ')
        return { title, keySizeBytes, label, compression, protocol }
      }),
    ),
  ),
)

const optionsOf = ({ keySizeBytes, label, compression, protocol }: Omit<Cell, 'title'>): SceneOptions => {
  const keys = keySizeBytes ? [key(keySizeBytes)] : []
  return {
    go: { secretKeys: keys, label, compression, protocolVersion: protocol },
    ours: { encryptionKeys: keys, label, compression: compression ? 'lzw' : 'none', protocolVersion: protocol },
  }
}

// More at once would make members wait for each other on a small machine.
vi.setConfig({ maxConcurrency: 2 })
beforeAll(() => buildMemberlistPeers('v0.7.0', 'v0.6.0', 'v0.5.4', 'v0.5.0', 'grafana'))

describe.concurrent('with v0.7.0', () => {
  it.for(cells.map((cell) => [cell.title, cell] as const))('%s', ([, cell]) => play(optionsOf(cell)))
})

describe('among other versions, encrypted', () => {
  const versions: MemberlistVersion[] = ['v0.5.0', 'v0.5.4', 'v0.6.0', 'grafana']

  it.for(versions)('v0.7.0, %s and ours', (version) =>
    play({ ...optionsOf({ keySizeBytes: 32, label: 'prod', compression: true, protocol: 2 }), go2: { version } }),
  )
})

describe('protocol 1, which pads what it encrypts', () => {
  // Under protocol 1 a member takes the port of every other for its own: each has another address of loopback.
  const hosts = ['127.0.0.11', '127.0.0.12', '127.0.0.13', '127.0.0.14'] as const

  it.for([1, 2])('Go speaks 1, we %i', async (protocolVersion) => {
    const bindPort = await portFreeOn(hosts)
    const keys = [key(16)]
    const tap = new TappedTransport(udpTcpTransport({ bindAddress: hosts[2], bindPort }))
    await play({
      go: { secretKeys: keys, protocolVersion: 1, bindPort },
      go1: { bindAddress: hosts[0] },
      go2: { bindAddress: hosts[1] },
      ours: { encryptionKeys: keys, protocolVersion, bindPort },
      ours1: { transport: tap },
      ours2: { bindAddress: hosts[3] },
    })
    const versionsOf = (packets: readonly Uint8Array[]): unknown => [...new Set(packets.map(([version]) => version))]
    expect(versionsOf(tap.sent)).toEqual([protocolVersion === 1 ? 0 : 1])
    if (protocolVersion === 1) expect(versionsOf(tap.received)).toEqual([0])
    else expect(versionsOf(tap.received)).toContain(0)
  })
})
