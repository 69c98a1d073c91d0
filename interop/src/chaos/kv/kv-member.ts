/** One member with a store: a process, dskit's or ours, in the namespace of one port of a network. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { goBinary } from '../../go-build.ts'
import { GoPeer } from '../../go-peer.ts'
import { memberPort, type Network } from '../network.ts'
import type { Operation } from './operation.ts'
import { type View, viewOf } from './view.ts'

/** Numbers that both sides are started with, in seconds. */
export interface StoreTiming {
  readonly pushPull: number
  readonly rejoin: number
  readonly leftIngesters: number
  readonly obsoleteEntries: number
}

/** How a member is started. */
export interface KvMemberOptions {
  readonly name: string
  readonly isOurs: boolean
  readonly network: Network
  readonly port: number
  readonly seeds: readonly string[]
  readonly ourProgram: string
  /** Where members of ours keep what outlives them, each in a directory of its name. */
  readonly dataDir: string
  readonly timing: StoreTiming
}

/** What is written. */
export interface EntryValue {
  readonly addr: string
  readonly tokens: readonly number[]
}

/** How long to wait for proof, and by how many. */
export interface ProofWanted {
  readonly fraction: number
  readonly waitMs: number
}

/** A running process. */
export class KvMember extends GoPeer {
  readonly name: string
  readonly isOurs: boolean

  private constructor(process: ReturnType<typeof spawn>, { name, isOurs }: KvMemberOptions) {
    super(process)
    this.name = name
    this.isOurs = isOurs
  }

  /** Starts it and waits until it listens and has tried its seeds. */
  static async start(options: KvMemberOptions): Promise<KvMember> {
    const { network, port, isOurs, ourProgram } = options
    const { program, args } = isOurs
      ? network.commandIn(port, process.execPath, ['--enable-source-maps', ourProgram, ...ourFlags(options)])
      : network.commandIn(port, goBinary('dskit-peer'), goFlags(options))
    const member = new KvMember(spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] }), options)
    await member.ready()
    return member
  }

  /**
   * Does an operation; Unix seconds of what it wrote, or null when there was nothing to do. A member of ours waits for
   * proof from then on. Rejects when the process ends, and with what the store refused.
   */
  async perform(operation: Operation, value: EntryValue, wanted: ProofWanted): Promise<number | null> {
    const { id, kind, key, name } = operation
    const command = { write: 'register', remove: 'unregister', delete: 'delete' }[kind]
    return this.ask(command, { key, instance: name, state: 'ACTIVE', zone: '', ...value, operation: id, ...wanted })
  }

  /** What became of the wait for proof. Only of ours. */
  proof(
    operation: Operation,
    waitMs: number,
  ): Promise<{ readonly confirmed: boolean; readonly proven: readonly string[] }> {
    return this.ask('proof', { operation: operation.id }, waitMs + 10_000)
  }

  /** All that it holds. */
  async view(): Promise<View> {
    const state = (await this.ask<string | null>('state')) ?? ''
    return viewOf(new Uint8Array(Buffer.from(state, 'base64')))
  }

  /** Leaves and ends, as a service that is restarted. */
  async leave(): Promise<void> {
    await this.ask('stop', {}, 60_000)
    await this.kill()
  }
}

function ourFlags({ name, network, port, seeds, dataDir, timing }: KvMemberOptions): string[] {
  return [
    `--name=${name}`,
    `--bind=${network.host(port)}`,
    `--bind-port=${memberPort}`,
    `--data-dir=${join(dataDir, name)}`,
    `--push-pull-ms=${timing.pushPull * 1000}`,
    `--rejoin-ms=${timing.rejoin * 1000}`,
    `--left-ingesters-ms=${timing.leftIngesters * 1000}`,
    `--obsolete-entries-ms=${timing.obsoleteEntries * 1000}`,
    ...seeds.map((seed) => `--join=${seed}`),
  ]
}

function goFlags({ name, network, port, seeds, timing }: KvMemberOptions): string[] {
  return [
    `-memberlist.nodename=${name}`,
    '-memberlist.randomize-node-name=false',
    `-memberlist.bind-addr=${network.host(port)}`,
    `-memberlist.bind-port=${memberPort}`,
    `-memberlist.pullpush-interval=${timing.pushPull}s`,
    `-memberlist.rejoin-interval=${timing.rejoin}s`,
    `-memberlist.left-ingesters-timeout=${timing.leftIngesters}s`,
    `-memberlist.obsolete-entries-timeout=${timing.obsoleteEntries}s`,
    // A member that starts while nobody can be reached tries again soon.
    '-memberlist.max-join-backoff=2s',
    ...seeds.map((seed) => `-memberlist.join=${seed}`),
  ]
}
