/** Request bodies, bounded before they are kept. */
import { ProblemError } from './problem.ts'

/** The largest body that is read, unless the embedder says otherwise. */
export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024

/** A body as parsed JSON. Throws a {@link ProblemError} for one that is too large or not JSON. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const text = await readText(request, maxBytes)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ProblemError('json-malformed', text === '' ? 'the body is empty' : (error as Error).message, {
      path: '$',
    })
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () => new ProblemError('body-too-large', `a body may have ${maxBytes} bytes`, { maxBytes })
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  if (!request.body) return ''
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new ProblemError('json-malformed', 'the body is not UTF-8', { path: '$' })
  }
}
