/** What a node's options say of TLS. */
import { type TlsOptions, tlsProblems } from '@hearsay/transport'
import type { ConfigProblem } from './errors.ts'
import type { NodeOptions } from './options.ts'

/** Everything wrong with them, the files included; `transport` is the one that the options or the profile ask for. */
export function tlsOptionProblems(tls: unknown, transport: NodeOptions['transport']): readonly ConfigProblem[] {
  if (tls === undefined) return []
  if (typeof tls !== 'object' || tls === null) return [{ path: 'tls', message: 'must be an object of TLS options' }]
  const problems = tlsProblems(tls).map(({ path, message }) => ({ path: `tls.${path}`, message }))
  const { cert, certPath, key, keyPath }: TlsOptions = tls
  // Dskit does not start either. With a key alone, its missing certificate is among the problems already.
  if (!(cert || certPath || key || keyPath))
    problems.push({
      path: 'tls.certPath',
      message: 'is missing: a member is dialled, too, and has to show a certificate',
    })
  if (transport === 'tcp') return problems
  const message =
    'needs the transport tcp, which has all of its packets and streams in TLS; with udp, encrypt with keys'
  return [{ path: 'tls', message }, ...problems]
}
