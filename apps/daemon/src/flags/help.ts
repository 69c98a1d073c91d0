/** The help, made from the table. */
import { defaultOf, type Flag, type FlagTable } from './flag.ts'

/** Column in which wrapped help texts begin, and where they end. */
const INDENT = 8
const WIDTH = 100

/** Every flag by group, with kind, meaning and default. Defaults that differ between contexts are listed by name. */
export function helpText<Context extends string>(
  table: FlagTable<Context>,
  contexts: readonly Context[],
  intro: string,
): string {
  const groups = new Map<string, string[]>()
  for (const [name, flag] of Object.entries(table)) {
    const lines = groups.get(flag.group) ?? []
    groups.set(flag.group, lines)
    lines.push(`  -${name}${flag.kind.isBoolean ? '' : ` <${flag.kind.placeholder}>`}`)
    lines.push(...wrap(`${flag.help}${defaultText(flag, contexts)}.`))
  }
  const sections = [...groups].map(([group, lines]) => `${group}\n${lines.join('\n')}`)
  return `${intro}\n\n${sections.join('\n\n')}\n`
}

/** The default as the help says it: nothing when it is empty. */
export function defaultText<T, Context extends string>(flag: Flag<T, Context>, contexts: readonly Context[]): string {
  if (flag.defaultText !== undefined) return ` (default ${flag.defaultText})`
  const shown = new Map<string, Context[]>()
  for (const context of contexts) {
    const text = flag.kind.show(defaultOf(flag, context))
    shown.set(text, [...(shown.get(text) ?? []), context])
  }
  if (shown.size === 1) {
    const [text] = shown.keys()
    return text === '' ? '' : ` (default ${text})`
  }
  const byContext = [...shown].map(([text, names]) => `${text === '' ? 'none' : text} under ${names.join(', ')}`)
  return ` (default ${byContext.join('; ')})`
}

function wrap(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && INDENT + line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.map((each) => ' '.repeat(INDENT) + each)
}
