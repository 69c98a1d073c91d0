// Goal: a key is exchanged in a running cluster and nobody notices. Method: two processes and two nodes send each other
// numbered messages without pause while the key is added, used and removed, one member after the other.

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { MemberlistPeer } from '../src/memberlist-peer.ts'
import { ourNode } from '../src/our-node.ts'
import { Scene } from '../src/scene.ts'
import { Traffic } from '../src/traffic.ts'

const oldKey = Uint8Array.from({ length: 16 }, (_, index) => 3 * index + 1)
const newKey = Uint8Array.from({ length: 32 }, (_, index) => 5 * index + 2)
const label = 'prod'

const phases = [
  ['add', newKey],
  ['use', newKey],
  ['remove', oldKey],
] as const

describe('rotation of the key', () => {
  it('loses no message and raises no doubt', async () => {
    await using scene = await Scene.form({
      go: { secretKeys: [oldKey], label },
      ours: { encryptionKeys: [oldKey], label },
    })
    await using traffic = new Traffic(scene)
    for (const [change, key] of phases) {
      for (const member of [scene.go[0], scene.ours[0], scene.go[1], scene.ours[1]]) {
        if (member instanceof MemberlistPeer) await member.keyring(change, key)
        else member.keyring[change](key)
        await sleep(100)
      }
      // What is under way with the old key arrives before that is removed.
      await sleep(200)
    }
    await traffic.stop()
    await traffic.arrived()
    expect(traffic.failures).toEqual([])
    expect(traffic.rounds).toBeGreaterThan(5)
    expect(scene.faults()).toEqual(Scene.flawless)
    expect(scene.departed()).toEqual([])
    await scene.settled(['go-1', 'go-2', 'ts-1', 'ts-2'])
    for (const node of scene.ours) expect(node.keyring.keys()).toEqual([newKey])

    await using late = await MemberlistPeer.start({ name: 'go-3', secretKeys: [oldKey], label })
    await expect(late.join(scene.ours[0].address)).rejects.toThrow()
    await using welcome = await ourNode('ts-3', { encryptionKeys: [newKey], label, join: [scene.go[0].address] })
    expect(welcome.joined).toBe(true)
  })
})
