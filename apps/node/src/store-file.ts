/** The store in a file of `dataDir`, so that a restarted member knows what it knew. */
import { readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { KvError, type KvStore } from '@hearsay/kv'
import type { Logger } from '@hearsay/membership'
import { makeDirectory, replaceFile } from './data-dir.ts'
import { pause } from './system.ts'

const FILE_NAME = 'store.snapshot'
/** Where a file goes that cannot be understood: to be looked at, in place of the one before. */
const DAMAGED_NAME = 'store.snapshot.damaged'
/** More than a store of the largest state that is received has. */
const MAX_FILE_BYTES = 512 * 1024 * 1024

/** What a file of a store needs. */
export interface StoreFileOptions {
  readonly directory: string
  readonly store: KvStore
  /** How often what has changed is written. */
  readonly intervalMs: number
  readonly logger: Logger | undefined
}

/**
 * Keeps a store in a file. Nothing about it keeps a member from starting or running: what cannot be understood is set aside, what cannot
 * be read or written is told, once until it can be again.
 */
export class StoreFile {
  readonly #options: StoreFileOptions
  readonly #closing = new AbortController()
  /** The revision that is in the file. */
  #written: number | undefined
  #isFailing = false
  #writing: Promise<void> = Promise.resolve()

  constructor(options: StoreFileOptions) {
    this.#options = options
  }

  /** Hands the store what is in the file, if there is one, and begins to keep the file up. */
  async open(): Promise<void> {
    const { logger, store } = this.#options
    await this.#load().catch((error: unknown) => logger?.warn('the saved store cannot be read', this.#about(error)))
    this.#written = store.revision
    void this.#keep()
  }

  /** Writes what has changed, a last time. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return this.#writing
    this.#closing.abort()
    await this.#save()
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await pause(this.#options.intervalMs, signal, false)
      if (!signal.aborted) await this.#save()
    }
  }

  async #load(): Promise<void> {
    const { directory, logger, store } = this.#options
    await makeDirectory(directory)
    const size = await stat(this.#path).then(
      (file) => file.size,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      },
    )
    if (size === undefined) return
    if (size > MAX_FILE_BYTES) return this.#setAside(`${size} bytes are more than any has`)
    try {
      store.restore(await readFile(this.#path))
    } catch (error) {
      if (!(error instanceof KvError) || error.code !== 'SNAPSHOT_DAMAGED') throw error
      return this.#setAside(error.message)
    }
    const hints = store.hints().length
    if (hints > 0)
      logger?.info('the saved store is old: it counts where nobody has anything newer', {
        keys: hints,
        file: this.#path,
      })
  }

  async #setAside(why: string): Promise<void> {
    const { directory, logger } = this.#options
    const to = join(directory, DAMAGED_NAME)
    await rename(this.#path, to)
    logger?.warn('the saved store was damaged, and is set aside', { why, file: to })
  }

  /** One at a time; nothing when nothing has changed. */
  #save(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const { store, logger } = this.#options
      const { revision } = store
      if (revision === this.#written) return
      try {
        await replaceFile(this.#path, store.snapshot())
        this.#written = revision
        this.#isFailing = false
      } catch (error) {
        if (!this.#isFailing) logger?.warn('the store cannot be saved', this.#about(error))
        this.#isFailing = true
      }
    })
    return this.#writing
  }

  #about(error: unknown): { readonly why: string; readonly file: string } {
    return { why: error instanceof Error ? error.message : String(error), file: this.#path }
  }

  get #path(): string {
    return join(this.#options.directory, FILE_NAME)
  }
}
