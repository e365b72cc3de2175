import type { RequestCore } from './request-core.ts'

/** Those that were asked for: few requests need one, so it is no field of all. */
const known = new WeakMap<RequestCore, globalThis.Request>()

/**
 * Returns a request as `fetch` knows it: always the same, whose body is read when it is asked for.
 *
 * @throws TypeError for the methods that it can't have: CONNECT and TRACE
 */
export function webRequestOf(core: RequestCore): globalThis.Request {
  const before = known.get(core)
  if (before !== undefined) return before
  const request = createRequest(core)
  known.set(core, request)
  return request
}

function createRequest(core: RequestCore): globalThis.Request {
  const { method, protocol, authority, url, signal } = core
  const target = url.startsWith('/') ? `${protocol}://${authority ?? 'localhost'}${url}` : url
  const headers = readHeaders(core)
  if (method === 'GET' || method === 'HEAD') return new globalThis.Request(target, { method, headers, signal })
  const init = { method, headers, signal, body: openBody(core), duplex: 'half' as const }
  return new globalThis.Request(target, init)
}

function readHeaders({ raw, settings }: RequestCore): Headers {
  const headers = new Headers()
  for (let i = 0; i < raw.rawHeaders.length; i += 2) {
    const name = raw.rawHeaders[i] as string
    // Those of HTTP/2 that say what is in the URL.
    if (!name.startsWith(':')) headers.append(name, raw.rawHeaders[i + 1] as string)
  }
  // The body is read inflated.
  if (settings.inflating !== undefined && headers.has('content-encoding')) {
    headers.delete('content-encoding')
    headers.delete('content-length')
  }
  return headers
}

/** The body, inflated and within its limits, from its first chunk that is asked for. */
function openBody(core: RequestCore): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Buffer> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= core.openBody().stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
        const { done, value } = await chunks.next()
        if (done === true) controller.close()
        else controller.enqueue(new Uint8Array(value))
      },
      async cancel() {
        await chunks?.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
