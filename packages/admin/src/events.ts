/** `GET /api/v1/events`: membership events, with evidence. */
import type { MemberEvent } from '@hearsay/membership'
import type { ServerEvent } from './event-stream.ts'
import { memberJson } from './members.ts'
import type { AdminSource } from './source.ts'
import type { AdminSystem } from './system.ts'

/** Membership events from this call on, named by their type. */
export const membershipEvents = (
  source: AdminSource,
  system: AdminSystem,
  signal: AbortSignal,
): AsyncIterable<ServerEvent> => translate(source.events({ signal }), system)

async function* translate(events: AsyncIterable<MemberEvent>, system: AdminSystem): AsyncGenerator<ServerEvent> {
  for await (const { type, member, evidence, claimedBy } of events)
    yield {
      event: type,
      data: {
        type,
        at: new Date(system.wallNowMs()).toISOString(),
        member: memberJson(member),
        evidence,
        ...(claimedBy === undefined ? {} : { claimedBy }),
      },
    }
}
