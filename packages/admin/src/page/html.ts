/** HTML that was made here and nowhere else: everything put into it is escaped. */

/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Insertion = string | number | Html | readonly Html[]

/** A template whose insertions are escaped, unless they are {@link Html} themselves. */
export const html = (strings: TemplateStringsArray, ...insertions: readonly Insertion[]): Html =>
  new Html(strings.reduce((text, string, index) => text + show(insertions[index - 1] ?? '') + string))

const show = (insertion: Insertion): string => {
  if (insertion instanceof Html) return insertion.text
  if (typeof insertion === 'object') return insertion.map((each) => each.text).join('')
  return escapeHtml(String(insertion))
}

/** Safe between tags and inside quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** A whole page. */
export function page(title: string, body: Html, script?: string): Response {
  const head = script === undefined ? new Html('') : html`<script src="${script}" defer></script>`
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/assets/page.css">
<link rel="icon" href="data:,">
${head}
</head>
<body>
${body}
</body>
</html>
`.text
  return new Response(text, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    },
  })
}

/** A table with headings; `numeric` columns line up on the right. */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly (string | number | Html)[])[],
  numeric: readonly number[] = [],
): Html {
  const cell = (value: string | number | Html, index: number) =>
    numeric.includes(index) ? html`<td class="number">${value}</td>` : html`<td>${value}</td>`
  const head = (heading: string, index: number) =>
    numeric.includes(index)
      ? html`<th scope="col" class="number">${heading}</th>`
      : html`<th scope="col">${heading}</th>`
  return html`<table>
<caption>${caption}</caption>
<thead><tr>${headings.map(head)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table>
`
}
