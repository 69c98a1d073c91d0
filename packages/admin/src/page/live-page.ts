/** `GET /`: members, rings and keys, kept fresh by a small script. No request leaves this machine. */
import { membersJson } from '../members.ts'
import type { AdminSource } from '../source.ts'
import { html, page, table } from './html.ts'

/** The page as it is now; the script takes over from there. */
export function livePage(source: AdminSource): Response {
  const { members } = membersJson(source.members())
  return page(
    `hearsay: ${source.name}`,
    html`<main>
<header>
<h1>${source.name}</h1>
<p id="status" role="status">${source.address}</p>
</header>
<section id="members">${table(
      'Members',
      ['Name', 'Address', 'State', 'Incarnation', 'Round trip'],
      members.map(({ name, addr, port, state, incarnation, rttMs }) => [
        name,
        `${addr.includes(':') ? `[${addr}]` : addr}:${port}`,
        state,
        incarnation,
        rttMs === null ? '' : `${rttMs.toFixed(1)} ms`,
      ]),
      [3, 4],
    )}</section>
<section id="rings"></section>
<section id="keys"></section>
<noscript><p>This page refreshes itself with a script; without one, reload it.</p></noscript>
<footer><a href="/memberlist">memberlist</a> <a href="/metrics">metrics</a></footer>
</main>`,
    '/assets/page.js',
  )
}
