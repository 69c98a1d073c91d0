/** Builds the Go peers before the first test. */
import { goMemberBinary } from './differential/go-member-binary.ts'
import { goBinary } from './go-build.ts'

export function setup(): void {
  for (const program of ['memberlist-peer', 'dskit-peer']) goBinary(program)
  goMemberBinary()
}
