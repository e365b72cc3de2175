import { expect } from 'chai'
import { etcdProvider } from 'tribind/providers'
import { describeEngine } from './describe-engine.ts'
import { follow } from './recording-sink.ts'
import { storeKinds } from './store-kinds.ts'
import { describeStore } from './store-suite.ts'
import { untilTrue } from './until-true.ts'

describeEngine('etcd', (engine) => {
  describeStore(storeKinds.etcd, engine)

  const encode = (text: string) => Buffer.from(text).toString('base64')
  const call = async (name: string, body: object, token?: string) => {
    const headers = token === undefined ? {} : { Authorization: token }
    const answer = await fetch(`${engine().url}/v3/${name}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await answer.json()) as Record<string, never>
  }

  it('tries the next member of the cluster where one does not answer', async () => {
    const provider = etcdProvider({ url: ['http://127.0.0.1:1', engine().url], key: 'several' })
    await etcdProvider({ url: engine().url, key: 'several' }).write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    expect(sink.failures).to.have.length(1)
    await end()
  })

  it('refuses what is not UTF-8', async () => {
    await call('kv/put', { key: encode('bytes'), value: Buffer.from('{"a":"\u00ff"}', 'latin1').toString('base64') })
    const { sink, end } = follow(etcdProvider({ url: engine().url, key: 'bytes' }))
    await sink.until('it is told', () => sink.failures.length === 1)
    expect(sink.messages[0]).to.include('must be UTF-8')
    await end()
  })

  it('writes what a process says of itself with a lease of two minutes', async () => {
    const provider = etcdProvider({ url: engine().url, key: 'reported' })
    await provider.write({ routes: {} })
    const { sink, end } = follow(provider)
    await sink.until('it is published', () => sink.published.length === 1)
    const [instance] = await untilTrue(
      () => provider.instances(),
      ({ length }) => length === 1,
    )
    const { kvs } = await call('kv/range', { key: encode(`reported/instances/${instance?.id}`) })
    const [{ lease }] = kvs as unknown as [{ lease: string }]
    const { TTL } = await call('lease/timetolive', { ID: lease })
    expect(Number(TTL)).to.be.within(100, 120)
    await end()
  })

  it('logs in as the user of the url', async () => {
    for (const name of ['root', 'reader']) await call('auth/user/add', { name, password: 'tests only' })
    await call('auth/role/add', { name: 'root' })
    await call('auth/user/grant', { user: 'root', role: 'root' })
    await call('auth/enable', {})
    const url = (user: string) => engine().url.replace('//', `//${user}:tests%20only@`)
    try {
      const provider = etcdProvider({ url: url('root'), key: 'guarded' })
      await provider.write({ routes: {} })
      const { sink, end } = follow(provider)
      await sink.until('it is published', () => sink.published.length === 1)
      await end()
      const denied = follow(etcdProvider({ url: url('reader'), key: 'guarded' }))
      await denied.sink.until('it is told', () => denied.sink.failures.length === 1)
      expect(denied.sink.messages[0]).to.include('permission denied').and.not.include('tests only')
      await denied.end()
    } finally {
      const { token } = await call('auth/authenticate', { name: 'root', password: 'tests only' })
      await call('auth/disable', {}, token)
    }
  })
})
