// Goal: options that cannot work are refused, all at once, each by its path and with what is allowed. Method: one table
// of bad values for every option; each alone, then all together in one call.

import { describe, expect, it } from 'vitest'
import { Memberlist } from '../src/memberlist.ts'
import { checkOptions, MemberlistConfigError, type MemberlistOptions } from '../src/options.ts'
import { faithful, improved } from '../src/policy.ts'
import { lan, local, mimir, type Tuning, wan } from '../src/tuning.ts'
import { World } from './virtual-world.ts'

const NOT_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '5', null, undefined, {}, true]
const NOT_COUNTS = [...NOT_NUMBERS, 1.5]
const NOT_OBJECTS = [null, 7, 'text', [], true]

/** Path, and values that it must not have. */
const badTuning: readonly [path: string, values: readonly unknown[]][] = [
  ['probe.intervalMs', [...NOT_NUMBERS, -1]],
  ['probe.timeoutMs', [...NOT_NUMBERS, -1, 0, 0.5, 1000, 1001]],
  ['probe.indirectChecks', [...NOT_COUNTS, -1]],
  ['probe.streamFallback', ['yes', 1, undefined]],
  ['probe.awarenessMaxMultiplier', [...NOT_COUNTS, 0, -8]],
  ['suspicion.multiplier', [...NOT_COUNTS, 0]],
  ['suspicion.maxTimeoutMultiplier', [...NOT_NUMBERS, 0, 0.9]],
  ['gossip.intervalMs', [...NOT_NUMBERS, -200]],
  ['gossip.nodes', [...NOT_COUNTS, -1]],
  ['gossip.toTheDeadMs', [...NOT_NUMBERS, -1]],
  ['gossip.retransmitMultiplier', [...NOT_COUNTS, 0]],
  ['gossip.userShare', [...NOT_NUMBERS, -0.1, 1.1]],
  ['pushPull.intervalMs', [...NOT_NUMBERS, -1]],
  ['pushPull.nodes', [...NOT_COUNTS, 0]],
  ['rejoin.intervalMs', [...NOT_NUMBERS, -1]],
  ['rejoin.forgetAfterMs', [...NOT_NUMBERS, -1, 29_999]],
  ['streamTimeoutMs', [...NOT_NUMBERS, 0, -1]],
  ['deadNodeReclaimMs', [...NOT_NUMBERS, -1]],
  ...(['probe', 'suspicion', 'gossip', 'pushPull', 'rejoin'] as const).map(
    (group) => [group, [...NOT_OBJECTS, undefined]] as [string, unknown[]],
  ),
]

const transport = { listen() {}, packetBudgetBytes: 1400 }
const badOptions: readonly [option: string, values: readonly unknown[], path?: string][] = [
  ['name', ['', 'a/b', 'n'.repeat(256), 'ü'.repeat(128), undefined, null, 7, {}]],
  ['label', ['l'.repeat(256), 'ü'.repeat(128), 7, null, {}]],
  ['meta', [new Uint8Array(513), 'zone', null, [1]]],
  ['transport', [undefined, null, {}, { listen: 1 }, 7]],
  ...[511, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined].map(
    (packetBudgetBytes) =>
      ['transport', [{ ...transport, packetBudgetBytes }], 'transport.packetBudgetBytes'] as [
        string,
        unknown[],
        string,
      ],
  ),
  ['labelMode', ['loose', 1, null]],
  ['compression', ['zip', null, true]],
  ['streamCompression', ['never', null]],
  ['protocolVersion', [0, 6, 2.5, '2', Number.NaN, null]],
  ['maxDecompressedBytes', [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null]],
  ['initialIncarnation', [0, -1, 1.5, 2 ** 32 - 2, 2 ** 32, Number.NaN, '1', null]],
  ['incarnationStore', [null, 7, []]],
  ['incarnationStore', [{ save() {} }], 'incarnationStore.load'],
  ['incarnationStore', [{ load() {}, save: 1 }], 'incarnationStore.save'],
  ['allowedCidrs', ['10.0.0.0/8', null, {}]],
  ['allowedCidrs', [['10.0.0.0/33'], ['anywhere'], [''], [7], [null]], 'allowedCidrs[0]'],
  ['delegateProtocol', [...NOT_OBJECTS, { min: 3, max: 5, current: 2 }, { min: 3, max: 2, current: 2 }]],
  ...(['min', 'max', 'current'] as const).map(
    (each) =>
      [
        'delegateProtocol',
        [-1, 256, 1.5, '1', undefined].map((value) => ({ min: 0, max: 255, current: 9, [each]: value })),
        `delegateProtocol.${each}`,
      ] as [string, unknown[], string],
  ),
  ['encryption', NOT_OBJECTS],
  ['encryption', [{}, { keyring: null }, { keyring: [] }], 'encryption.keyring'],
  ['policy', NOT_OBJECTS],
  ['policy', [{ echo: true }], 'policy.echo'],
  ['policy', [{ echoAccusations: 1 }, { echoAccusations: undefined }], 'policy.echoAccusations'],
  ['logger', [null, 'console', []]],
  ['logger', [{ ...console, warn: undefined }], 'logger.warn'],
  ['tuning', NOT_OBJECTS],
]

const sound: MemberlistOptions = { name: 'a', transport: transport as never }

function problemsOf(options: unknown): MemberlistConfigError['problems'] {
  try {
    new Memberlist(options as MemberlistOptions)
    return []
  } catch (error) {
    // Anything else is a crash of ours on bad input.
    expect(error).toBeInstanceOf(MemberlistConfigError)
    const { code, problems, message } = error as MemberlistConfigError
    expect(code).toBe('CONFIG_INVALID')
    for (const problem of problems) expect(message).toContain(`${problem.path}: ${problem.message}`)
    return problems
  }
}

/** A tuning with one value changed, by its path. */
function withValue(path: string, value: unknown): unknown {
  const [group, name] = path.split('.') as [keyof Tuning, string | undefined]
  return { ...lan, [group]: name === undefined ? value : { ...(lan[group] as object), [name]: value } }
}

describe('an option', () => {
  it.each([
    ...badTuning.map(([path, values]) => [
      `tuning.${path}`,
      values.map((value) => ({ tuning: withValue(path, value) })),
    ]),
    ...badOptions.map(([option, values, path]) => [path ?? option, values.map((value) => ({ [option]: value }))]),
  ] as [string, object[]][])('%s is refused by its path, and nothing else is', (path, bad) => {
    for (const options of bad) {
      const problems = problemsOf({ ...sound, ...options })
      expect({ options, paths: problems.map((problem) => problem.path) }).toEqual({ options, paths: [path] })
    }
  })

  it('that is missing altogether, or no object, is no crash', () => {
    for (const options of [undefined, null, 7, [], 'name'])
      expect(problemsOf(options).map(({ path }) => path)).toEqual(['options'])
    expect(problemsOf({}).map(({ path }) => path)).toEqual(['name', 'transport'])
  })
})

describe('problems', () => {
  it('are told all at once: one bad value for every option there is, and each is named', () => {
    const tuning: Record<string, Record<string, unknown>> = {}
    for (const [path, values] of badTuning) {
      const [group, name] = path.split('.') as [string, string | undefined]
      if (name === undefined) continue
      tuning[group] = { ...tuning[group], [name]: values[0] }
    }
    const everything = {
      name: 'x/y',
      label: 'l'.repeat(256),
      meta: new Uint8Array(513),
      transport: {},
      labelMode: 'loose',
      compression: 'zip',
      streamCompression: 'never',
      protocolVersion: 6,
      maxDecompressedBytes: 0,
      initialIncarnation: 0,
      incarnationStore: { load: 1, save: 2 },
      allowedCidrs: ['10.0.0.0/8', 'anywhere', '::/129'],
      delegateProtocol: { min: 3, max: 5, current: 2 },
      encryption: {},
      policy: { echo: true, earlyNacks: 'no' },
      logger: {},
      tuning: { ...tuning, streamTimeoutMs: 0, deadNodeReclaimMs: -1 },
    }
    const expected = [
      ...['name', 'label', 'meta', 'transport', 'labelMode', 'compression', 'streamCompression', 'protocolVersion'],
      ...['maxDecompressedBytes', 'initialIncarnation', 'incarnationStore.load', 'incarnationStore.save'],
      ...['allowedCidrs[1]', 'allowedCidrs[2]', 'delegateProtocol', 'encryption.keyring'],
      ...['policy.echo', 'policy.earlyNacks', 'logger.debug', 'logger.info', 'logger.warn', 'logger.error'],
      ...badTuning.flatMap(([path]) => (path.includes('.') || path.endsWith('Ms') ? [`tuning.${path}`] : [])),
    ]
    expect(
      problemsOf(everything)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(expected.sort())
  })

  it('say what is allowed, and of bytes only how many', () => {
    const said = Object.fromEntries(
      problemsOf({
        ...sound,
        name: 'n'.repeat(300),
        meta: new Uint8Array(600).fill(65),
        tuning: { ...lan, probe: { ...lan.probe, intervalMs: 400, timeoutMs: 500 } },
      }).map(({ path, message }) => [path, message]),
    )
    expect(said).toEqual({
      name: 'must have 1 to 255 bytes, not 300',
      meta: 'must have at most 512 bytes, not 600',
      'tuning.probe.timeoutMs': 'must be below probe.intervalMs (400), not 500',
    })
  })
})

describe('options that are allowed', () => {
  it('are every preset, under both policies, and the ends of every range', () => {
    for (const tuning of [lan, wan, local, mimir])
      for (const policy of [improved, faithful, {}]) expect(problemsOf({ ...sound, tuning, policy })).toEqual([])
    const off: Tuning = {
      probe: { intervalMs: 0, timeoutMs: 1, indirectChecks: 0, streamFallback: false, awarenessMaxMultiplier: 1 },
      suspicion: { multiplier: 1, maxTimeoutMultiplier: 1 },
      gossip: { intervalMs: 0, nodes: 0, toTheDeadMs: 0, retransmitMultiplier: 1, userShare: 0 },
      pushPull: { intervalMs: 0, nodes: 1 },
      rejoin: { intervalMs: 0, forgetAfterMs: 0 },
      streamTimeoutMs: 1,
      deadNodeReclaimMs: 0,
    }
    const options = { ...sound, label: '', meta: new Uint8Array(512), initialIncarnation: 2 ** 32 - 3, tuning: off }
    expect(problemsOf(options)).toEqual([])
    expect(problemsOf({ ...sound, delegateProtocol: { min: 0, max: 255, current: 255 } })).toEqual([])
    expect(problemsOf({ ...sound, name: 'ü'.repeat(127), label: 'l'.repeat(255) })).toEqual([])
  })

  it('but hardly do what they are for are warned of, once, at the start (DIV-24)', async () => {
    const tight = { ...lan, probe: { ...lan.probe, intervalMs: 1000, timeoutMs: 455 } }
    const fine = { ...lan, probe: { ...lan.probe, intervalMs: 1000, timeoutMs: 454 } }
    expect(checkOptions({ ...sound, tuning: tight, policy: faithful }).warnings).toHaveLength(1)
    expect(checkOptions({ ...sound, tuning: fine, policy: faithful }).warnings).toEqual([])
    // Our own nacks are in time, and so is our counting of others' (DIV-19).
    expect(checkOptions({ ...sound, tuning: tight }).warnings).toEqual([])
    const world = new World()
    const warned: string[] = []
    const ignore = (): void => {}
    const logger = { debug: ignore, info: ignore, error: ignore, warn: (message: string) => void warned.push(message) }
    const member = world.member('a', world.network(), { tuning: tight, policy: faithful, logger })
    expect(warned).toEqual([])
    await world.finish(member.start())
    expect(warned).toEqual([expect.stringContaining('tuning.probe.timeoutMs (455)')])
    await world.finish(member.close())
  })
})
