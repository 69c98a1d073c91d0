/**
 * What members do at random: each writes entries of its own in rings that all share, anybody removes anybody's, and keys
 * come and are deleted. Ours also share a value of our own type. A ring's entry is dated in seconds, and Go keeps the one it
 * has of two with the same date: so only its owner writes an entry, and not twice within two seconds.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '../../../hostile/chance.ts'
import type { Judge } from './judge.ts'
import { holds, isOurs, type KvCluster, kvNames } from './kv-cluster.ts'
import type { KvMember, ProofWanted } from './kv-member.ts'
import type { Operation, OperationKind } from './operation.ts'
import { isOwnKey } from './own-key.ts'

/** How much is done. */
export interface WorkloadOptions {
  /** Operations a second by each member. */
  readonly perSecond: { readonly ours: number; readonly go: number }
  /** Keys that come and are deleted, a second, by the whole cluster. */
  readonly keysPerSecond: number
  readonly proof: ProofWanted
  /** The same for values of our own types, which Go's members do not hold. */
  readonly ownProof: ProofWanted
}

/** An entry that one member writes again and again. */
interface Place {
  readonly key: string
  readonly owner: string
  name: string
  isWritten: boolean
  /** Nobody writes it before. */
  freeAtMs: number
}

const rings = ['ring/1', 'ring/2', 'ring/3', 'ring/4']
const ownKey = 'own/map'
const placesPerRing = 10
const placesPerOwnKey = 4
/** Names of our own value that all of ours write, at the same time if it so happens. */
const commonPlaces = 2
const common = 'common '
const isCommon = (name: string): boolean => name.startsWith(common)
const removalShare = 0.12
/** Of removed entries so many never come again: whoever shows one has brought it back. */
const retireShare = 0.5
const spacingMs = 2000
const tokenCount = 4

/** The work of all members. */
export class Workload {
  /** Milliseconds from an answer to its proof, by fault. */
  readonly latencies: { readonly fault: string; readonly ms: number }[] = []
  /** What was refused or never answered, with how often. */
  readonly refusals = new Map<string, number>()
  /** What is going on: operations that begin now are counted there. */
  fault = 'calm'
  readonly #cluster: KvCluster
  readonly #judge: Judge
  readonly #chance: Chance
  readonly #options: WorkloadOptions
  readonly #places: Place[]
  readonly #underWay = new Set<Promise<unknown>>()
  #names = 0
  #keys = 0

  constructor(cluster: KvCluster, judge: Judge, chance: Chance, options: WorkloadOptions) {
    this.#cluster = cluster
    this.#judge = judge
    this.#chance = chance
    this.#options = options
    this.#places = kvNames.flatMap((owner) =>
      [...rings, ownKey]
        .filter((key) => holds(owner, key))
        .flatMap((key) =>
          Array.from({ length: key === ownKey ? placesPerOwnKey : placesPerRing }, (_, index): Place => {
            const name = key === ownKey && index < commonPlaces ? `${common}${index}` : this.#nextName(owner)
            return { key, owner, name, isWritten: false, freeAtMs: 0 }
          }),
        ),
    )
  }

  /** Works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { perSecond, keysPerSecond } = this.#options
    await Promise.all([
      ...kvNames.map((name) =>
        this.#often(isOurs(name) ? perSecond.ours : perSecond.go, signal, () => this.#one(name)),
      ),
      this.#often(keysPerSecond, signal, () => this.#keyLife(signal)),
    ])
  }

  /** Resolves when everything is answered, and every wait for proof is over. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** At random moments, so often on average; what was begun is not waited for. */
  async #often(perSecond: number, signal: AbortSignal, begin: () => Promise<unknown>): Promise<void> {
    while (!signal.aborted) {
      await sleep((-Math.log(1 - this.#chance.next()) * 1000) / perSecond)
      if (!signal.aborted) this.#track(begin())
    }
  }

  #track(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work.finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
  }

  /** One operation of one member. */
  async #one(by: string): Promise<void> {
    if (this.#chance.often(removalShare)) await this.#removal(by)
    else await this.#write(by)
  }

  async #write(by: string): Promise<void> {
    const now = Date.now()
    const free = this.#places.filter(({ owner, freeAtMs }) => owner === by && freeAtMs <= now)
    if (free.length === 0) return
    const place = this.#chance.pick(free)
    place.freeAtMs = Number.POSITIVE_INFINITY
    const done = await this.#perform('write', by, place.key, place.name)
    place.isWritten ||= done
    place.freeAtMs = Date.now() + spacingMs
  }

  async #removal(by: string): Promise<void> {
    const written = this.#places.filter(({ key, isWritten }) => isWritten && holds(by, key))
    if (written.length === 0) return
    const place = this.#chance.pick(written)
    const { name } = place
    if (!(await this.#perform('remove', by, place.key, name)) || place.name !== name) return
    if (isCommon(name) || !this.#chance.often(retireShare)) return
    place.name = this.#nextName(place.owner)
    place.isWritten = false
  }

  /** A key is written by some, is known for a while, and is deleted by somebody; then nobody writes it again. */
  async #keyLife(signal: AbortSignal): Promise<void> {
    const key = `passing/${++this.#keys}`
    const writers = [this.#chance.pick(kvNames), this.#chance.pick(kvNames)]
    for (const by of writers) await this.#perform('write', by, key, `${by} of ${key}`)
    await sleep(this.#chance.next() * 4000)
    if (!signal.aborted) await this.#perform('delete', this.#chance.pick(kvNames), key, '')
  }

  /** True when the member has it. Waits for proof go on. */
  async #perform(kind: OperationKind, by: string, key: string, name: string): Promise<boolean> {
    const member = this.#cluster.member(by)
    if (member === undefined) return false
    const operation = this.#judge.began({ kind, by, key, name, fault: this.fault, startedMs: Date.now() })
    const { id } = operation
    // Tokens of its own, in each write: who owns a contested one is not the question here.
    const tokens = Array.from({ length: tokenCount }, (_, index) => id * tokenCount + index)
    const wanted = isOwnKey(key) ? this.#options.ownProof : this.#options.proof
    try {
      const timestamp = await member.perform(operation, { addr: `operation-${id}`, tokens }, wanted)
      if (timestamp === null) this.#judge.ended(operation, 'nothing', Date.now())
      else this.#judge.done(operation, timestamp, Date.now())
      if (timestamp !== null && member.isOurs) this.#track(this.#proof(member, operation, wanted))
      return timestamp !== null
    } catch (error) {
      this.#judge.ended(operation, 'unknown', Date.now())
      this.#refused(error)
      return false
    }
  }

  async #proof(member: KvMember, operation: Operation, { waitMs }: ProofWanted): Promise<void> {
    const since = performance.now()
    try {
      const { confirmed, proven } = await member.proof(operation, waitMs)
      if (!confirmed) {
        this.#judge.unconfirmed(operation)
        // Both begin a moment before we hear of it.
        const isEarly = performance.now() - since < waitMs - 2000
        return this.#refused(isEarly ? 'proof: the member left' : `proof: not within ${waitMs / 1000} s`)
      }
      this.#judge.confirmed(operation, proven, Date.now())
      this.latencies.push({ fault: operation.fault, ms: Math.round(performance.now() - since) })
    } catch (error) {
      this.#judge.unconfirmed(operation)
      this.#refused(error)
    }
  }

  #refused(error: unknown): void {
    const why = (error instanceof Error ? error.message : String(error)).replace(/\/\d+/g, '').slice(0, 160)
    this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1)
  }

  #nextName(owner: string): string {
    return `${owner} ${++this.#names}`
  }
}
