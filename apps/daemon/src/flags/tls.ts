/** Flags of TLS: dskit's, and one of our own for mutual TLS. */
import { type NodeOptions, type Profile, tlsOptionProblems } from '@hearsay/node'
import type { Flag, FlagProblem, FlagValues } from './flag.ts'
import { bool, type Kind, list, oneOf, text } from './kinds.ts'

type Of<T> = Flag<T, Profile>
type NodeTls = NonNullable<NodeOptions['tls']>

/** Go's names of versions, and those that the node takes. */
const versions: ReadonlyMap<string, NonNullable<NodeTls['minVersion']>> = new Map([
  ['VersionTLS10', 'TLSv1'],
  ['VersionTLS11', 'TLSv1.1'],
  ['VersionTLS12', 'TLSv1.2'],
  ['VersionTLS13', 'TLSv1.3'],
])

/** One of them; empty means Go's own default, as in dskit. */
const version: Kind<string> = {
  ...oneOf(...versions.keys()),
  read: (given) => (given === '' ? { value: '' } : oneOf(...versions.keys()).read(given)),
}

const group = 'TLS'

/** To be merged into the table of all flags. */
export const tls = {
  'memberlist.tls-enabled': {
    kind: bool,
    group,
    default: false,
    help: 'Speak TLS between members, all of them or none; needs -memberlist.transport=tcp. Without it the other TLS flags mean nothing',
  } as Of<boolean>,
  'memberlist.tls-cert-path': {
    kind: text,
    group,
    default: '',
    help: 'File of the certificate; taken over when it changes, as key and authorities are',
  } as Of<string>,
  'memberlist.tls-key-path': {
    kind: text,
    group,
    default: '',
    help: 'File of its private key',
  } as Of<string>,
  'memberlist.tls-ca-path': {
    kind: text,
    group,
    default: '',
    defaultText: 'the roots that Node.js trusts',
    help: 'File of the authorities that other members are verified against',
  } as Of<string>,
  'memberlist.tls-server-name': {
    kind: text,
    group,
    default: '',
    defaultText: 'the IP address that is dialled',
    help: "Name that other members' certificates must have",
  } as Of<string>,
  'memberlist.tls-insecure-skip-verify': {
    kind: bool,
    group,
    default: false,
    help: 'Take any certificate of a member that is dialled: then anybody can pose as one',
  } as Of<boolean>,
  'memberlist.tls-cipher-suites': {
    kind: list,
    group,
    default: [],
    defaultText: "Node.js's",
    help: 'Cipher suites of TLS 1.2 and before by their Go names, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  } as Of<readonly string[]>,
  'memberlist.tls-min-version': {
    kind: version,
    group,
    default: '',
    defaultText: 'VersionTLS12',
    help: 'The lowest version that is spoken',
  } as Of<string>,
  'memberlist.tls-client-auth': {
    kind: oneOf('none', 'require'),
    group,
    default: 'none',
    help: 'require: whoever dials must show a certificate of an authority in -memberlist.tls-ca-path. Not in Mimir, whose members can be dialled by anybody',
  } as Of<'none' | 'require'>,
}

/** The node's option; nothing when TLS is off, whatever else was given, as in dskit. */
export function tlsOptions(values: FlagValues<typeof tls>): Pick<NodeOptions, 'tls'> {
  if (!values['memberlist.tls-enabled']) return {}
  const minVersion = versions.get(values['memberlist.tls-min-version'])
  return {
    tls: {
      certPath: values['memberlist.tls-cert-path'],
      keyPath: values['memberlist.tls-key-path'],
      caPath: values['memberlist.tls-ca-path'],
      serverName: values['memberlist.tls-server-name'],
      insecureSkipVerify: values['memberlist.tls-insecure-skip-verify'],
      cipherSuites: values['memberlist.tls-cipher-suites'],
      clientAuth: values['memberlist.tls-client-auth'],
      ...(minVersion === undefined ? {} : { minVersion }),
    },
  }
}

/** Which flag a problem of the node's option is about. */
export const flagOfTlsOption: Readonly<Record<string, string>> = {
  tls: 'memberlist.tls-enabled',
  'tls.certPath': 'memberlist.tls-cert-path',
  'tls.keyPath': 'memberlist.tls-key-path',
  'tls.caPath': 'memberlist.tls-ca-path',
  'tls.cipherSuites': 'memberlist.tls-cipher-suites',
  'tls.minVersion': 'memberlist.tls-min-version',
  'tls.clientAuth': 'memberlist.tls-client-auth',
}

/** Everything wrong with TLS, the files included: told together with all other wrong flags, not only by the node's start. */
export function tlsProblemsOf(values: FlagValues<typeof tls>, transport: 'tcp' | 'udp'): readonly FlagProblem[] {
  return tlsOptionProblems(tlsOptions(values).tls, transport).map(({ path, message }) => ({
    flag: `-${flagOfTlsOption[path] ?? flagOfTlsOption[path.split('[')[0]!] ?? 'memberlist.tls-enabled'}`,
    message,
  }))
}
