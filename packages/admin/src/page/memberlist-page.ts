/** `/memberlist` as a page: members and the store, without a script. */

import { sortedByName } from '../members.ts'
import type { AdminSource } from '../source.ts'
import { html, page, table } from './html.ts'

/** Members with their true state, dead and left ones included, and the keys of the store. */
export function memberlistPage(source: AdminSource, wallNowMs: number): Response {
  const members = sortedByName(source.members())
  const entries = [...source.kv.entries()].sort((left, right) => (left.key < right.key ? -1 : 1))
  const { membership } = source.metrics()
  return page(
    `memberlist: ${source.name}`,
    html`<main>
<h1>Memberlist status</h1>
<p>Current time: ${new Date(wallNowMs).toISOString()}</p>
<ul>
<li>Health score: ${membership.healthScore} (lower is better, 0 is healthy)</li>
<li>Members: ${membership.members}</li>
</ul>
${table(
  'Key-value store',
  ['Key', 'Codec', 'Version', 'Deleted', 'Updated', 'Size in bytes'],
  entries.map(({ key, codecId, version, deleted, updatedAt, sizeBytes }) => [
    key,
    codecId,
    version,
    deleted ? 'true' : 'false',
    new Date(updatedAt).toISOString(),
    sizeBytes,
  ]),
  [2, 5],
)}
${table(
  'Members',
  ['Name', 'Address', 'State', 'Incarnation'],
  members.map(({ name, address, status, incarnation }) => [name, address, status, incarnation]),
  [3],
)}
<p>Message history is not kept.</p>
</main>`,
  )
}
