// Goal: command lines mean what they mean to a Go program, and every mistake is reported at once.
// Method: tables of forms; a small table of flags of every kind; durations against Go's documented notation.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../src/flags/duration.ts'
import { type Flag, resolveFlags } from '../src/flags/flag.ts'
import { helpText } from '../src/flags/help.ts'
import { bool, delegateProtocol, duration, integer, list, oneOf, port, text } from '../src/flags/kinds.ts'
import { parseArguments } from '../src/flags/parse.ts'
import { flags } from '../src/flags/table.ts'

const flag = <T>(kind: Flag<T, string>['kind'], initial: T): Flag<T, string> => ({
  kind,
  group: 'Group',
  default: initial,
  help: 'Help',
})
const table = {
  name: flag(text, 'nobody'),
  'a.on': flag(bool, false),
  'a.count': flag(integer(1, 10), 3),
  'a.port': flag(port, 80),
  'a.wait': flag(duration, 1000),
  'a.colour': flag<'red' | 'blue'>(oneOf('red', 'blue'), 'red'),
  'a.join': flag(list, []),
  'a.versions': flag(delegateProtocol, { min: 0, max: 0, current: 0 }),
}

const read = (...argv: string[]) => {
  const parsed = parseArguments(table, argv)
  const resolved = resolveFlags(table, parsed.assignments, 'any')
  return { ...resolved, problems: [...parsed.problems, ...resolved.problems] }
}

describe('a flag', () => {
  it.each([
    [['-name=x'], 'x'],
    [['--name=x'], 'x'],
    [['-name', 'x'], 'x'],
    [['--name', 'x'], 'x'],
    [['-name='], ''],
    [['-name', ''], ''],
    [['-name=a=b'], 'a=b'],
    // As in Go: what follows is the value, whatever it looks like.
    [['-name', '-x'], '-x'],
    [['-name=one', '-name=two'], 'two'],
  ])('given as %j is %j', (argv, value) => {
    const { values, problems, given } = read(...argv)
    expect([values.name, problems, given.has('name')]).toEqual([value, [], true])
  })

  it('that nobody gave has its default, and is known not to be given', () => {
    const { values, given } = read()
    expect([values.name, values['a.wait'], given.size]).toEqual(['nobody', 1000, 0])
  })
})

describe('a boolean', () => {
  it.each([
    [['-a.on'], true],
    [['--a.on'], true],
    [['-a.on=true'], true],
    [['-a.on=T'], true],
    [['-a.on=1'], true],
    [['-a.on=false'], false],
    [['-a.on=F'], false],
    [['-a.on=0'], false],
    [['-a.on', '-a.on=false'], false],
  ])('given as %j is %j', (argv, value) => {
    expect(read(...argv)).toMatchObject({ values: { 'a.on': value }, problems: [] })
  })

  it('does not take the next argument, as in Go', () => {
    expect(read('-a.on', 'false').problems).toEqual([
      { flag: 'false', message: 'unexpected argument: everything is a flag' },
    ])
  })
})

describe('a list', () => {
  it('is repeatable, and each may be separated by commas', () => {
    expect(read('-a.join=a:1', '-a.join', 'b:2, c:3,').values['a.join']).toEqual(['a:1', 'b:2', 'c:3'])
  })
})

describe('values', () => {
  it.each([
    ['a.count', '10', 10],
    ['a.count', '0xa', 10],
    ['a.port', '0', 0],
    ['a.port', '65535', 65535],
    ['a.wait', '1m30s', 90_000],
    ['a.colour', 'blue', 'blue'],
    ['a.versions', '2,5,5', { min: 2, max: 5, current: 5 }],
  ])('-%s=%s is understood', (name, given, value) => {
    expect(read(`-${name}=${given}`)).toMatchObject({ values: { [name]: value }, problems: [] })
  })

  it.each([
    ['a.count', '0'],
    ['a.count', '11'],
    ['a.count', '1.5'],
    ['a.count', ''],
    ['a.port', '65536'],
    ['a.port', '-1'],
    ['a.wait', '30'],
    ['a.wait', '-1s'],
    ['a.wait', '1 s'],
    ['a.wait', ''],
    ['a.colour', 'green'],
    ['a.on', 'yes'],
    ['a.versions', '5,2,3'],
    ['a.versions', '0,256,0'],
    ['a.versions', '1,2'],
  ])('-%s=%s is refused with the name of the flag, and the default stands', (name, given) => {
    const { problems, values } = read(`-${name}=${given}`)
    expect(problems).toHaveLength(1)
    expect(problems[0]!.flag).toBe(`-${name}`)
    expect(problems[0]!.message).toContain(JSON.stringify(given))
    expect(values).toEqual(read().values)
  })

  it('without a unit a duration is refused with the fix', () => {
    expect(read('-a.wait=30').problems[0]!.message).toContain('30s')
  })
})

describe('mistakes', () => {
  it('are all reported, in one go', () => {
    const { problems } = read('-nmae=x', '-a.count=99', 'stray', '-a.wait=soon', '--', '-name')
    expect(problems.map((problem) => problem.flag).sort()).toEqual(
      ['-nmae', '-a.count', 'stray', '-a.wait', '--', '-name'].sort(),
    )
  })

  it('of an unknown flag take its value with them', () => {
    expect(read('-unknown', 'value', '-name=x')).toMatchObject({
      values: { name: 'x' },
      problems: [{ flag: '-unknown' }],
    })
  })

  it.each([
    ['-nmae=x', '-name'],
    ['-count=3', '-a.count'],
    ['-a.cuont=3', '-a.count'],
    ['-a_on', '-a.on'],
  ])('%s is answered with the likely %s', (argument, meant) => {
    expect(read(argument).problems[0]!.message).toContain(`did you mean ${meant}?`)
  })

  it('are not invented: names of Object.prototype are unknown flags', () => {
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(read(`-${name}=x`).problems).toMatchObject([{ flag: `-${name}` }])
  })
})

describe('durations', () => {
  it.each([
    ['200ms', 200],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1h0m0.25s', 3_600_250],
    ['250us', 0.25],
    ['250µs', 0.25],
    ['-2s', -2000],
    ['0', 0],
    ['+1s', 1000],
  ])('%s is %s ms', (given, durationMs) => {
    expect(parseDuration(given)).toBeCloseTo(durationMs, 9)
  })

  it.each(['', '1', 's', '1d', '1s1', '--1s', '1 s', 'NaN', '.s', '1e3s', '9999999h'])('%j is none', (given) => {
    expect(parseDuration(given)).toBeUndefined()
  })

  it('are written in the notation they are read in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs))).toBeCloseTo(durationMs, 6)
      }),
    )
    expect([90_000, 200, 0, 3_600_000, 1500].map(formatDuration)).toEqual(['1m30s', '200ms', '0s', '1h0m0s', '1.5s'])
  })
})

describe('the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const prefixes = ['memberlist.zone-aware-routing.', 'memberlist.propagation-delay-tracker.', 'memberlist.', 'server.']

  it.each(Object.keys(flags))('names -%s', (name) => {
    const prefix = prefixes.find((candidate) => name.startsWith(candidate)) ?? ''
    const rows = readme.split('\n').filter((line) => line.includes(`\`-${prefix}`))
    const names = [`\`-${name}\``, `\`${name.slice(prefix.length)}\``]
    expect(rows.some((row) => names.some((each) => row.includes(each)))).toBe(true)
  })
})

describe('the help', () => {
  it('names every flag with kind and default, by group', () => {
    const help = helpText(
      {
        ...table,
        mode: { ...flag(text, ''), default: (context: string) => context, group: 'Other' },
      },
      ['x', 'y'],
      'Intro.',
    )
    expect(help).toMatch(/^Intro\.\n\nGroup\n {2}-name <text>\n {8}Help \(default nobody\)\.\n/)
    expect(help).toContain('  -a.on\n        Help (default false).\n')
    expect(help).toContain('  -a.wait <duration>\n        Help (default 1s).\n')
    expect(help).toContain('Other\n  -mode <text>\n        Help (default x under x; y under y).\n')
  })
})
