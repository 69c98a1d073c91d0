/** A file of encryption keys: read at the start, and again while the daemon runs. */
import { closeSync, fstatSync, openSync, readSync, statSync, unwatchFile, watchFile } from 'node:fs'
import { type HearsayNode, type Keyring, keyFingerprint, type Logger } from '@hearsay/node'
import { decodeKey, keyProblem, mergeKeys } from './flags/encryption.ts'
import type { FlagProblem } from './flags/flag.ts'

/** The largest file of keys that is read: a larger one is most likely the wrong file. */
export const MAX_KEY_FILE_BYTES = 64 * 1024

/** Wrong lines that are told one by one. */
const MAX_TOLD_LINES = 8

/** How often the file is looked at. Polling sees what a watch of the file would not: links that were put elsewhere. */
const POLL_MS = 2000

/** Keys of a file; or what is wrong with it, in sentences that name file and line and show nothing of the content. */
export interface KeyFileReading {
  readonly keys: readonly Uint8Array[]
  readonly problems: readonly string[]
}

/** One base64 key a line; blank lines, and what follows a `#`, are ignored. Never throws. */
export function readKeyFile(file: string): KeyFileReading {
  const refused = (...problems: readonly string[]) => ({ keys: [], problems })
  let content: string
  try {
    // Opening a pipe would wait for its writer.
    if (!statSync(file).isFile()) return refused(`${file} is not a regular file`)
    content = readBounded(file)
  } catch (error) {
    if (error instanceof RangeError) return refused(`${file} ${error.message}`)
    return refused(unreadable(file, (error as NodeJS.ErrnoException).code))
  }
  return parse(file, content)
}

function parse(file: string, content: string): KeyFileReading {
  const keys: Uint8Array[] = []
  const problems: string[] = []
  for (const [index, line] of content.split('\n').entries()) {
    const text = line.replace(/#.*/, '').trim()
    if (text === '') continue
    const problem = keyProblem(text)
    if (problem === undefined) keys.push(decodeKey(text))
    else problems.push(`${file} line ${index + 1} ${problem}`)
  }
  const untold = problems.length - MAX_TOLD_LINES
  if (untold > 0) problems.splice(MAX_TOLD_LINES, untold, `${file} has ${untold} more wrong lines`)
  if (problems.length === 0 && keys.length === 0) problems.push(`${file} holds no key`)
  return problems.length > 0 ? { keys: [], problems } : { keys, problems }
}

/** Whatever the file's size was said to be, no more is read. Throws a `RangeError` for a larger one. */
function readBounded(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    if (!fstatSync(descriptor).isFile()) throw new RangeError('is not a regular file')
    const bytes = Buffer.alloc(MAX_KEY_FILE_BYTES + 1)
    let sizeBytes = 0
    for (;;) {
      const readBytes = readSync(descriptor, bytes, sizeBytes, bytes.length - sizeBytes, null)
      if (readBytes === 0) return bytes.toString('utf8', 0, sizeBytes)
      sizeBytes += readBytes
      if (sizeBytes > MAX_KEY_FILE_BYTES) throw new RangeError(`is larger than ${MAX_KEY_FILE_BYTES} bytes`)
    }
  } finally {
    closeSync(descriptor)
  }
}

function unreadable(file: string, code: string | undefined): string {
  if (code !== 'ENOENT') return `cannot read ${file} (${code ?? 'unknown reason'})`
  return keyProblem(file) === undefined
    ? 'there is no file of this name, and it looks like a key: give a key with -memberlist.encryption-key'
    : `there is no file ${file}`
}

/** Keys as a configuration names them. Secrets: never print them. */
export interface ConfiguredKeys {
  /** Where those of the file come from; `''` for nowhere. */
  readonly file: string
  readonly ofFlags: readonly Uint8Array[]
  readonly ofFile: readonly Uint8Array[]
  /** Those of flags first, each once. */
  readonly all: readonly Uint8Array[]
}

/** Keys of flags, checked already, and of a file, `''` for none; with what is wrong, which leaves no keys. */
export function configuredKeys(
  given: readonly string[],
  file: string,
): { readonly keys: ConfiguredKeys; readonly problems: readonly FlagProblem[] } {
  const ofFlags = given.map(decodeKey)
  const { keys: ofFile, problems } = file === '' ? { keys: [], problems: [] } : readKeyFile(file)
  const { keys: all, problem } = mergeKeys(ofFlags, ofFile)
  return {
    keys: { file, ofFlags, ofFile, all },
    problems: [
      ...problems.map((message) => ({ flag: '-memberlist.encryption-key-file', message })),
      ...(problem === undefined ? [] : [{ flag: '-memberlist.encryption-key', message: `there are ${problem}` }]),
    ],
  }
}

/** Says which keys a node begins with, and keeps them as the configured file says. `undefined` when there is no file. */
export function keepKeys(
  { file, ofFlags, ofFile }: ConfiguredKeys,
  { keyring, encryption }: Pick<HearsayNode, 'keyring' | 'encryption'>,
  logger: Logger,
): KeyFile | undefined {
  if (keyring.size > 0) logger.info('encryption is on', { keys: keyring.fingerprints().join(), ...encryption })
  return file === '' ? undefined : new KeyFile({ file, flagKeys: ofFlags, keyring, logger }, ofFile)
}

/** What {@link KeyFile} works with. */
export interface KeyFileOptions {
  readonly file: string
  /** Keys that stand before those of the file. */
  readonly flagKeys: readonly Uint8Array[]
  /** Is told all keys anew. */
  readonly keyring: Keyring
  readonly logger: Logger
  /** Default 2000. */
  readonly pollMs?: number
}

/**
 * Keeps a keyring as a file says. A change of the file's keys, within about two seconds, and {@link KeyFile.reload} put
 * them in place of all there were: also of what was changed through the API meanwhile. A file that cannot be read, or
 * has a wrong line, changes nothing and is an error in the log.
 */
export class KeyFile {
  readonly #options: KeyFileOptions
  readonly #secondLook: NodeJS.Timeout
  /** Fingerprints of the file's keys when they were last put in place. */
  #taken: string
  /** What was wrong at the last look; told once. */
  #problem = ''
  readonly #look = () => this.#read('changed')

  /** Watches from now on, without keeping the process alive. `fileKeys`: what was read already. */
  constructor(options: KeyFileOptions, fileKeys: readonly Uint8Array[]) {
    this.#options = options
    this.#taken = fingerprints(fileKeys)
    const { file, pollMs = POLL_MS } = options
    watchFile(file, { interval: pollMs, persistent: false }, this.#look)
    // It may have changed since it was read; and between now and the watch's own first look, which it compares with.
    this.#look()
    this.#secondLook = setTimeout(this.#look, pollMs)
    this.#secondLook.unref()
  }

  /** Reads the file now; its keys are put in place even when they are the same as before. */
  reload(): void {
    this.#read('always')
  }

  /** Watches no longer. */
  stop(): void {
    clearTimeout(this.#secondLook)
    unwatchFile(this.#options.file, this.#look)
  }

  #read(when: 'changed' | 'always'): void {
    const { file, flagKeys, keyring, logger } = this.#options
    const { keys: fileKeys, problems } = readKeyFile(file)
    const merged = mergeKeys(flagKeys, fileKeys)
    const wrong = merged.problem === undefined ? problems : [...problems, `${file} brings it to ${merged.problem}`]
    const problem = wrong.join('; ')
    const isNews = when === 'always' || problem !== this.#problem
    this.#problem = problem
    if (problem !== '') {
      if (isNews) logger.error('the encryption keys stay as they are', { file, problem })
      return
    }
    const taken = fingerprints(fileKeys)
    // A file that was only touched, or broken for a while, does not undo what the API did.
    if (when === 'changed' && taken === this.#taken) return
    this.#taken = taken
    const before = keyring.fingerprints().join()
    keyring.replace(merged.keys)
    const keys = keyring.fingerprints().join()
    if (keys === before) logger.debug('the encryption keys are as the file says', { file })
    else logger.info('encryption keys changed', { file, keys })
  }
}

const fingerprints = (keys: readonly Uint8Array[]): string => keys.map(keyFingerprint).join()
