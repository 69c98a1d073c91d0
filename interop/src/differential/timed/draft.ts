/** What scripts are made of. */
import { PACKET_BYTES, USUAL_VERSIONS } from '../generate.ts'
import type { MemberSettings } from '../observation.ts'
import type { Message } from '../steps.ts'
import { EXACT_MS } from './instants.ts'
import type { Detours, Script, Silence, Watch } from './script.ts'

/** memberlist's numbers for a LAN. */
export const PROBE_INTERVAL_MS = 1000
/** As above. */
export const GOSSIP_INTERVAL_MS = 200
/** As above. */
export const PUSH_PULL_INTERVAL_MS = 30_000
/** How long the dead are told, and records kept. */
export const TO_THE_DEAD_MS = 30_000

/** Everybody listens on it. */
export const PORT = 7946
/** The address of a host, in hex. */
export const ip = (host: number): string => Buffer.from([10, 0, 0, host]).toString('hex')
/** The same with its port, as it is dialled. */
export const endpoint = (host: number): string => `10.0.0.${host}:${PORT}`
/** The member itself. */
const OWN_HOST = 200
const STRANGER = endpoint(201)

/** When everybody is known: before the first tick of any loop. */
const KNOWN_AT_MS = 50

/** A host does not answer, by default to the end. */
export const silence = (host: number, fromMs: number, toMs = Number.MAX_SAFE_INTEGER): Silence => ({
  host,
  fromMs,
  toMs,
})
/** Numbers from 1. */
export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

/** A host says that it is there. */
export const aliveOf = (host: number, incarnation: number): Message => ({
  kind: 'alive',
  node: `n${host}`,
  incarnation,
  address: ip(host),
  port: PORT,
  versions: USUAL_VERSIONS,
})

/** A packet from somebody who is no member. */
export const say = (atMs: number, ...messages: readonly Message[]): Script['inputs'][number] => ({
  atMs,
  step: { op: 'packet', from: STRANGER, messages },
})

/** An accusation. */
export const suspect = (host: number, incarnation: number, by: string): Message => {
  return { kind: 'suspect', node: `n${host}`, incarnation, by }
}

/** Everybody is known with incarnation 1. */
function knowing(hosts: number): Script['inputs'][number] {
  const entries = range(hosts).map((host) => {
    return { node: `n${host}`, incarnation: 1, address: ip(host), port: PORT, versions: USUAL_VERSIONS, state: 0 }
  })
  return { atMs: KNOWN_AT_MS, step: { op: 'state', state: { join: false, entries, userState: '' } } }
}

/** What is not as usual. */
export interface Draft {
  readonly title: string
  readonly hosts: number
  readonly watches: readonly Watch[]
  readonly untilMs: number
  readonly inputs?: readonly Script['inputs'][number][]
  readonly silences?: readonly Silence[]
  readonly detours?: Partial<Detours>
  readonly settings?: Partial<MemberSettings>
}

/** A script of a draft. Without push/pull unless it is about that: it would tell everything once more at a random time. */
export function script({ inputs = [], silences = [], detours, settings, ...rest }: Draft): Script {
  return {
    ...rest,
    inputs: [knowing(rest.hosts), ...inputs],
    silences,
    detours: { relays: 'nothing', streams: 'refused', ...detours },
    settings: {
      name: 'me',
      address: ip(OWN_HOST),
      port: PORT,
      meta: '',
      localState: '',
      ackPayload: '',
      hasHooks: false,
      refuseAlive: '',
      refuseMerge: '',
      deadNodeReclaimMs: 0,
      packetBytes: PACKET_BYTES,
      runsLoops: true,
      withoutLoops: ['pushPull'],
      ...settings,
    },
  }
}

/** Instants that nothing but chance in the look at time sets apart. */
export const exactly = (what: string, instants: Watch['instants']): Watch => ({ what, toleranceMs: EXACT_MS, instants })
