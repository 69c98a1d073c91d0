/** What `npm run simulate` can do. */

/** A command: a folder of its name with a `command.ts` that exports this. */
export interface Command {
  /** Gets what follows the command's name; gives the exit status. */
  run(args: readonly string[]): Promise<number>
}

/** The commands, in the order of the help. */
const summaries: Readonly<Record<string, string>> = {
  swarm: 'random clusters with random faults under all checkers',
  kv: 'key-value stores in such clusters, under laws of their own',
  replay: 'one run of the swarm again, from what it printed',
  mutants: 'machines, or stores, broken on purpose, each of which the checkers must catch',
  e0: 'rate of the simulator, determinism, scale',
  e1: 'how soon a member that hangs is noticed (Lifeguard, table V)',
  e2: 'false accusations and load (Lifeguard, tables IV and VI)',
  e5: 'how soon a crash is noticed, by size (SWIM, figure 3a)',
  e7: 'how soon an update is everywhere, by size and loss',
  e9: 'a thousand members that join at once (Rapid, figure 5)',
  e13: 'partitions that heal',
  e21: 'the kernel of the epidemic (Demers, tables 1 to 3)',
  all: 'every experiment, one after the other; --smoke for the small sizes',
}

/** Runs one command; `load` gives `undefined` for one that does not exist. Gives the exit status. */
export async function main(
  [name, ...args]: readonly string[],
  load: (name: string) => Promise<Command> | undefined,
): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help') return help(name === undefined ? 2 : 0)
  const command = Object.hasOwn(summaries, name) ? load(name) : undefined
  if (command === undefined) {
    console.error(`simulate: unknown command "${name}"; npm run simulate -- help lists them`)
    return 2
  }
  return (await command).run(args)
}

function help(status: number): number {
  const lines = Object.entries(summaries).map(([name, summary]) => `  ${name.padEnd(9)} ${summary}`)
  console.log(['npm run simulate -- COMMAND [options]', '', ...lines].join('\n'))
  return status
}
