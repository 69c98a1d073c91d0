/** One port number for two sockets. */

import { TransportError } from '../transport.ts'

/** How often another port is tried when UDP cannot have the one that TCP was given (membership spec 6.1). */
export const maxPortAttempts = 10

/** How the two sockets are bound. */
export interface SharedPortSockets<Tcp, Udp> {
  listenTcp(port: number): Promise<Tcp>
  portOf(tcp: Tcp): number
  bindUdp(port: number): Promise<Udp>
  closeTcp(tcp: Tcp): Promise<void>
}

/**
 * Binds TCP first, then UDP on the port that TCP got. With `port` 0 the system chooses, and may choose one that is taken
 * for UDP: then again, {@link maxPortAttempts} times in all. Rejects with what the last attempt said; nothing stays bound.
 */
export async function bindSharedPort<Tcp, Udp>(
  port: number,
  sockets: SharedPortSockets<Tcp, Udp>,
): Promise<{ tcp: Tcp; udp: Udp }> {
  for (let attempt = 1; ; attempt++) {
    const tcp = await sockets.listenTcp(port)
    try {
      return { tcp, udp: await sockets.bindUdp(sockets.portOf(tcp)) }
    } catch (error) {
      await sockets.closeTcp(tcp)
      const mayTryAnother = port === 0 && error instanceof TransportError && error.code === 'ADDRESS_IN_USE'
      if (!mayTryAnother || attempt >= maxPortAttempts) throw error
    }
  }
}
