import { expect } from 'chai'
import { createClient } from 'redis'
import { redisProvider } from 'tribind/providers'
import { describeEngine } from './describe-engine.ts'
import { follow } from './recording-sink.ts'
import { storeKinds } from './store-kinds.ts'
import { describeStore } from './store-suite.ts'
import { untilTrue } from './until-true.ts'

describeEngine('redis', (engine) => {
  describeStore(storeKinds.redis, engine)

  const connect = async () => {
    const client = createClient({ url: engine().url })
    client.on('error', () => {})
    return client.connect()
  }

  it('follows the key and the channel that it is given, without a revision too', async () => {
    const client = await connect()
    const { sink, end } = follow(redisProvider({ client, key: 'gateway', channel: 'told', period: '1h' }))
    await sink.until('the missing key is told', () => sink.failures.length === 1)
    await client.set('gateway', '{"routes":{}}')
    await client.publish('gateway', 'not that channel')
    await client.publish('told', '')
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.published[0]?.revision).to.match(/^[\w-]{16}$/)
    await client.set('gateway', '{"routes":{},"services":{}}')
    await client.publish('told', '')
    await sink.until('the change is published', () => sink.published.length === 2)
    expect(sink.published[1]?.revision).not.to.equal(sink.published[0]?.revision)
    await end()
    await client.close()
  })

  it('refuses a revision that is none', async () => {
    const client = await connect()
    await client.mSet({ odd: '{}', 'odd:revision': 'seven' })
    const { sink, end } = follow(redisProvider({ client, key: 'odd' }))
    await sink.until('it is told', () => sink.failures.length === 1)
    expect(sink.messages[0]).to.include('the key "odd:revision" must have an integer')
    await end()
    await client.close()
  })

  it('goes on when a client of the application has connected again', async () => {
    const client = createClient({ url: engine().url, socket: { reconnectStrategy: () => 50 } })
    // Without a listener of the application: an error would end the process.
    await client.connect()
    const provider = redisProvider({ client, key: 'injected', heartbeat: 500, period: '1h' })
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

  it('tells of a client of the application that is not connected', async () => {
    const { sink, end } = follow(redisProvider({ client: createClient({ url: engine().url }) }))
    await sink.until('it is told', () => sink.failures.length === 1)
    expect(sink.messages[0]).to.include('the client that was passed in is not connected')
    await end()
  })

  it('writes what a process says of itself for two minutes', async () => {
    const client = await connect()
    const provider = redisProvider({ client, key: 'reported' })
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    const [instance] = await untilTrue(
      () => provider.instances(),
      ({ length }) => length === 1,
    )
    const life = await client.pTTL(`reported:instances:${instance?.id}`)
    expect(life).to.be.within(110_000, 120_000)
    await client.del(`reported:instances:${instance?.id}`)
    expect(await provider.instances()).to.deep.equal([])
    expect(await client.sMembers('reported:instances')).to.deep.equal([])
    await end()
    await client.close()
  })

  it('serves on where what it says of itself can not be written, and tells that once', async () => {
    const client = await connect()
    await client.set('full:instances', 'not a set')
    const provider = redisProvider({ client, key: 'full' })
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is told', () => sink.failures.length === 1)
    expect(sink.failures[0]).to.have.property('failure', 'ERR_TRIBIND_STORE_REPORT')
    await provider.write({ services: {} })
    await sink.until('a change is published', () => sink.published.length === 2)
    expect([sink.failures.length, sink.isAlive]).to.deep.equal([1, true])
    await end()
    await client.close()
  })
})
