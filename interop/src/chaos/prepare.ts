/** Before the first test: what the machine must have, and the Go peers. */
import { goBinary } from '../go-build.ts'
import { requireTools } from './tools.ts'

export function setup(): void {
  requireTools()
  goBinary('memberlist-peer')
  goBinary('dskit-peer')
}
