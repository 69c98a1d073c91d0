/** After a difference that is allowed, both are told something that both believe: what follows is comparable again. */
import { sameIp } from './addresses.ts'
import type { Both, View } from './compare.ts'
import { USUAL_VERSIONS } from './generate.ts'
import { hexOf } from './hex.ts'
import type { MemberSettings } from './observation.ts'
import type { Message } from './steps.ts'

/** The last incarnation from which there is still something to jump to. */
const LAST_INCARNATION = 2 ** 32 - 4

/** What to tell both of a name of which they believe different things; `undefined` when nothing helps. */
export function reconciliation(
  name: string,
  { go, ours }: Both<View>,
  highest: number,
  settings: MemberSettings,
): Message | undefined {
  const left = go.get(name)
  const right = ours.get(name)
  const incarnation = Math.max(highest, left?.incarnation ?? 0, right?.incarnation ?? 0)
  if (incarnation > LAST_INCARNATION) return undefined
  if (name === settings.name) {
    // Who is alive contradicts, both with the same incarnation; who has left says nothing any more.
    const isAlive = left?.state === 0 && right?.state === 0
    return isAlive ? { kind: 'suspect', node: name, incarnation, by: 'stranger' } : undefined
  }
  const known = left ?? right
  if (!known?.address || name === settings.refuseAlive) return undefined
  if (right && (!sameIp(known.address, right.address) || known.port !== right.port)) return undefined
  const { address, port } = known
  return {
    kind: 'alive',
    node: name,
    incarnation: incarnation + 1,
    address: hexOf(address),
    port,
    versions: USUAL_VERSIONS,
  }
}
