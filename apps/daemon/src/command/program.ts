/** `hearsay` from its arguments to its exit status. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { MainIo } from '../main.ts'
import { onSignals } from '../signals.ts'
import { versionLine } from '../version.ts'
import { Client } from './client.ts'
import { type DecodeFlags, decode } from './decode.ts'
import { CommandError, exitCodes } from './errors.ts'
import { keygen, keySizesBytes } from './keygen.ts'
import { keys } from './keys.ts'
import { kvDelete, kvGet, kvList, kvPut, kvWatch } from './kv.ts'
import { members } from './members.ts'
import { ringList, ringShow } from './ring.ts'
import { run } from './run.ts'

/** What the program needs besides streams and signals. */
export interface CommandIo extends MainIo {
  /** Everything on standard input. Default: the process's. */
  readonly stdin?: () => string
}

/** Runs one command. Resolves with the exit status; failures are one sentence on stderr. */
export async function command(argv: readonly string[], io: CommandIo): Promise<number> {
  let status: number = exitCodes.ok
  const program = build(io, (code) => {
    status = code
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return status
  } catch (error) {
    // Commander has said what it had to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (!(error instanceof CommandError)) throw error
    io.stderr(`hearsay: ${error.message}\n`)
    return error.exitCode
  }
}

interface Global {
  readonly http: string
  readonly json?: boolean
  readonly tokenFile?: string
}

function build(io: CommandIo, end: (status: number) => void): Command {
  const program = new Command('hearsay')
    .description('Look at and talk to a hearsay daemon, or run a member in the foreground.')
    .version(versionLine('hearsay'), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: (text) => io.stderr(text.replace(/^error: /, 'hearsay: ')) })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExit status: 0, 1 for a failure, 2 for wrong arguments, 3 for not found, 4 for a lost write.',
    )
  addRun(program, io, end)
  addMembers(program, io)
  addKv(program, io)
  addRing(program, io)
  addKeys(program, io)
  addDecode(program, io, end)
  program
    .command('keygen')
    .description('print a new encryption key in base64')
    .option('--bytes <size>', `size: ${keySizesBytes.join(', ')}`, keySize, 32)
    .action((options: { bytes: (typeof keySizesBytes)[number] }) => io.stdout(keygen(options.bytes)))
  return program
}

/** The options of every command that talks to a daemon. */
const withDaemon = (command: Command): Command =>
  command
    .option('--http <url>', "the daemon's HTTP address", 'http://127.0.0.1:8080')
    .option('--token-file <file>', 'file with the bearer token for changes')
    .option('--json', "the API's JSON instead of a table")

function addRun(program: Command, io: CommandIo, end: (status: number) => void): void {
  program
    .command('run')
    .description("one member in the foreground, events as they come; takes hearsayd's flags")
    .usage('[--json] [-flag=value ...]')
    .option('--json', 'one JSON object a line')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (options: { json?: boolean }, self: Command) => end(await run(self.args, options.json ?? false, io)))
}

function addMembers(program: Command, io: CommandIo): void {
  withDaemon(program.command('members'))
    .description('who is there')
    .action(async (options: Global) => io.stdout(await members(client(options), options.json ?? false)))
}

function addKv(program: Command, io: CommandIo): void {
  const kv = program.command('kv').description('the key-value store')
  withDaemon(kv.command('list'))
    .description('keys')
    .action(async (options: Global) => io.stdout(await kvList(client(options), options.json ?? false)))
  withDaemon(kv.command('get <key>'))
    .description('one value, as JSON')
    .action(async (key: string, options: Global) => io.stdout(await kvGet(client(options), key, options.json ?? false)))
  withDaemon(kv.command('put <key> [value]'))
    .description('merge a value in; JSON, from standard input when it is - or left out')
    .option('--codec <id>', "the value's codec; needed when the key is new")
    .option('--if-match <tag>', 'replace instead of merging, and only this version')
    .action(async (key: string, value: string | undefined, options: Global & { codec?: string; ifMatch?: string }) => {
      const text = value === undefined || value === '-' ? (io.stdin ?? readStdin)() : value
      io.stdout(await kvPut(client(options), key, text, options, options.json ?? false))
    })
  withDaemon(kv.command('delete <key>'))
    .description('mark a key as deleted')
    .action(async (key: string, options: Global) =>
      io.stdout(await kvDelete(client(options), key, options.json ?? false)),
    )
  withDaemon(kv.command('watch <key>'))
    .description('changes as they come, one JSON object a line')
    .action(async (key: string, options: Global) => {
      const stopped = new AbortController()
      const ignore = onSignals(io.signals, { leave: () => stopped.abort(), insist: () => io.exit(130) })
      await kvWatch(client(options), key, io.stdout, stopped.signal).finally(ignore)
    })
}

function addRing(program: Command, io: CommandIo): void {
  withDaemon(program.command('ring [key]'))
    .description('rings known, or the instances of one')
    .action(async (key: string | undefined, options: Global) => {
      const asJson = options.json ?? false
      io.stdout(await (key === undefined ? ringList(client(options), asJson) : ringShow(client(options), key, asJson)))
    })
}

function addDecode(program: Command, io: CommandIo, end: (status: number) => void): void {
  program
    .command('decode [hex...]')
    .description('what the bytes of a packet or stream are; from standard input when there are none, or only -')
    .option('--file <file>', 'file with the bytes, raw or as hex')
    .option('--raw', 'the file or standard input is never hex')
    .option('--packet', 'one datagram (the default)')
    .option('--stream', 'what the initiator of a stream sent')
    .option('--reply', 'what the acceptor of a stream answered')
    .option('--key <base64>', 'key to decrypt with; may be given several times', collected)
    .option('--key-file <file>', 'file with such keys, one a line')
    .option('--label <label>', 'the label that is expected, and authenticated with what is encrypted')
    .option('--framing <name>', "dskit: what dskit's TCP transport adds stands there too")
    .option('--json', 'one JSON object')
    .action((hex: string[], flags: DecodeFlags) => end(decode(hex, flags, io)))
}

const collected = (value: string, before: readonly string[] = []): string[] => [...before, value]

function addKeys(program: Command, io: CommandIo): void {
  withDaemon(program.command('keys [action] [key]'))
    .description('the encryption keys by fingerprint; add, use or remove one')
    .addHelpText('after', '\nA key is base64, or - for standard input; use and remove take a fingerprint, too.')
    .action(async (action: string | undefined, key: string | undefined, options: Global) => {
      const asJson = options.json ?? false
      io.stdout(await keys(client(options), action ?? 'list', key, io.stdin ?? readStdin, asJson))
    })
}

function client({ http, tokenFile }: Global): Client {
  return new Client({ baseUrl: http, token: tokenFile === undefined ? undefined : readToken(tokenFile) })
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new CommandError(
      `--token-file: cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`,
      exitCodes.usage,
    )
  }
}

function keySize(text: string): number {
  const size = keySizesBytes.find((candidate) => String(candidate) === text)
  if (size === undefined) throw new InvalidArgumentError(`must be one of ${keySizesBytes.join(', ')}.`)
  return size
}

const readStdin = () => readFileSync(0, 'utf8')
