// What the application and its clients agree upon.

/** Short, so that in a short run each bites many times; still long for a machine that is busy. */
export const limits = {
  headersTimeout: 3000,
  requestTimeout: 4000,
  connectionsCheckingInterval: 200,
  keepAliveTimeout: 3000,
  timeout: 8000,
  maxBodySize: 256 * 1024,
  maxHeadersCount: 100,
  maxRequestsPerSocket: 200,
  maxConnections: 1000,
  maxUnsentBytes: 1024 * 1024,
}

export const handshakeTimeout = 4000

/** Longer than any other should have to wait for its answer, whoever else is being served. */
export const answeredWithinMs = 10_000

/** When the longest of them has struck everything that a client left behind. */
export const settledAfterMs = 2 * limits.timeout

export const page = 'a page that never changes\n'.repeat(500)
