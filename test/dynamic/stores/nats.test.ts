import { Kvm } from '@nats-io/kv'
import { connect } from '@nats-io/transport-node'
import { expect } from 'chai'
import { natsProvider } from 'tribind/providers'
import { describeEngine } from './describe-engine.ts'
import { follow } from './recording-sink.ts'
import { storeKinds } from './store-kinds.ts'
import { describeStore } from './store-suite.ts'
import { untilTrue } from './until-true.ts'

describeEngine('nats', (engine) => {
  describeStore(storeKinds.nats, engine)

  it('says what to do where the bucket is missing', async () => {
    const provider = natsProvider({ url: [engine().url], bucket: 'missing' })
    const { sink, end } = follow(provider)
    await sink.until('it is told', () => sink.failures.length === 1)
    expect(sink.failures[0]).to.have.property('failure', 'ERR_TRIBIND_STORE_EMPTY')
    expect(sink.messages[0]).to.match(/there is no bucket "missing": create it with nats kv add missing/)
    await provider.write({ routes: {} })
    await sink.until('it is published', () => sink.published.length === 1)
    await end()
  })

  it('goes on when a client of the application has connected again', async () => {
    const client = await connect({ servers: engine().url, reconnectTimeWait: 50, maxReconnectAttempts: -1 })
    const provider = natsProvider({ client, key: 'injected', heartbeat: 500, period: '1h' })
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    await engine().crash()
    await sink.until('it is told', () => sink.failures.length > 0)
    await engine().start()
    await sink.until('it answers again', () => sink.isAlive)
    await provider.write({ routes: {}, services: {} })
    await sink.until('a change is published', () => sink.published.length === 2)
    await end()
    await client.close()
  })

  it('begins anew where the bucket was deleted and created again', async () => {
    const client = await connect({ servers: engine().url })
    const provider = natsProvider({ client, bucket: 'anew', heartbeat: 500, period: 200 })
    for (const _time of [1, 2, 3]) await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    await (await new Kvm(client).open('anew')).destroy()
    await sink.until('it is told', () => sink.failures.length > 0)
    expect(await provider.write({ services: {} })).to.equal(1)
    await sink.until('the new one is published', () => sink.published.length === 2)
    await end()
    await client.close()
  })

  it('writes what a process says of itself for two minutes', async () => {
    const client = await connect({ servers: engine().url })
    const provider = natsProvider({ client, bucket: 'reported' })
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    await untilTrue(
      () => provider.instances(),
      ({ length }) => length === 1,
    )
    const status = await (await new Kvm(client).open('reported-instances')).status()
    expect(status.ttl).to.equal(120_000)
    await end()
    await client.close()
  })
})
