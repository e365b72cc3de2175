import { RedisStore } from 'connect-redis'
import { createClient } from 'redis'
import type { SessionStore } from 'tribind'

/**
 * Stores in a real Redis, each with keys of its own: at `REDIS_URL` or on the usual port; `undefined` where none answers.
 */
export async function findRedis(): Promise<{ createStore(): SessionStore; close(): Promise<void> } | undefined> {
  const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
  const client = createClient({ url, socket: { connectTimeout: 1000, reconnectStrategy: false } })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.ping()
  } catch {
    return undefined
  }
  const prefix = `tribind-test-${process.pid}-${Date.now()}:`
  let count = 0
  return {
    createStore: () => new RedisStore({ client, prefix: `${prefix}${count++}:` }),
    async close() {
      const keys = await client.keys(`${prefix}*`)
      if (keys.length > 0) await client.del(keys)
      await client.close()
    },
  }
}
