/** Where the socket transports listen and what they tell peers: the options both have in common. */

import type { Address, Listening } from '../transport.ts'
import { TransportError } from '../transport.ts'
import { canonicalIp, formatAddress } from './address.ts'
import { chooseAdvertiseIp, hostDefaultRouteIp, hostInterfaces, isWildcard } from './advertise.ts'

/** Options of every transport on sockets. */
export interface BindOptions {
  /** IP literal to listen on. Default `0.0.0.0`, every IPv4 interface; `''` means the same; `::` is every interface. */
  readonly bindAddress?: string
  /** Port to listen on. Default 7946; 0 picks a free one. */
  readonly bindPort?: number
  /** IP literal that peers are told. Default: chosen from the interfaces, or the bound one (membership spec 6.6). */
  readonly advertiseAddress?: string
  /** Port that peers are told. Default, and for 0: the bound one. */
  readonly advertisePort?: number
  /** Connections accepted and still open at one time; more are closed and counted `too-many-connections`. Default 1024. */
  readonly maxInboundConnections?: number
}

/** {@link BindOptions}, checked and complete. */
export interface Bind {
  readonly ip: string
  readonly port: number
  readonly advertiseAddress: string | undefined
  readonly advertisePort: number
  readonly maxInboundConnections: number
}

/** memberlist's port (membership spec 8). */
export const defaultPort = 7946

/** Throws {@link TransportError} `INVALID_ADDRESS` for what cannot be bound or advertised. */
export function checkBind(options: BindOptions): Bind {
  const { bindAddress = '0.0.0.0', bindPort = defaultPort, advertisePort = 0 } = options
  const ip = canonicalIp(bindAddress === '' ? '0.0.0.0' : bindAddress)
  if (ip === undefined)
    throw new TransportError(
      'INVALID_ADDRESS',
      `bindAddress must be an IP address, and ${JSON.stringify(bindAddress)} is not one.`,
      bindAddress,
    )
  checkPort('bindPort', bindPort)
  checkPort('advertisePort', advertisePort)
  const bind: Bind = {
    ip,
    port: bindPort,
    advertiseAddress: options.advertiseAddress,
    advertisePort,
    maxInboundConnections: options.maxInboundConnections ?? 1024,
  }
  // A configured address is wrong or right whatever the interfaces are: say so before anything is opened.
  if (bind.advertiseAddress) chooseAdvertiseIp({ ...bind, bindAddress: ip, interfaces: {} })
  return bind
}

/** Decides what peers are told, now that `boundPort` is known. Rejects with `NO_ADVERTISABLE_ADDRESS`. */
export async function advertise(bind: Bind, boundPort: number): Promise<Listening> {
  const needsChoice = !bind.advertiseAddress && isWildcard(bind.ip)
  const ip = chooseAdvertiseIp({
    advertiseAddress: bind.advertiseAddress,
    bindAddress: bind.ip,
    interfaces: needsChoice ? hostInterfaces() : {},
    defaultRouteIp: needsChoice ? await hostDefaultRouteIp() : undefined,
  })
  const advertised: Address = formatAddress(ip, bind.advertisePort === 0 ? boundPort : bind.advertisePort)
  return { bound: formatAddress(bind.ip, boundPort), advertised }
}

function checkPort(name: string, port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return
  throw new TransportError('INVALID_ADDRESS', `${name} must be a whole number from 0 to 65535, and ${port} is not.`)
}
