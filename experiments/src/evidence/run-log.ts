/** One JSON line for each run, in a file of the experiment, and digests over the traces of many. */
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The runs of one experiment, in a file that starts empty. */
export class RunLog {
  readonly #path: string

  constructor(folder: string, id: string) {
    mkdirSync(folder, { recursive: true })
    this.#path = join(folder, `${id}.jsonl`)
    writeFileSync(this.#path, '')
  }

  /** Parameters, seed, metrics and trace hash of one run. */
  add(run: object): void {
    appendFileSync(this.#path, `${JSON.stringify(run)}\n`)
  }
}

/** 16 hex digits for many trace hashes, in their order. */
export const digest = (hashes: readonly string[]): string =>
  createHash('sha256').update(hashes.join('\n')).digest('hex').slice(0, 16)
