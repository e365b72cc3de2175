/** What is used of a connection of the package `@nats-io/transport-node`, beside what `@nats-io/kv` uses. */
export interface NatsConnection {
  flush(): Promise<unknown>
  close(): Promise<unknown>
  closed(): Promise<unknown>
  isClosed(): boolean
}
