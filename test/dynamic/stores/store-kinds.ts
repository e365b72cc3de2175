import { Kvm } from '@nats-io/kv'
import { connect } from '@nats-io/transport-node'
import { Client } from 'pg'
import { createClient } from 'redis'
import {
  etcdProvider,
  natsProvider,
  postgresProvider,
  redisProvider,
  type StoreProvider,
  type StoreProviderOptions,
} from 'tribind/providers'
import type { EngineName } from './engines.ts'

/** What an application or a script does to a document without a provider. */
export interface Writer {
  /** Writes any text. @param revision default: the next one */
  write(text: string, revision?: number): Promise<void>
  delete(): Promise<void>
  close(): Promise<void>
}

/** One kind of store, for the tests that are the same for all. */
export interface StoreKind {
  readonly name: EngineName
  createProvider(url: string, key: string, options?: StoreProviderOptions): StoreProvider
  /** Also makes what has to be there before the first document, such as a table. */
  createWriter(url: string, key: string): Promise<Writer>
  /** A provider with a client of the application. */
  readonly createInjected?: (url: string, key: string, options?: StoreProviderOptions) => Promise<Injected>
  /** Whether a revision can be written that is older. */
  readonly hasOwnRevisions: boolean
}

export interface Injected {
  readonly provider: StoreProvider
  /** Resolves if the client still works, and nothing of the provider is left on it. */
  check(): Promise<void>
  close(): Promise<void>
}

const redis: StoreKind = {
  name: 'redis',
  hasOwnRevisions: true,
  createProvider: (url, key, options) => redisProvider({ ...options, url, key }),
  async createWriter(url, key) {
    const client = createClient({ url })
    client.on('error', () => {})
    await client.connect()
    return {
      async write(text, revision) {
        const writing = client.multi().set(key, text)
        if (revision === undefined) writing.incr(`${key}:revision`)
        else writing.set(`${key}:revision`, String(revision))
        await writing.publish(key, 'changed').exec()
      },
      async delete() {
        await client.multi().del(key).publish(key, 'gone').exec()
      },
      close: () => client.close(),
    }
  },
  async createInjected(url, key, options) {
    const client = createClient({ url })
    client.on('error', () => {})
    await client.connect()
    const listeners = client.listenerCount('error')
    return {
      provider: redisProvider({ ...options, client, key }),
      async check() {
        if ((await client.ping()) !== 'PONG' || client.listenerCount('error') !== listeners)
          throw new Error('the client is not as it was')
        const others = (await client.sendCommand(['CLIENT', 'LIST', 'TYPE', 'PUBSUB'])) as string
        if (others.trim() !== '') throw new Error(`there is still a subscription: ${others}`)
      },
      close: () => client.close(),
    }
  },
}

const TABLE = 'tests.configuration'

const postgres: StoreKind = {
  name: 'postgres',
  hasOwnRevisions: true,
  createProvider: (url, key, options) => postgresProvider({ ...options, url, key, table: TABLE }),
  async createWriter(url, key) {
    const client = await openPostgres(url)
    // Of text, so that it takes what isn't JSON.
    await client.query(`
      create schema if not exists tests;
      create table if not exists tests.configuration (key text primary key, document text not null, revision bigint not null default 1);
      create table if not exists tests.configuration_instances
        (key text, id text, report json not null, reported_at timestamptz not null, primary key (key, id))`)
    return {
      async write(text, revision) {
        await client.query(
          `insert into ${TABLE} as held values ($1, $2, coalesce($3, 1))
           on conflict (key) do update set document = excluded.document, revision = coalesce($3, held.revision + 1)`,
          [key, text, revision],
        )
        await client.query(`notify "${TABLE}"`)
      },
      async delete() {
        await client.query(`delete from ${TABLE} where key = $1`, [key])
        await client.query(`notify "${TABLE}"`)
      },
      close: () => client.end(),
    }
  },
  async createInjected(url, key, options) {
    const client = await openPostgres(url)
    const count = () => ['error', 'end', 'notification'].map((name) => client.listenerCount(name)).join()
    const listeners = count()
    return {
      provider: postgresProvider({ ...options, client, key, table: TABLE }),
      async check() {
        const { rows } = await client.query('select pg_listening_channels()')
        if (rows.length > 0 || count() !== listeners)
          throw new Error(`it listens to ${JSON.stringify(rows)}, ${count()}`)
      },
      close: () => client.end(),
    }
  },
}

async function openPostgres(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

const nats: StoreKind = {
  name: 'nats',
  hasOwnRevisions: false,
  createProvider: (url, key, options) => natsProvider({ ...options, url, key }),
  async createWriter(url, key) {
    const connection = await connect({ servers: url, reconnectTimeWait: 50, maxReconnectAttempts: -1 })
    const bucket = await new Kvm(connection).create('tribind')
    return {
      write: async (text) => void (await bucket.put(key, text)),
      delete: () => bucket.delete(key),
      close: () => connection.close(),
    }
  },
  async createInjected(url, key, options) {
    const client = await connect({ servers: url })
    const { subscriptions } = (client as unknown as { protocol: { subscriptions: { size(): number } } }).protocol
    return {
      provider: natsProvider({ ...options, client, key }),
      async check() {
        await client.flush()
        // What answers requests stays for the next one.
        if (subscriptions.size() > 1) throw new Error(`${subscriptions.size()} subscriptions are left`)
      },
      close: () => client.close(),
    }
  },
}

const etcd: StoreKind = {
  name: 'etcd',
  hasOwnRevisions: false,
  createProvider: (url, key, options) => etcdProvider({ ...options, url, key }),
  createWriter: (url, key) => {
    const encode = (text: string) => Buffer.from(text).toString('base64')
    const call = async (name: string, body: object) => {
      const answer = await fetch(`${url}/v3/kv/${name}`, { method: 'POST', body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(await answer.text())
    }
    return Promise.resolve({
      write: (text) => call('put', { key: encode(key), value: encode(text) }),
      delete: () => call('deleterange', { key: encode(key) }),
      close: () => Promise.resolve(),
    })
  },
}

export const storeKinds: Readonly<Record<EngineName, StoreKind>> = { redis, postgres, nats, etcd }
