import type { StoreView } from '../observer.ts'
import { kvLaw } from './law.ts'

/** kv spec 3.2. */
export const versionOrder = kvLaw(
  {
    name: 'version-order',
    law: 'Each change of a key raises its version in the store by one; a key that is new, or new again, begins with 1',
  },
  (_, check) => {
    const versions = new Map<StoreView, Map<string, number>>()
    return {
      changed({ store, key, reading: { version } }) {
        const own = versions.get(store) ?? new Map<string, number>()
        versions.set(store, own)
        const before = own.get(key) ?? 0
        check(
          version === before + 1 || version === 1,
          store,
          () => `${key} was of version ${before}, and is of ${version}`,
        )
        own.set(key, version)
      },
    }
  },
)
