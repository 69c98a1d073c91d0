/** Dumps for failing tests: what some bytes are, and where two differ. */
import { equalBytes } from '@hearsay/encoding'
import type { Dump, DumpEntry } from './dump.ts'
import { formatDump, formatEntry, formatProblem } from './format.ts'
import { dumpPacket, type PacketDumpOptions } from './packet.ts'
import { dumpStream } from './stream.ts'

/** Entries shown before and behind a difference. */
const CONTEXT_ENTRIES = 2
/** Entries shown of either side of a difference. */
const MAX_DIFFERING_ENTRIES = 40

/** What is known about bytes that are explained. */
export interface ExplainOptions extends PacketDumpOptions {
  /** Default: the first of packet, request and reply that has no problem, else packet. */
  readonly kind?: 'packet' | 'request' | 'reply'
}

/** Bytes as an annotated dump. Never throws for what the bytes are. */
export const explain = (bytes: Uint8Array, options: ExplainOptions = {}): string => formatDump(dumpAny(bytes, options))

/**
 * Where two packets or messages of streams differ: the first byte, what stands there, and the entries of both around it,
 * `-` for the expected and `+` for the actual ones. Empty when the bytes are equal. For the message of an assertion of any
 * test runner.
 */
export function describePacketDifference(
  expected: Uint8Array,
  actual: Uint8Array,
  options: ExplainOptions = {},
): string {
  if (equalBytes(expected, actual)) return ''
  const kind = options.kind ?? likelyKind(expected, options)
  const [before, after] = [expected, actual].map((bytes) => dumpAny(bytes, { ...options, kind })) as [Dump, Dump]
  const lines = [firstDifference(expected, actual, before), ...differingEntries(before.entries, after.entries)]
  for (const problem of after.problems) lines.push(`! ${formatProblem(problem)}`)
  return `${lines.join('\n')}\n`
}

function firstDifference(expected: Uint8Array, actual: Uint8Array, dump: Dump): string {
  let at = 0
  while (at < expected.length && at < actual.length && expected[at] === actual[at]) at++
  const sizes = expected.length === actual.length ? '' : `; ${actual.length} bytes instead of ${expected.length}`
  const place = pathTo(dump.entries, at)
  return `first difference at offset ${at} (0x${at.toString(16).padStart(4, '0')})${place}: ${byteText(actual[at])} instead of ${byteText(expected[at])}${sizes}`
}

const byteText = (byte: number | undefined): string =>
  byte === undefined ? 'the end' : byte.toString(16).padStart(2, '0')

/** Names of the entries around a byte of the outermost layer, outermost first. */
function pathTo(entries: readonly DumpEntry[], offset: number): string {
  const names: string[] = []
  for (const entry of entries) {
    if (entry.layer !== undefined || entry.offset > offset || entry.offset + entry.sizeBytes <= offset) continue
    names[entry.depth] = entry.name
    names.length = entry.depth + 1
  }
  const path = names.filter((name) => name !== undefined)
  return path.length === 0 ? '' : `, in ${path.join(' > ')}`
}

function differingEntries(expected: readonly DumpEntry[], actual: readonly DumpEntry[]): string[] {
  const shorter = Math.min(expected.length, actual.length)
  let start = 0
  while (start < shorter && sameEntry(expected[start]!, actual[start]!)) start++
  let behind = 0
  while (behind < shorter - start && sameEntry(expected.at(-1 - behind)!, actual.at(-1 - behind)!)) behind++
  return [
    ...marked('  ', expected.slice(Math.max(0, start - CONTEXT_ENTRIES), start)),
    ...marked('- ', expected.slice(start, expected.length - behind)),
    ...marked('+ ', actual.slice(start, actual.length - behind)),
    ...marked('  ', expected.slice(expected.length - behind).slice(0, CONTEXT_ENTRIES)),
  ]
}

/** Apart from where they stand: one length that differs moves all that follows. */
const sameEntry = (a: DumpEntry, b: DumpEntry): boolean =>
  a.depth === b.depth &&
  a.name === b.name &&
  a.value === b.value &&
  a.layer === b.layer &&
  equalBytes(a.bytes ?? noBytes, b.bytes ?? noBytes)

const noBytes = new Uint8Array(0)

function marked(mark: string, entries: readonly DumpEntry[]): string[] {
  const lines = entries
    .slice(0, MAX_DIFFERING_ENTRIES)
    .flatMap((entry) => formatEntry(entry))
    .map((line) => mark + line)
  const hidden = entries.length - MAX_DIFFERING_ENTRIES
  return hidden > 0 ? [...lines, `${mark}… ${hidden} more`] : lines
}

const kinds = ['packet', 'request', 'reply'] as const

function dumpAny(bytes: Uint8Array, options: ExplainOptions): Dump {
  const { kind = likelyKind(bytes, options) } = options
  if (kind === 'packet') return dumpPacket(bytes, options)
  return dumpStream(bytes, { ...options, role: kind === 'request' ? 'acceptor' : 'initiator' })
}

const likelyKind = (bytes: Uint8Array, options: ExplainOptions): (typeof kinds)[number] =>
  kinds.find((kind) => dumpAny(bytes, { ...options, kind }).problems.length === 0) ?? 'packet'
