/** `/memberlist` as a page: members and the store, without a script. */

import type { KvMessage } from '@hearsay/kv'
import { sortedByName } from '../members.ts'
import type { AdminSource } from '../source.ts'
import { type Html, html, page, table } from './html.ts'

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
    html`${key} (${links('viewKey', key)} <a href="?downloadKey=${encodeURIComponent(key)}">download</a>)`,
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
${messages(source)}
</main>`,
  )
}

/** Both histories, or that there are none. */
function messages(source: AdminSource): Html {
  const { history } = source.kv
  if (history.maxBytes === 0) return html`<p>Message history is not kept.</p>`
  const { sent, received } = history.messages
  return html`<form method="post" action="/memberlist?deleteMessages=true"><button>Delete all messages</button></form>
${messageTable('Received messages', received)}
${messageTable('Sent messages', sent)}`
}

function messageTable(caption: string, all: readonly KvMessage[]): Html {
  return table(
    caption,
    ['ID', 'Time', 'Key', 'Value in the message', 'Version after the update (0: no change)', 'Changes'],
    all.map(({ id, at, sizeBytes, pair, version, names }) => [
      id,
      new Date(at).toISOString().slice(11, 23),
      pair.key,
      html`${sizeBytes} bytes, ${pair.codecId} (${links('viewMsg', String(id))})`,
      version,
      names.join(', '),
    ]),
    [0, 4],
  )
}

/** Ways to look at a value. */
const links = (parameter: 'viewKey' | 'viewMsg', value: string): Html =>
  html`<a href="?${parameter}=${encodeURIComponent(value)}&amp;format=json">json</a> <a href="?${parameter}=${encodeURIComponent(value)}&amp;format=json-pretty">json-pretty</a>`
