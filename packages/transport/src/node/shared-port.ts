/** One port number for several sockets. */

import { TransportError } from '../transport.ts'

/** How often another port is tried when not every socket can have the one that the first was given (membership spec 6.1). */
export const MAX_PORT_ATTEMPTS = 10

/** A socket that is bound. */
export interface BoundSocket {
  readonly port: number
  /** Resolves when it is closed. */
  close(): Promise<void>
}

/**
 * Binds the first socket, then the others on the port that it got. With `port` 0 the system chooses, and may choose one
 * that is taken for another of them: then again, {@link MAX_PORT_ATTEMPTS} times in all. Rejects with what the last attempt
 * said; nothing stays bound.
 */
export async function bindSharedPort<Socket extends BoundSocket>(
  port: number,
  binds: readonly ((port: number) => Promise<Socket>)[],
): Promise<Socket[]> {
  for (let attempt = 1; ; attempt++) {
    const bound: Socket[] = []
    try {
      for (const bind of binds) bound.push(await bind(bound[0]?.port ?? port))
      return bound
    } catch (error) {
      await Promise.all(bound.map((socket) => socket.close()))
      const mayTryAnother = port === 0 && error instanceof TransportError && error.code === 'ADDRESS_IN_USE'
      if (!mayTryAnother || attempt >= MAX_PORT_ATTEMPTS) throw error
    }
  }
}
