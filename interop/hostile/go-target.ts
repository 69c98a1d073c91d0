/** A process of memberlist v0.7.0. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { goBinary } from '../src/go-build.ts'
import { type Group, NAME } from './group.ts'
import { digestText, payloadText, type Target, type Told } from './target.ts'

interface Line {
  readonly id?: number
  readonly error?: string
  readonly result?: unknown
  readonly event?: string
  readonly name?: string
  readonly address?: string
  readonly payload?: string | null
  /** Instead of the payload of a long message. */
  readonly sizeBytes?: number
  readonly sha256?: string
  readonly join?: boolean
}

const HANG_MS = 10_000

/** Starts one; resolves when it listens. */
export async function startGo(group: Group): Promise<Target> {
  const process = spawn(goBinary('memberlist-peer'), flags(group), { stdio: ['pipe', 'pipe', 'pipe'] })
  const target = new GoTarget(process)
  await target.ready
  return target
}

const hexKeys = (keys: readonly Uint8Array[]): string => keys.map((key) => Buffer.from(key).toString('hex')).join(',')

function flags(group: Group): string[] {
  return [
    '-preset=local',
    `-name=${NAME}`,
    `-label=${group.label}`,
    `-skip-inbound-label-check=${group.skipLabelCheck}`,
    `-secret-keys=${hexKeys(group.keys)}`,
    `-verify-incoming=${group.verifyIncoming}`,
    `-cidrs=${group.cidrs.join(',')}`,
    // Nothing is sent but in answer to us: broadcasts ride on acks.
    '-gossip-interval=0ms',
    '-push-pull-interval=0ms',
    `-probe-interval=${group.probeIntervalMs}ms`,
    `-probe-timeout=${group.probeTimeoutMs}ms`,
    `-tcp-timeout=${group.streamTimeoutMs}ms`,
  ]
}

class GoTarget implements Target {
  readonly side = 'go'
  readonly host = '127.0.0.1'
  port = 0
  readonly ready: Promise<void>
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (line: Line) => void>()
  #listener: (told: Told) => void = () => {}
  #nextId = 1

  constructor(process: ChildProcess) {
    this.#process = process
    this.ready = new Promise((resolve, reject) => {
      // Whatever it says before it ends, above all a panic, is worth reading; the rest is its log.
      let complaint = ''
      process.stderr!.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(0, 4000)))
      process.once('exit', () => reject(new Error(`Go ended: ${complaint}`)))
      createInterface({ input: process.stdout! }).on('line', (text) => {
        const line = JSON.parse(text) as Line
        if (line.event === 'ready') {
          this.port = Number(line.address!.split(':').at(-1))
          resolve()
        } else this.#hear(line)
      })
    })
  }

  get isGone(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  onTold(listener: (told: Told) => void): void {
    this.#listener = listener
  }

  async join(address: string): Promise<boolean> {
    const reply = await this.#ask({ command: 'join', addrs: [address] })
    return reply.error === undefined
  }

  async close(): Promise<void> {
    if (this.isGone) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }

  #ask(request: Readonly<Record<string, unknown>>): Promise<Line> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Go did not answer ${JSON.stringify(request)}`)), HANG_MS)
      this.#waiting.set(id, (line) => {
        clearTimeout(timer)
        resolve(line)
      })
      this.#process.stdin!.write(`${JSON.stringify({ id, ...request })}\n`)
    })
  }

  #hear(line: Line): void {
    const payload = payloadOf(line)
    switch (line.event) {
      case undefined:
        this.#waiting.get(line.id!)?.(line)
        this.#waiting.delete(line.id!)
        return
      case 'message':
        return this.#listener({ kind: 'message', payload })
      case 'remoteState':
        return this.#listener({ kind: 'remote-state', payload, join: line.join === true })
      case 'join':
      case 'leave':
      case 'update':
      case 'conflict':
        return this.#listener({ kind: line.event, name: line.name ?? '' })
    }
  }
}

const payloadOf = ({ payload, sizeBytes, sha256 }: Line): string =>
  payload === undefined && sizeBytes !== undefined && sha256 !== undefined
    ? digestText(sizeBytes, sha256)
    : payloadText(Buffer.from(payload ?? '', 'base64'))
