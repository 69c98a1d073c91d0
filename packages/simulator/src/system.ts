/** The only place of this package that touches the real event loop. */

/** Settles once whatever settled promises lead to has happened. */
export const afterPromises = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
