// Tests run from source: the source condition of each package's exports map wins over its build.
export const conditions = ['@hearsay/source']

export const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
} as const

/** Property tests and megabytes take their time on a busy machine: only what hangs is to be ended. */
export const patient = { testTimeout: 60_000 }
