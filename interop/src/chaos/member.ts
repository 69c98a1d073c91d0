/** One member of a chaotic cluster: a process, Go's or ours, in the namespace of one port of a network. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { goBinary } from '../go-build.ts'
import { GoPeer, type MemberState } from '../go-peer.ts'
import { waitFor } from '../wait-for.ts'
import { memberPort, type Network } from './network.ts'
import { type Line, meaning, type Report } from './report.ts'

/** Which implementation a member runs. */
export type Side = 'go' | 'ours'

/** How a member is started. */
export interface MemberOptions {
  readonly name: string
  readonly side: Side
  readonly network: Network
  /** Its port of the network. */
  readonly port: number
  /** The program of ours. */
  readonly ourProgram: string
  /** No ping over a stream when packets get no answer. Default false. */
  readonly disableTcpPings?: boolean
  /** Is told everything the member says, as it comes. */
  readonly report: (report: Report) => void
}

/** A running process. It speaks the lines of the Go peer, whichever it is. */
export class ChaosMember extends GoPeer {
  readonly name: string
  readonly side: Side
  readonly port: number
  readonly #process: ReturnType<typeof spawn>

  private constructor(process: ReturnType<typeof spawn>, { name, side, port, report }: MemberOptions) {
    super(process)
    this.#process = process
    this.name = name
    this.side = side
    this.port = port
    // The same lines once more, for the moment at which each came.
    createInterface({ input: process.stdout! }).on('line', (text) => {
      const atMs = performance.now()
      const line = JSON.parse(text) as Line
      if (line.event !== undefined) for (const meant of meaning[side](line, name)) report({ atMs, by: name, ...meant })
    })
  }

  /** Starts it at the address its port has now, and waits until it listens. It has joined nobody. */
  static async start(options: MemberOptions): Promise<ChaosMember> {
    const { name, side, network, port, ourProgram, disableTcpPings = false } = options
    const settings = {
      name,
      bind: network.host(port),
      'bind-port': memberPort,
      'disable-tcp-pings': disableTcpPings,
    }
    const args = Object.entries(settings).map(([flag, value]) => `--${flag}=${value}`)
    const { program, args: all } =
      side === 'go'
        ? network.commandIn(port, goBinary('memberlist-peer'), args)
        : network.commandIn(port, process.execPath, ['--enable-source-maps', ourProgram, ...args])
    const member = new ChaosMember(spawn(program, all, { stdio: ['pipe', 'pipe', 'inherit'] }), options)
    await member.ready()
    return member
  }

  /** Its whole table. A member that is stopped does not answer. */
  states(): Promise<MemberState[]> {
    return this.ask('states')
  }

  join(...addresses: readonly string[]): Promise<number> {
    return this.ask('join', { addrs: addresses })
  }

  /** Lets it send every other member so many packets a second; 0 ends that. */
  chatter(perSecond: number): Promise<void> {
    return this.ask('chatter', { perSecond })
  }

  /** SIGSTOP: the process does nothing, its sockets fill. Resolves when it stands still. */
  async stop(): Promise<void> {
    this.#process.kill('SIGSTOP')
    await waitFor(`${this.name} stands still`, () =>
      / T /.test(readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8')),
    )
  }

  /** SIGCONT. */
  continue(): void {
    this.#process.kill('SIGCONT')
  }
}
