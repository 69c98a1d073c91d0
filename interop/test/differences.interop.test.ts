// Goal: members that are set up in different ways do not mix, and an operator is told why. Method: each difference with a
// real process; it is looked at what we count and what we log.

import { describe, expect, it } from 'vitest'
import { MemberlistPeer } from '../src/memberlist-peer.ts'
import { keptLog, type LogLine, ourNode, statusOf } from '../src/our-node.ts'
import { waitFor } from '../src/wait-for.ts'

const ourKey = Uint8Array.from({ length: 32 }, (_, index) => 11 * index + 3)
const theirKey = Uint8Array.from({ length: 32 }, (_, index) => 7 * index + 5)

const warnings = (lines: readonly LogLine[]): LogLine[] => lines.filter(({ level }) => level === 'warn')

/** A key in any form that a log might show. */
function expectNoKeys(lines: readonly LogLine[]): void {
  const text = JSON.stringify(lines)
  for (const key of [ourKey, theirKey])
    for (const encoding of ['hex', 'base64', 'latin1'] as const)
      expect(text).not.toContain(Buffer.from(key).subarray(0, 9).toString(encoding))
  expect(text).not.toContain([...ourKey.subarray(0, 4)].join(','))
}

const differences = [
  {
    title: 'another key',
    go: { secretKeys: [theirKey] },
    ours: { encryptionKeys: [ourKey] },
    reason: 'decrypt-failed',
    says: [/key/],
  },
  {
    title: 'no key there',
    go: {},
    ours: { encryptionKeys: [ourKey] },
    reason: 'not-encrypted',
    says: [/encrypt/],
  },
  {
    title: 'no key here',
    go: { secretKeys: [theirKey] },
    ours: {},
    reason: 'encrypted',
    says: [/encrypt/, /key/],
  },
  {
    title: 'another label',
    go: { label: 'theirs' },
    ours: { label: 'ours' },
    reason: 'label-mismatch',
    says: [/label/, /theirs/, /ours/],
  },
  {
    title: 'another label, encrypted',
    go: { label: 'theirs', secretKeys: [ourKey] },
    ours: { label: 'ours', encryptionKeys: [ourKey] },
    reason: 'label-mismatch',
    says: [/label/, /theirs/, /ours/],
  },
] as const

describe('a peer that is set up in another way', () => {
  it.for(differences.map((each) => [each.title, each] as const))('%s', async ([, { go, ours, reason, says }]) => {
    const { logger, lines } = keptLog()
    await using peer = await MemberlistPeer.start({ name: 'go-1', tcpTimeoutMs: 2000, ...go })
    await using node = await ourNode('ts-1', { kvTraffic: false, logger, ...ours })
    for (let attempt = 0; attempt < 3; attempt++) await expect(peer.join(node.address)).rejects.toThrow()
    const { joinedCount } = await node.join([peer.address])
    expect(joinedCount).toBe(0)
    const { drops, dropsByPeer } = node.metrics().membership
    expect(drops[reason]).toBeGreaterThanOrEqual(3)
    expect(dropsByPeer['127.0.0.1']?.[reason]).toBe(drops[reason])
    const told = warnings(lines).filter(({ fields }) => String(fields.peer).startsWith('127.0.0.1:'))
    expect(told.map(({ message }) => message)).toHaveLength(1)
    for (const word of says) expect(`${told[0]?.message} ${told[0]?.fields.detail}`).toMatch(word)
    expectNoKeys(lines)
    expect(node.members()).toHaveLength(1)
    expect(await peer.members()).toHaveLength(1)
  })
})

describe('a peer whose key changes alone', () => {
  it('is not understood any more, which is counted and told once; and is again when it has the key', async () => {
    const { logger, lines } = keptLog()
    const tuning = { probe: { intervalMs: 300, timeoutMs: 250 } }
    await using go = await MemberlistPeer.start({
      name: 'go-1',
      secretKeys: [ourKey],
      probeIntervalMs: 300,
      probeTimeoutMs: 250,
    })
    await using node = await ourNode('ts-1', {
      kvTraffic: false,
      logger,
      tuning,
      encryptionKeys: [ourKey],
      join: [go.address],
    })
    expect(statusOf(node, 'go-1')).toBe('alive')
    await go.keyring('add', theirKey)
    await go.keyring('use', theirKey)
    // It still reads our pings; we cannot read its answers.
    await waitFor('packets are refused', () => (node.metrics().membership.drops['decrypt-failed'] ?? 0) >= 3)
    await waitFor('it is doubted', () => statusOf(node, 'go-1') !== 'alive')
    expect(warnings(lines).filter(({ message }) => /key/.test(message))).toHaveLength(1)
    await go.keyring('use', ourKey)
    await go.join(node.address)
    await waitFor('it is a member again', () => statusOf(node, 'go-1') === 'alive', { view: () => node.members() })
    expectNoKeys(lines)
  })
})
