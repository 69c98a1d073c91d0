/** Which transport a node uses. */
import { type Transport, tcpTransport, udpTcpTransport } from '@hearsay/transport'
import { CidrList } from '@hearsay/wire'
import type { TransportSource } from './options.ts'
import type { Settings } from './settings.ts'

/** The transport that the options or the profile ask for. Opens nothing yet. */
export function chooseTransport({ options, profile }: Settings): Transport {
  const wanted = options.transport ?? profile.transport
  if (typeof wanted === 'object') return isSource(wanted) ? wanted.transport() : wanted
  const listen = {
    ...(options.bindAddress === undefined ? {} : { bindAddress: options.bindAddress }),
    ...(options.bindPort === undefined ? {} : { bindPort: options.bindPort }),
    ...(options.advertiseAddress === undefined ? {} : { advertiseAddress: options.advertiseAddress }),
    ...(options.advertisePort === undefined ? {} : { advertisePort: options.advertisePort }),
  }
  const { allowedCidrs = [] } = options
  const networks = new CidrList(allowedCidrs)
  const allows = networks.isEmpty ? {} : { allows: (ip: string) => networks.containsText(ip) }
  const tls = options.tls === undefined ? {} : { tls: options.tls }
  return wanted === 'tcp' ? tcpTransport({ ...listen, ...allows, ...tls }) : udpTcpTransport({ ...listen, ...allows })
}

const isSource = (wanted: Transport | TransportSource): wanted is TransportSource => 'transport' in wanted
