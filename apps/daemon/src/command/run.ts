/** `hearsay run`: one member in the foreground, without HTTP; what it sees goes to stdout. */
import { createNode, type HearsayNode, type MemberEvent } from '@hearsay/node'
import { parseConfig, problemLines } from '../config.ts'
import { keepKeys } from '../key-file.ts'
import { createLogger } from '../log.ts'
import { type MainIo, untilSignalled } from '../main.ts'
import { nodeOptions } from '../node-options.ts'
import { joinFailure } from '../run.ts'
import { startError } from '../start-error.ts'
import { timestamp } from '../system.ts'
import { exitCodes } from './errors.ts'
import { printable } from './table.ts'

/** Runs a member until a signal ends it. `flags` are hearsayd's own. Resolves with the exit status. */
export async function run(flags: readonly string[], asJson: boolean, io: MainIo): Promise<number> {
  const request = parseConfig(flags)
  const useless = flags.filter((flag) => /^--?server\./.test(flag)).map((flag) => flag.replace(/=.*$/, ''))
  if (request.kind === 'help') {
    io.stdout(request.text)
    return exitCodes.ok
  }
  if (request.kind === 'invalid' || useless.length > 0) {
    const problems = useless.map((flag) => ({ flag, message: 'hearsay run serves no HTTP; hearsayd does' }))
    io.stderr(problemLines([...(request.kind === 'invalid' ? request.problems : []), ...problems]))
    return exitCodes.usage
  }
  if (request.kind === 'version') {
    io.stderr('-version: belongs to hearsayd; hearsay has --version\n')
    return exitCodes.usage
  }
  const { config } = request
  const { values } = config
  const log = createLogger({
    format: values['log.format'],
    level: values['log.level'],
    write: io.stderr,
    colour: io.colour ?? false,
  })
  const show = (event: MemberEvent) => io.stdout(asJson ? eventJson(event) : eventLine(event))
  return untilSignalled(io, async () => {
    const { failed, onJoinFailed } = joinFailure(values['memberlist.abort-if-join-fails'])
    const options = { ...nodeOptions(config, log), onJoinFailed }
    const node = await (io.createNode ?? createNode)(options).catch((error: unknown) => {
      throw startError(error)
    })
    io.stdout(asJson ? startedJson(node) : `${node.name} listens on ${node.address}\n`)
    for (const member of node.members())
      if (!member.isSelf) show({ type: 'join', member, evidence: { source: 'self' } })
    node.on('member', show)
    const keyFile = keepKeys(config.keys, node, log)
    return {
      failed,
      stop: () => {
        keyFile?.stop()
        return node.leave({ timeoutMs: values['memberlist.leave-timeout'] })
      },
    }
  })
}

const startedJson = (node: HearsayNode): string =>
  `${JSON.stringify({ at: timestamp(), event: 'started', name: node.name, address: node.address, joined: node.joined })}\n`

const eventJson = ({ type, member, evidence }: MemberEvent): string =>
  `${JSON.stringify({
    at: timestamp(),
    event: type,
    name: member.name,
    address: member.address,
    state: member.status,
    incarnation: member.incarnation,
    evidence,
  })}\n`

function eventLine({ type, member, evidence }: MemberEvent): string {
  const by = evidence.accuser === undefined ? '' : `, accused by ${evidence.accuser}`
  return `${timestamp()}  ${type.padEnd(8)}  ${printable(`${member.name}  ${member.address}  (${evidence.source}${by})`)}\n`
}
