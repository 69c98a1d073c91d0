/** The script of the live page. Text from the cluster only ever becomes text nodes. */
export const pageScript = `'use strict'
const get = async (path) => {
  const response = await fetch(path, { headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(path + ' answered ' + response.status)
  return response.json()
}
const element = (name, text, className) => {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = String(text)
  if (className) made.className = className
  return made
}
const show = (id, caption, columns, rows) => {
  const table = element('table')
  table.append(element('caption', caption))
  const head = element('tr')
  for (const [title, , className] of columns) {
    const heading = element('th', title, typeof className === 'string' ? className : undefined)
    heading.scope = 'col'
    head.append(heading)
  }
  const thead = element('thead')
  thead.append(head)
  const body = element('tbody')
  for (const row of rows) {
    const line = element('tr')
    for (const [, read, className] of columns) {
      const name = typeof className === 'function' ? className(row) : className
      line.append(element('td', read(row), name))
    }
    body.append(line)
  }
  table.append(thead, body)
  document.getElementById(id).replaceChildren(table)
}
const host = (addr) => (addr.includes(':') ? '[' + addr + ']' : addr)
const states = (ring) => Object.entries(ring.states).map(([state, count]) => count + ' ' + state).join(', ')
const refresh = async () => {
  const status = document.getElementById('status')
  try {
    const [{ members }, { rings }, { keys }] = await Promise.all([
      get('/api/v1/members'), get('/api/v1/rings'), get('/api/v1/kv'),
    ])
    show('members', 'Members', [
      ['Name', (m) => m.name],
      ['Address', (m) => host(m.addr) + ':' + m.port],
      ['State', (m) => m.state, (m) => 'state ' + m.state],
      ['Incarnation', (m) => m.incarnation, 'number'],
      ['Round trip', (m) => (m.rttMs === null ? '' : m.rttMs.toFixed(1) + ' ms'), 'number'],
    ], members)
    show('rings', 'Rings', [
      ['Ring', (r) => r.key],
      ['Instances', (r) => r.instances, 'number'],
      ['States', states],
      ['Unhealthy', (r) => r.unhealthy, 'number'],
      ['Tokens', (r) => r.tokens, 'number'],
      ['Zones', (r) => r.zones.filter(Boolean).join(', ')],
    ], rings)
    show('keys', 'Keys', [
      ['Key', (k) => k.key],
      ['Codec', (k) => k.codec],
      ['Version', (k) => k.version, 'number'],
      ['Size', (k) => k.size, 'number'],
      ['', (k) => (k.deleted ? 'deleted' : '')],
    ], keys)
    status.textContent = 'as of ' + new Date().toLocaleTimeString()
    status.className = ''
  } catch (error) {
    status.textContent = 'no answer: ' + error.message
    status.className = 'stale'
  }
  AbortSignal.timeout(document.hidden ? 5000 : 1000).addEventListener('abort', refresh)
}
refresh()
`
