/** What the node or its transport refused, in the words of the flags. */
import { problemLines } from './config.ts'
import { StartError } from './errors.ts'
import { flagProblem } from './node-options.ts'

/** What `createNode` may reject with, as far as it is read here. */
interface Refusal extends Error {
  readonly code?: string
  /** Transport errors: the address concerned. */
  readonly address?: string
  readonly problems?: readonly { readonly path: string; readonly message: string }[]
}

/** What is wrong and what to do, by the transport's code. Its own sentence speaks of options, not of flags. */
const sentences: Readonly<Record<string, string>> = {
  ADDRESS_IN_USE: 'the port is in use; choose another one with -memberlist.bind-port (0 picks a free one)',
  ADDRESS_NOT_AVAILABLE: 'this machine has no such address; choose another one with -memberlist.bind-addr',
  PERMISSION_DENIED: 'not permitted; choose a port above 1023 with -memberlist.bind-port',
  NO_ADVERTISABLE_ADDRESS:
    'this machine has no private address to tell others; say which one to use with -memberlist.advertise-addr',
}

/** A failure of `createNode` as one sentence that names the flag that would change it. */
export function startError(error: unknown): StartError {
  const { code = '', message, address, problems } = error as Refusal
  if (code === 'CONFIG_INVALID' && problems)
    return new StartError('CONFIG_INVALID', problemLines(problems.map(flagProblem)).trimEnd(), { cause: error })
  const sentence = sentences[code]
  if (code === 'DATA_DIR_UNUSABLE')
    return new StartError('NODE_FAILED', `-data-dir: ${message}; name another directory`, { cause: error })
  const where = address === undefined ? '' : ` on ${address}`
  return new StartError(
    'NODE_FAILED',
    sentence ? `cannot listen for members${where}: ${sentence}` : (message ?? String(error)),
    { cause: error },
  )
}
