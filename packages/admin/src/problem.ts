/** What went wrong, as `application/problem+json` (RFC 9457) with types that programs may rely on. */

/** Every kind of problem: status and title. The type is `urn:hearsay:problem:` and the name. */
const kinds = {
  'not-found': { status: 404, title: 'There is no such resource' },
  'method-not-allowed': { status: 405, title: 'The resource does not have this method' },
  'host-refused': { status: 421, title: 'This server is not addressed by that name' },
  'origin-refused': { status: 403, title: 'A page of another origin may not change anything here' },
  'token-required': { status: 401, title: 'Changes need the bearer token' },
  'loopback-only': { status: 403, title: 'Changes are accepted from this machine only' },
  'not-started': { status: 503, title: 'The node is still starting' },
  'too-many-streams': { status: 503, title: 'Too many event streams are open' },
  'path-malformed': { status: 400, title: 'The path is not well encoded' },
  'query-invalid': { status: 400, title: 'The query is not understood' },
  'json-malformed': { status: 400, title: 'The body is not JSON' },
  'value-invalid': { status: 400, title: 'The body is not a value of this codec' },
  'codec-unknown': { status: 400, title: 'No such codec is declared here' },
  'codec-required': { status: 400, title: 'A new key needs ?codec=' },
  'codec-mismatch': { status: 409, title: 'The key holds a value of another codec' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'key-unknown': { status: 404, title: 'There is no such key' },
  'key-deleted': { status: 404, title: 'The key was deleted' },
  'ring-unknown': { status: 404, title: 'There is no such ring' },
  'lookup-failed': { status: 409, title: 'The ring has no answer for this key' },
  'value-undeclared': { status: 409, title: 'The value cannot be read here' },
  'precondition-failed': { status: 412, title: 'The value has changed meanwhile' },
  'request-invalid': { status: 400, title: 'The body does not say what to do' },
  'encryption-key-invalid': { status: 400, title: 'This is not an encryption key' },
  'encryption-key-unknown': { status: 404, title: 'There is no such encryption key' },
  'encryption-key-primary': { status: 409, title: 'The primary encryption key cannot be removed' },
  'keyring-full': { status: 409, title: 'The keyring holds its maximum of keys' },
  'store-full': { status: 507, title: 'The store holds its maximum of keys' },
  internal: { status: 500, title: 'Something went wrong here' },
} as const

/** Name of a kind of problem. */
export type ProblemKind = keyof typeof kinds

/** Further members of a problem's JSON, such as `path` or `allow`. */
export type ProblemDetails = Readonly<Record<string, unknown>>

/** A request that cannot be answered as asked. Thrown by resources, answered by the router. */
export class ProblemError extends Error {
  readonly kind: ProblemKind
  readonly details: ProblemDetails
  readonly headers: Readonly<Record<string, string>>

  constructor(
    kind: ProblemKind,
    detail: string,
    details: ProblemDetails = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail)
    this.name = 'ProblemError'
    this.kind = kind
    this.details = details
    this.headers = headers
  }
}

/** A problem as a response. */
export function problemResponse(problem: ProblemError): Response {
  const { status, title } = kinds[problem.kind]
  const body = {
    type: `urn:hearsay:problem:${problem.kind}`,
    title,
    status,
    detail: problem.message,
    ...problem.details,
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...problem.headers, 'content-type': 'application/problem+json' },
  })
}
