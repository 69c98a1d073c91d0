/** `hearsay decode`: a packet or a stream as an annotated dump. */
import { MAX_LABEL_BYTES } from '@hearsay/wire'
import { type Dump, type DumpOptions, dumpPacket, dumpStream, formatDump, formatProblem } from '@hearsay/wire/dump'
import { decodeKey, keyProblem, mergeKeys } from '../flags/encryption.ts'
import { readKeyFile } from '../key-file.ts'
import { detectHex, type Input, parseHex, readInput } from './decode-input.ts'
import { exitCodes } from './errors.ts'
import type { CommandIo } from './program.ts'
import { printable } from './table.ts'

/** Bytes of one entry that the JSON shows. */
const MAX_JSON_BYTES = 4096

/** What may stand on the command line. */
export interface DecodeFlags {
  readonly file?: string
  readonly raw?: boolean
  readonly packet?: boolean
  readonly stream?: boolean
  readonly reply?: boolean
  readonly key?: readonly string[]
  readonly keyFile?: string
  readonly label?: string
  readonly framing?: string
  readonly json?: boolean
}

/**
 * Prints the dump on stdout and problems on stderr. Returns the exit status: 0 when a member would take all of it, 1 when
 * not, 2 for wrong arguments, of which all are told at once.
 */
export function decode(hex: readonly string[], flags: DecodeFlags, io: CommandIo): number {
  const wrong: string[] = [...contradictions(hex, flags)]
  const keys = allKeys(flags, wrong)
  const bytes =
    wrong.length > 0 && hex.length === 0 && flags.file === undefined ? undefined : input(hex, flags, io, wrong)
  if (wrong.length > 0 || bytes === undefined) {
    io.stderr(wrong.map((problem) => `hearsay: ${printable(problem)}\n`).join(''))
    return exitCodes.usage
  }
  const dump = dumpAs(bytes, flags, keys)
  if (flags.json) io.stdout(`${JSON.stringify(toJson(dump))}\n`)
  else {
    io.stdout(formatDump(dump, { colour: (io.colour ?? false) && process.stdout.isTTY === true, problems: false }))
    for (const problem of dump.problems) io.stderr(`hearsay: ${formatProblem(problem)}\n`)
    if (dump.omittedProblems > 0) io.stderr(`hearsay: ${dump.omittedProblems} more problems\n`)
  }
  return dump.problems.length === 0 ? exitCodes.ok : exitCodes.failed
}

function* contradictions(hex: readonly string[], flags: DecodeFlags): Generator<string> {
  if (flags.packet && (flags.stream || flags.reply)) yield '--packet: contradicts --stream and --reply'
  if (flags.file !== undefined && hex.length > 0) yield '--file: there are bytes on the command line too'
  if (flags.raw && hex.length > 0 && !isStdin(hex)) yield '--raw: bytes on the command line are hex'
  if (hex.length > 1 && hex.includes('-')) yield '-: stands for all bytes, and there are others'
  if (flags.framing !== undefined && flags.framing !== 'dskit') yield '--framing: must be dskit'
  if (flags.label !== undefined && Buffer.byteLength(flags.label) > MAX_LABEL_BYTES)
    yield `--label: has more than ${MAX_LABEL_BYTES} bytes`
}

const isStdin = (hex: readonly string[]): boolean => hex.length === 1 && hex[0] === '-'

function input(hex: readonly string[], flags: DecodeFlags, io: CommandIo, wrong: string[]): Uint8Array | undefined {
  const detect = (read: Input) => (read.ok && !flags.raw ? detectHex(read.bytes) : read)
  let named = 'the hex'
  let found: Input
  if (flags.file !== undefined) {
    named = `--file: ${flags.file}`
    found = detect(readInput(flags.file))
  } else if (hex.length === 0 || isStdin(hex)) {
    named = 'standard input'
    const given = io.stdin && new TextEncoder().encode(io.stdin())
    found = detect(given ? { ok: true, bytes: given } : readInput(0))
  } else found = parseHex(hex.join(' '))
  if (found.ok) return found.bytes
  wrong.push(`${named} ${found.problem}`)
  return undefined
}

/** The keys in the order given, those of the file last. What is wrong with them is told without telling them. */
function allKeys({ key: given = [], keyFile }: DecodeFlags, wrong: string[]): readonly Uint8Array[] {
  const keys: Uint8Array[] = []
  for (const [index, text] of given.entries()) {
    const problem = keyProblem(text)
    const name = given.length === 1 ? 'the key' : `key ${index + 1} of ${given.length}`
    if (problem === undefined) keys.push(decodeKey(text))
    else wrong.push(`--key: ${name} ${problem}`)
  }
  const file = keyFile === undefined ? { keys: [], problems: [] } : readKeyFile(keyFile)
  for (const problem of file.problems) wrong.push(`--key-file: ${problem}`)
  const { keys: all, problem } = mergeKeys(keys, file.keys)
  if (problem !== undefined) wrong.push(`--key: there are ${problem}`)
  return all
}

function dumpAs(bytes: Uint8Array, flags: DecodeFlags, keys: readonly Uint8Array[]): Dump {
  const options: DumpOptions & { labelMode?: 'strict' } = {
    keys,
    ...(flags.label === undefined ? {} : { label: flags.label, labelMode: 'strict' }),
    ...(flags.framing === 'dskit' ? { framing: 'dskit' } : {}),
  }
  // A connection of dskit's says itself what it is.
  const isStream = flags.stream || flags.reply || (flags.framing === 'dskit' && !flags.packet && bytes[0] === 2)
  return isStream
    ? dumpStream(bytes, { ...options, role: flags.reply ? 'initiator' : 'acceptor' })
    : dumpPacket(bytes, options)
}

const toJson = ({ entries, ...dump }: Dump) => ({
  ...dump,
  entries: entries.map(({ bytes, ...entry }) => {
    if (bytes === undefined) return entry
    const hex = Buffer.from(bytes.subarray(0, MAX_JSON_BYTES)).toString('hex')
    return bytes.length > MAX_JSON_BYTES
      ? { ...entry, hex, hiddenBytes: bytes.length - MAX_JSON_BYTES }
      : { ...entry, hex }
  }),
})
