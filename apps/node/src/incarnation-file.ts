/** The incarnation in a file of `dataDir`, so that it never goes backwards (membership spec 1.8, DIV-15). */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { IncarnationStore, Logger } from '@hearsay/membership'
import { makeDirectory, replaceFile } from './data-dir.ts'

const FILE_NAME = 'incarnation.json'
/** More than any file of ours has. */
const MAX_FILE_BYTES = 4096

/**
 * Keeps one number as `{"incarnation":…}`. The file is replaced in one step: a crash leaves the old one or the new one. A file
 * that cannot be understood is reported and counts as none; what the file system refuses rejects with its own error.
 */
export class IncarnationFile implements IncarnationStore {
  readonly #directory: string
  readonly #logger: Logger | undefined

  constructor(directory: string, logger: Logger | undefined) {
    this.#directory = directory
    this.#logger = logger
  }

  async load(): Promise<number | undefined> {
    await makeDirectory(this.#directory)
    const text = await this.#read()
    if (text === undefined) return undefined
    const saved = understood(text)
    if (saved === undefined)
      this.#logger?.warn('the saved incarnation cannot be understood; the clock decides', { file: this.#path })
    return saved
  }

  async save(incarnation: number): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify({ incarnation })}\n`)
  }

  async #read(): Promise<string | undefined> {
    const file = await open(this.#path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (!file) return undefined
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_FILE_BYTES + 1), 0, MAX_FILE_BYTES + 1, 0)
      return bytesRead > MAX_FILE_BYTES ? '' : buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  }

  get #path(): string {
    return join(this.#directory, FILE_NAME)
  }
}

function understood(text: string): number | undefined {
  try {
    const { incarnation } = JSON.parse(text) as { incarnation?: unknown }
    return Number.isSafeInteger(incarnation) && (incarnation as number) >= 0 ? (incarnation as number) : undefined
  } catch {
    return undefined
  }
}
