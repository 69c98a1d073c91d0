// Goal: one event is one line, whatever it says, and a program can read it back. Method: hostile texts and fields.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLogger, type LogFormat } from '../src/log.ts'

function setUp(format: LogFormat, options: { level?: 'debug' | 'info' | 'warn' | 'error'; colour?: boolean } = {}) {
  const lines: string[] = []
  const log = createLogger({
    format,
    level: options.level ?? 'debug',
    write: (line) => lines.push(line),
    timestamp: () => '2026-01-02T03:04:05.678Z',
    colour: options.colour ?? false,
  })
  return { lines, log }
}

describe('formats', () => {
  it('logfmt is key=value, quoted only where needed', () => {
    const { log, lines } = setUp('logfmt')
    log.warn('a seed could not be joined', { seed: 'a:1', reason: 'no "answer"', count: 3, empty: '', none: undefined })
    expect(lines).toEqual([
      'ts=2026-01-02T03:04:05.678Z level=warn msg="a seed could not be joined" seed=a:1 reason="no \\"answer\\"" count=3 empty=""\n',
    ])
  })

  it('json is one object a line', () => {
    const { log, lines } = setUp('json')
    log.info('ready', { name: 'a\nb', error: new Error('why'), bytes: Uint8Array.of(1), big: 1n })
    expect(JSON.parse(lines[0]!)).toEqual({
      name: 'a\nb',
      error: 'why',
      bytes: 'AQ==',
      big: '1',
      ts: '2026-01-02T03:04:05.678Z',
      level: 'info',
      msg: 'ready',
    })
  })

  it('pretty is time, level, message, fields; coloured when asked', () => {
    const plain = setUp('pretty')
    plain.log.error('failed', { name: 'a' })
    expect(plain.lines).toEqual(['03:04:05.678 ERROR failed  name=a\n'])
    const coloured = setUp('pretty', { colour: true })
    coloured.log.error('failed')
    expect(coloured.lines[0]).toContain('\x1b[31mERROR')
  })
})

describe('levels', () => {
  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)('%s lets %i of four through', (level, count) => {
    const { log, lines } = setUp('logfmt', { level })
    for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]('x')
    expect(lines).toHaveLength(count)
  })
})

describe('any text', () => {
  it.each(['logfmt', 'json', 'pretty'] as const)('stays on one line and drives no terminal in %s', (format) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, value) => {
        const { log, lines } = setUp(format)
        log.info(message, { value })
        expect(lines).toHaveLength(1)
        expect(lines[0]!.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(lines[0]!.endsWith('\n')).toBe(true)
      }),
    )
  })

  it('comes back from json as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const { log, lines } = setUp('json')
        log.info('m', { value })
        expect(JSON.parse(lines[0]!).value).toBe(value)
      }),
    )
  })

  it('never throws, whatever the field', () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    for (const format of ['logfmt', 'json', 'pretty'] as const) {
      const { log, lines } = setUp(format)
      log.info('m', { circular })
      expect(lines).toHaveLength(1)
    }
  })
})
