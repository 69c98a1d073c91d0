/** A machine with one thing wrong. */

/** A change of one place in the sources of a package. */
export interface Mutant {
  readonly name: string
  /** What is wrong with it, for a person. */
  readonly wrong: string
  /** A file of the package's `src`. */
  readonly file: string
  /** Must stand in it exactly once. */
  readonly text: string
  readonly instead: string
}

/** Puts the change in. Throws when the text is not there, or is there twice: the list no longer fits the sources. */
export function mutate(source: string, { name, file, text, instead }: Mutant): string {
  const count = source.split(text).length - 1
  if (count !== 1) throw new Error(`mutant "${name}": its text stands ${count} times in ${file}, not once`)
  return source.replace(text, () => instead)
}
