/** Where the entries of a dump are collected. */
import {
  type Dump,
  type DumpEntry,
  type DumpProblem,
  type DumpReason,
  MAX_DUMP_ENTRIES,
  MAX_DUMP_PROBLEMS,
} from './dump.ts'
import { harmless } from './text.ts'

/** An entry that may still grow. */
export type OpenEntry = { -readonly [Property in keyof DumpEntry]: DumpEntry[Property] }

/** All entries and problems of one dump, bounded. */
export class Sheet {
  readonly #kind: Dump['kind']
  readonly #bytes: Uint8Array
  readonly #entries: DumpEntry[] = []
  readonly #problems: DumpProblem[] = []
  readonly #layers = new Map<string, number>()
  #omittedEntries = 0
  #omittedProblems = 0

  constructor(kind: Dump['kind'], bytes: Uint8Array) {
    this.#kind = kind
    this.#bytes = bytes
  }

  /** Nothing more is written down: texts need not be made. */
  get isFull(): boolean {
    return this.#entries.length >= MAX_DUMP_ENTRIES
  }

  /** For the bytes given. */
  pen(): Pen {
    return new Pen(this, this.#bytes, undefined, 0)
  }

  add(entry: DumpEntry): void {
    if (this.isFull) this.#omittedEntries++
    else this.#entries.push(entry)
  }

  fail(problem: DumpProblem): void {
    if (this.#problems.length >= MAX_DUMP_PROBLEMS) this.#omittedProblems++
    else this.#problems.push(problem)
  }

  /** A name that no other layer has. */
  layerName(name: string): string {
    const count = (this.#layers.get(name) ?? 0) + 1
    this.#layers.set(name, count)
    return count === 1 ? name : `${name} ${count}`
  }

  finish(): Dump {
    return {
      kind: this.#kind,
      sizeBytes: this.#bytes.length,
      entries: this.#entries,
      omittedEntries: this.#omittedEntries,
      problems: this.#problems,
      omittedProblems: this.#omittedProblems,
    }
  }
}

/** Writes entries about one layer, at one depth. Offsets are those of the layer. */
export class Pen {
  readonly sheet: Sheet
  readonly bytes: Uint8Array
  readonly #layer: string | undefined
  readonly #depth: number

  constructor(sheet: Sheet, bytes: Uint8Array, layer: string | undefined, depth: number) {
    this.sheet = sheet
    this.bytes = bytes
    this.#layer = layer
    this.#depth = depth
  }

  /** For what is inside the entries of this one. */
  deeper(): Pen {
    return new Pen(this.sheet, this.bytes, this.#layer, this.#depth + 1)
  }

  /** An entry with its own bytes from `start` to `end`. Its size is theirs, until it is said to be larger. */
  entry(start: number, end: number, name: string, value = ''): OpenEntry {
    const entry = {
      offset: start,
      sizeBytes: end - start,
      depth: this.#depth,
      name,
      value,
      ...(end > start ? { bytes: this.bytes.subarray(start, end) } : {}),
      ...this.#place(),
    }
    this.sheet.add(entry)
    return entry
  }

  /** Bytes that were passed over, if there are any. */
  rest(start: number, end: number, name: string, value: string): void {
    if (end > start) this.entry(start, end, name, value)
  }

  /** Bytes that were made from others, with a heading; the pen for them. */
  layer(name: string, bytes: Uint8Array, value: string): Pen {
    const layer = this.sheet.layerName(name)
    this.sheet.add({ offset: 0, sizeBytes: bytes.length, depth: this.#depth, name: layer, value, layer })
    return new Pen(this.sheet, bytes, layer, this.#depth + 1)
  }

  problem(reason: DumpReason, offset: number, detail: string): void {
    // Some of the decoders' sentences quote what came.
    this.sheet.fail({ reason, offset, detail: harmless(detail), ...this.#place() })
  }

  #place(): { layer?: string } {
    return this.#layer === undefined ? {} : { layer: this.#layer }
  }
}
