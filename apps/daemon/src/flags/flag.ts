/** A table of flags: one entry holds everything that parsing, checking and the help need to know. */
import type { Kind } from './kinds.ts'

/** What one flag is. `Context` is what defaults may depend on: the profile. */
export interface Flag<T, Context> {
  readonly kind: Kind<T>
  /** Heading in the help. */
  readonly group: string
  /** Value when nobody says anything. */
  readonly default: T | ((context: Context) => T)
  /** Instead of the default's own notation in the help. */
  readonly defaultText?: string
  /** One sentence without a final stop. */
  readonly help: string
  /** What is wrong with a value that its kind accepts. */
  check?(value: T): string | undefined
}

/** Flags by name, without the dash. */
// biome-ignore lint/suspicious/noExplicitAny: a table holds flags of every type
export type FlagTable<Context> = Readonly<Record<string, Flag<any, Context>>>

/** The values of a table's flags. */
export type FlagValues<Table> = {
  // biome-ignore lint/suspicious/noExplicitAny: any context will do
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer T, any> ? T : never
}

/** Something wrong with one flag or argument; shown as `-flag: message`. */
export interface FlagProblem {
  /** With its dash; or the argument as it was given. */
  readonly flag: string
  readonly message: string
}

/** A text that somebody gave for a flag. Command line, environment and file all produce these, in rising precedence. */
export interface Assignment {
  readonly name: string
  readonly text: string
}

/** Values of all flags, and which of them somebody gave. */
export interface Resolved<Table> {
  readonly values: FlagValues<Table>
  readonly given: ReadonlySet<string>
  readonly problems: readonly FlagProblem[]
}

/** The default of a flag in a context. */
export const defaultOf = <T, Context>(flag: Flag<T, Context>, context: Context): T =>
  typeof flag.default === 'function' ? (flag.default as (context: Context) => T)(context) : flag.default

/** Reads and checks every assignment; what is wrong falls back to its default and is reported. */
export function resolveFlags<Context, Table extends FlagTable<Context>>(
  table: Table,
  assignments: readonly Assignment[],
  context: Context,
): Resolved<Table> {
  const problems: FlagProblem[] = []
  const given = new Set<string>()
  const values: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(table)) {
    const read: unknown[] = []
    for (const assignment of assignments) {
      if (assignment.name !== name) continue
      const reading = flag.kind.read(assignment.text)
      if ('problem' in reading) problems.push({ flag: `-${name}`, message: reading.problem })
      else read.push(reading.value)
    }
    values[name] = defaultOf(flag, context)
    if (read.length === 0) continue
    const value = flag.kind.fold ? flag.kind.fold(read) : read.at(-1)
    const problem = flag.check?.(value)
    if (problem) problems.push({ flag: `-${name}`, message: problem })
    else {
      values[name] = value
      given.add(name)
    }
  }
  return { values: values as FlagValues<Table>, given, problems }
}
