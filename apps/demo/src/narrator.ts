/** How the story is told: lines for people, or one JSON object a line. */
import { styleText } from 'node:util'

/** Something that happened, with the figures worth remembering. */
export interface Happening {
  readonly chapter: string
  readonly what: string
  readonly [figure: string]: unknown
}

/** Tells happenings as they come. */
export interface Narrator {
  chapter(title: string, explanation: string): void
  tell(happening: Happening): void
}

/** One JSON object a line, for programs. */
export function jsonNarrator(write: (line: string) => void): Narrator {
  return {
    chapter: (title, explanation) => write(JSON.stringify({ chapter: title, what: 'begins', explanation })),
    tell: (happening) => write(JSON.stringify(happening)),
  }
}

/** Sentences, for people; coloured where the terminal has colours. */
export function plainNarrator(write: (line: string) => void, colours: boolean): Narrator {
  const paint = (style: Parameters<typeof styleText>[0], text: string) => (colours ? styleText(style, text) : text)
  return {
    chapter(title, explanation) {
      write('')
      write(paint('bold', title))
      write(paint('dim', `  ${explanation}`))
    },
    tell({ chapter: _chapter, what, ...figures }) {
      const rest = Object.entries(figures).map(([name, value]) => `${paint('dim', name)} ${paint('cyan', show(value))}`)
      write(`  ${what}${rest.length > 0 ? `  ${rest.join('  ')}` : ''}`)
    },
  }
}

function show(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(1)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
