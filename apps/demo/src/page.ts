/** The live page of one member, on a free port of loopback. */
import type { IncomingMessage } from 'node:http'
import { serve } from '@hono/node-server'

/** Anything that answers requests. */
interface Handler {
  fetch(request: Request, info: { readonly remoteAddress?: string }): Response | Promise<Response>
}

/** Serves a handler; returns its URL. */
export function servePage(handler: Handler): Promise<string> {
  return new Promise((resolve) => {
    serve(
      {
        fetch: (request, env) => {
          const { remoteAddress } = (env.incoming as IncomingMessage).socket
          return handler.fetch(request, remoteAddress === undefined ? {} : { remoteAddress })
        },
        hostname: '127.0.0.1',
        port: 0,
      },
      ({ port }) => resolve(`http://127.0.0.1:${port}/`),
    )
  })
}
