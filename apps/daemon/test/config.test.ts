// Goal: each profile gives the numbers of the original, flags lie on top, and whatever is wrong is said at once.
// Method: expectations from kv spec 4.2 and 7.1 and from memberlist's presets.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Config, parseConfig, problemLines } from '../src/config.ts'
import { createLogger } from '../src/log.ts'
import { flagProblem, nodeOptions } from '../src/node-options.ts'

const scratch = mkdtempSync(join(tmpdir(), 'hearsayd-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const logger = createLogger({ format: 'logfmt', level: 'error', write: () => {} })
const config = (...argv: string[]): Config => {
  const request = parseConfig(argv)
  if (request.kind !== 'run') throw new Error(JSON.stringify(request))
  return request.config
}
const options = (...argv: string[]) => nodeOptions(config(...argv), logger)
const problems = (...argv: string[]) => {
  const request = parseConfig(argv)
  return request.kind === 'invalid' ? request.problems : []
}

describe('profiles', () => {
  it('mimir has dskit’s defaults', () => {
    const { values } = config('-profile=mimir')
    expect(values).toMatchObject({
      'memberlist.randomize-node-name': true,
      'memberlist.transport': 'tcp',
      'memberlist.bind-addr': ['0.0.0.0'],
      'memberlist.bind-port': 7946,
      'memberlist.stream-timeout': 2000,
      'memberlist.retransmit-factor': 4,
      'memberlist.gossip-interval': 200,
      'memberlist.gossip-nodes': 3,
      'memberlist.pullpush-interval': 30_000,
      'memberlist.gossip-to-dead-nodes-time': 30_000,
      'memberlist.dead-node-reclaim-time': 0,
      'memberlist.compression-enabled': true,
      'memberlist.compression-algorithm': 'lzw',
      'memberlist.left-ingesters-timeout': 300_000,
      'memberlist.obsolete-entries-timeout': 30_000,
      'memberlist.leave-timeout': 20_000,
      'kv.allow-foreign-codecs': false,
    })
  })

  it.each([
    ['lan', { interval: 200, nodes: 3, pullpush: 30_000, dead: 30_000, factor: 4, stream: 10_000 }],
    ['wan', { interval: 500, nodes: 4, pullpush: 60_000, dead: 60_000, factor: 4, stream: 30_000 }],
    ['local', { interval: 100, nodes: 3, pullpush: 15_000, dead: 15_000, factor: 2, stream: 1000 }],
  ])('%s has memberlist’s numbers, UDP and any codec', (profile, numbers) => {
    expect(config(`-profile=${profile}`).values).toMatchObject({
      'memberlist.gossip-interval': numbers.interval,
      'memberlist.gossip-nodes': numbers.nodes,
      'memberlist.pullpush-interval': numbers.pullpush,
      'memberlist.gossip-to-dead-nodes-time': numbers.dead,
      'memberlist.retransmit-factor': numbers.factor,
      'memberlist.stream-timeout': numbers.stream,
      'memberlist.transport': 'udp',
      'memberlist.randomize-node-name': false,
      'kv.allow-foreign-codecs': true,
    })
  })

  it('lan is the default', () => {
    expect(config().profile).toBe('lan')
  })

  it('lie beneath explicit flags, wherever those stand', () => {
    expect(config('-memberlist.gossip-interval=1s', '-profile=mimir').values['memberlist.gossip-interval']).toBe(1000)
  })

  it.each(['serf', 'alertmanager'])('%s is refused with a sentence', (profile) => {
    expect(problems(`-profile=${profile}`)).toEqual([
      { flag: '-profile', message: expect.stringContaining(`${profile} is not available in this version`) },
    ])
  })
})

describe('what the node is told', () => {
  it('is the host name, with a random suffix only under mimir', () => {
    expect(options().name).toBe(hostname())
    expect(options('-memberlist.nodename=x').name).toBe('x')
    expect(options('-profile=mimir', '-memberlist.nodename=x').name).toMatch(/^x-[0-9a-f]{8}$/)
    expect(options('-profile=mimir', '-memberlist.randomize-node-name=false').name).toBe(hostname())
  })

  it('has an advertised port only when one was given', () => {
    expect(options('-memberlist.bind-port=0')).not.toHaveProperty('advertisePort')
    expect(options('-memberlist.advertise-port=7946').advertisePort).toBe(7946)
  })

  it('follows every flag', () => {
    expect(
      options(
        '-memberlist.join=a:1,b:2',
        '-memberlist.bind-addr=127.0.0.1',
        '-memberlist.bind-port=1',
        '-memberlist.advertise-addr=10.0.0.1',
        '-memberlist.cluster-label=prod',
        '-memberlist.cluster-label-verification-disabled',
        '-memberlist.gossip-interval=300ms',
        '-memberlist.gossip-nodes=5',
        '-memberlist.pullpush-interval=10s',
        '-memberlist.stream-timeout=4s',
        '-memberlist.retransmit-factor=2',
        '-memberlist.gossip-to-dead-nodes-time=40s',
        '-memberlist.dead-node-reclaim-time=50s',
        '-memberlist.compression-algorithm=snappy',
        '-memberlist.left-ingesters-timeout=1m',
        '-memberlist.obsolete-entries-timeout=2m',
        '-memberlist.rejoin-interval=90s',
        '-memberlist.rejoin-seed-nodes=c:3',
        '-memberlist.abort-if-fast-join-fails',
        '-memberlist.abort-if-fast-join-fails-min-nodes=2',
        '-memberlist.min-join-backoff=2s',
        '-memberlist.max-join-backoff=30s',
        '-memberlist.max-join-retries=4',
        '-memberlist.transport=tcp',
        '-memberlist.delegate-protocol=2,5,4',
        '-kv.allow-foreign-codecs=false',
      ),
    ).toMatchObject({
      join: ['a:1', 'b:2'],
      bindAddress: ['127.0.0.1'],
      bindPort: 1,
      advertiseAddress: '10.0.0.1',
      label: 'prod',
      labelMode: 'ignore',
      tuning: {
        gossip: { intervalMs: 300, nodes: 5, retransmitMultiplier: 2, toTheDeadMs: 40_000 },
        pushPull: { intervalMs: 10_000 },
        streamTimeoutMs: 4000,
        deadNodeReclaimMs: 50_000,
      },
      compression: 'snappy',
      leftIngestersTimeoutMs: 60_000,
      obsoleteEntriesTimeoutMs: 120_000,
      rejoinEveryMs: 90_000,
      rejoinSeeds: ['c:3'],
      requireJoin: true,
      joinMinNodes: 2,
      joinRetry: { minBackoffMs: 2000, maxBackoffMs: 30_000, maxRetries: 4 },
      transport: 'tcp',
      delegateProtocol: { min: 2, max: 5, current: 4 },
      allowForeignCodecs: false,
    })
  })

  it('is not compressed when compression is off, whatever the algorithm', () => {
    expect(options('-memberlist.compression-enabled=false').compression).toBe('none')
    // Empty means lzw, as in dskit.
    expect(options('-memberlist.compression-algorithm=').compression).toBe('lzw')
  })

  it('is refused by the node in the words of the flags', () => {
    expect(flagProblem({ path: 'tuning.gossip.intervalMs', message: 'm' }).flag).toBe('-memberlist.gossip-interval')
    expect(flagProblem({ path: 'label', message: 'm' }).flag).toBe('-memberlist.cluster-label')
    expect(flagProblem({ path: 'join[0]', message: 'm' }).flag).toBe('-memberlist.join')
  })
})

describe('problems', () => {
  it('are all reported, one line each, with the flag’s name', () => {
    const found = problems(
      '-profile=serf',
      '-memberlist.bind-addr=localhost',
      '-memberlist.bind-port=70000',
      '-memberlist.advertise-addr=me',
      `-memberlist.cluster-label=${'é'.repeat(128)}`,
      '-memberlist.nodename=a/b',
      '-memberlist.gossip-interval=fast',
      '-memberlist.compression-algorithm=zstd',
      '-server.http-listen-address=example.com',
      '-server.allowed-hosts=http://x',
      '-server.api-token-file=/nowhere/at/all',
      '-log.level=loud',
      '-memberlist.bindport=1',
    )
    expect(found.map((problem) => problem.flag).sort()).toEqual(
      [
        '-profile',
        '-memberlist.bind-addr',
        '-memberlist.bind-port',
        '-memberlist.advertise-addr',
        '-memberlist.cluster-label',
        '-memberlist.nodename',
        '-memberlist.gossip-interval',
        '-memberlist.compression-algorithm',
        '-server.http-listen-address',
        '-server.allowed-hosts',
        '-server.api-token-file',
        '-log.level',
        '-memberlist.bindport',
      ].sort(),
    )
    const lines = problemLines(found).split('\n')
    expect(lines).toHaveLength(found.length + 1)
    expect(lines[0]).toMatch(/^-\S+: \S/)
  })

  it('several addresses to bind are none', () => {
    expect(options('-memberlist.bind-addr=127.0.0.1,::1', '-memberlist.bind-addr=::2').bindAddress).toEqual([
      '127.0.0.1',
      '::1',
      '::2',
    ])
    expect(problems('-memberlist.bind-addr=127.0.0.1,x')).toMatchObject([{ flag: '-memberlist.bind-addr' }])
  })
})

describe('the token', () => {
  const file = (content: string) => {
    const path = join(scratch, `token-${content.length}`)
    writeFileSync(path, content)
    return path
  }

  it('is the content of its file without the line end', () => {
    expect(config(`-server.api-token-file=${file('s3cret\n')}`).apiToken).toBe('s3cret')
    expect(config().apiToken).toBeUndefined()
  })

  it.each(['', '\n', 'two words', 'x'.repeat(5000)])('is refused when the file holds %j', (content) => {
    const [problem] = problems(`-server.api-token-file=${file(content)}`)
    expect(problem?.flag).toBe('-server.api-token-file')
    if (content.trim() !== '') expect(problem?.message).not.toContain(content)
  })
})

describe('-help and -version', () => {
  it.each(['-help', '--help', '-h'])('%s wins over mistakes', (argument) => {
    const request = parseConfig(['-nonsense', argument])
    expect(request.kind).toBe('help')
  })

  it('-version wins over mistakes', () => {
    expect(parseConfig(['-version', '-nonsense']).kind).toBe('version')
    expect(parseConfig(['-version=false']).kind).toBe('run')
  })

  it('the help has a line for each flag', () => {
    const request = parseConfig(['-help'])
    if (request.kind !== 'help') throw new Error(request.kind)
    for (const name of ['memberlist.join', 'server.http-listen-port', 'log.format', 'kv.allow-foreign-codecs'])
      expect(request.text).toContain(`\n  -${name}`)
  })
})
