import manifest from '../package.json' with { type: 'json' }

/** Version of this package. */
export const version: string = manifest.version

/** `hearsayd 0.1.0 (node v20.19.0, linux/x64)`. */
export const versionLine = (program: string): string =>
  `${program} ${version} (node ${process.version}, ${process.platform}/${process.arch})`
