import { kvLaw } from './law.ts'

/** kv spec 3.5: a compare-and-set that was overtaken is tried again. */
export const editScope = kvLaw(
  {
    name: 'edit-scope',
    law: 'An edit changes what it was asked to change, and nothing else, whatever others did meanwhile; of a set it removes what it has seen',
  },
  (_, check) => ({
    edited({ store, key, seen, change, names, removes }) {
      const strange = [...change.marks, ...change.removals].filter(({ name }) => !names.has(name))
      check(strange.length === 0, store, () => `${key}: ${strange.map(({ name }) => name).join(', ')} changed as well`)
      const fresh = change.removals.length === 0 || removes || change.marks.length > 0
      check(fresh, store, () => `${key}: something was removed, though it was to be written`)
      for (const { name, line, rank } of removes ? change.removals : []) {
        // Of a map the last writer wins, whatever it has seen.
        if (line === '') continue
        const known = seen.marks.some((mark) => mark.name === name && mark.line === line && mark.rank >= rank)
        check(known, store, () => `${key}: ${name} was removed up to ${rank}, of which nobody there had seen so much`)
      }
    },
  }),
)
