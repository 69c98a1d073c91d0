/** Our side: a node on loopback that is closed at the end of its scope, and what it was told. */
import { createServer, type Server } from 'node:net'
import type { Logger, MemberEvent } from '@hearsay/membership'
import { createNode, type HearsayNode, type NodeOptions } from '@hearsay/node'

/** A node on 127.0.0.1 and a free port. */
export function ourNode(name: string, options: NodeOptions = {}): Promise<HearsayNode> {
  return createNode({ name, bindAddress: '127.0.0.1', bindPort: 0, ...options })
}

/** The status of a member as one of ours sees it. */
export const statusOf = (node: HearsayNode, name: string): string | undefined =>
  node.members().find((member) => member.name === name)?.status

/** Metadata of a member as one of ours sees it, as text. */
export const metaOf = (node: HearsayNode, name: string): string | undefined => {
  const meta = node.members().find((member) => member.name === name)?.meta
  return meta && new TextDecoder().decode(meta)
}

/** Names of the members that one of ours has as alive, sorted. */
export const aliveIn = (node: HearsayNode): string[] =>
  node
    .members()
    .filter(({ status }) => status === 'alive')
    .map(({ name }) => name)
    .sort()

/** What a node was told, from the moment of the call. Messages are latin1 text. */
export interface Heard {
  readonly messages: string[]
  readonly events: MemberEvent[]
}

/** Writes down what a node is told. */
export function hearing(node: HearsayNode): Heard {
  const heard: Heard = { messages: [], events: [] }
  node.on('message', ({ payload }) => heard.messages.push(Buffer.from(payload).toString('latin1')))
  node.on('member', (event) => heard.events.push(event))
  return heard
}

/** A line of our log. */
export interface LogLine {
  readonly level: keyof Logger
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A logger that keeps its lines. */
export function keptLog(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at =
    (level: keyof Logger): Logger['info'] =>
    (message, fields = {}) => {
      lines.push({ level, message, fields })
    }
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines }
}

/** A port that is free on each of several addresses at this moment. */
export async function portFreeOn(hosts: readonly string[]): Promise<number> {
  for (;;) {
    const servers: Server[] = []
    try {
      for (const host of hosts) servers.push(await listening(host, servers[0] ? portOf(servers[0]) : 0))
      return portOf(servers[0]!)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    } finally {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    }
  }
}

const listening = (host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(port, host, () => resolve(server))
  })

const portOf = (server: Server): number => (server.address() as { port: number }).port
