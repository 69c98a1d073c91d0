// Tests run from source: the source condition of each package's exports map wins over its build.
export const conditions = ['@hearsay/source']

export const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
} as const
