/** Go and us, configured equally, for the same inputs at the same time. */
import { startGo } from './go-target.ts'
import type { Group } from './group.ts'
import { startOurs } from './our-target.ts'
import type { Probe } from './probe.ts'
import { Session } from './session.ts'

/** Both sides of one configuration. */
export class Pair {
  readonly group: Group
  readonly go: Session
  readonly ours: Session

  private constructor(group: Group, go: Session, ours: Session) {
    this.group = group
    this.go = go
    this.ours = ours
  }

  static async start(group: Group, probe: Probe): Promise<Pair> {
    const targets = await Promise.all([startGo(group), startOurs(group)])
    try {
      const [go, ours] = await Promise.all(targets.map((target) => Session.begin(target, group, probe)))
      return new Pair(group, go!, ours!)
    } catch (error) {
      await Promise.all(targets.map((target) => target.close()))
      throw error
    }
  }

  /** Both know nobody but themselves, as at the start. */
  get isFresh(): boolean {
    const isFresh = ({ target, members }: Session): boolean =>
      !target.isGone && members.size === 1 && (members.get('"target"')?.startsWith('alive@1 ') ?? false)
    return isFresh(this.go) && isFresh(this.ours)
  }

  async close(): Promise<void> {
    await Promise.all([this.go.close(), this.ours.close()])
  }
}
