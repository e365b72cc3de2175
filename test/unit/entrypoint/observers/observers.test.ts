import { expect } from 'chai'
import { until } from '../../../feature/both-ways.ts'
import { accept, gist, refuse } from '../../../feature/receiver.ts'
import type { ObserverEvent } from '../../../../lib/entrypoint/observers/observer-event.ts'
import { closeAll, bytesOf, collect, observe, options, PERIOD_MS, receive, type Report } from './observed-world.ts'

describe('Observers', () => {
  afterEach(closeAll)

  it('let no observer hold up or change what another gets', async () => {
    const fine = collect()
    const spoil: Report = (events) => {
      for (const event of events) Object.assign(event, { seq: 0, id: 'spoilt', status: undefined })
      throw new Error('no')
    }
    const web = observe(
      options({ name: 'stuck', report: () => new Promise(() => {}), resetTraffic: true }),
      options({ name: 'spoils', report: spoil, resetTraffic: true }),
      options({ name: 'fine', report: fine.report, resetTraffic: true }),
    )
    web.tell('ready')
    web.serve(10)
    await until(() => fine.accepted.length === 2, 'the first figures arrive')
    web.serve(5)
    await until(() => fine.accepted.length === 3, 'the second figures arrive')
    expect(bytesOf(fine.accepted)).to.deep.equal([10, 5])
    expect(fine.accepted.map(({ seq }) => seq)).to.deep.equal([1, 2, 3])
    expect(web.stats).to.include({ inputBytes: 15 })
  })

  it('send again unchanged what a function has changed', async () => {
    const deliveries: ObserverEvent[][] = []
    const web = observe(
      options({
        report: (events) => {
          deliveries.push(structuredClone(events))
          Object.assign(events[0] as object, { id: 'spoilt' })
          events.length = 0
          return deliveries.length > 1
        },
      }),
    )
    web.tell('ready')
    await until(() => web.pending === 0, 'it is accepted')
    expect(deliveries[1]).to.deep.equal(deliveries[0])
  })

  it('abort the signal at the timeout, and send again', async () => {
    const aborted: unknown[] = []
    const web = observe(
      options({
        timeout: PERIOD_MS,
        report: (_events, signal) => {
          if (aborted.length > 0) return true
          signal.addEventListener('abort', () => aborted.push(signal.reason))
          return new Promise(() => {})
        },
      }),
    )
    web.tell('ready')
    await until(() => web.observers.status()[0]?.lastError !== undefined, 'it fails')
    expect(web.observers.status()[0]?.lastError).to.equal(`no response within ${PERIOD_MS} ms`)
    expect(aborted).to.have.length(1)
    await until(() => web.pending === 0, 'it is accepted')
  })

  it('give up a receiver that does not respond at the timeout', async () => {
    const receiver = await receive(() => {})
    const web = observe(options({ url: new URL(receiver.url), timeout: PERIOD_MS }))
    web.tell('ready')
    await until(() => receiver.requests.length > 1, 'it is sent again')
    expect(receiver.events()).to.have.length(1)
  })

  it('call no function inside the change of state, and let none that is slow delay it', () => {
    let calls = 0
    const web = observe(options({ report: () => calls++ }))
    web.tell('ready')
    expect(calls).to.equal(0)
  })

  it('log once that an observer fails, and once that it is back', async () => {
    const receiver = await receive(refuse(503))
    const web = observe(options({ url: new URL(receiver.url), token: 's3cret' }))
    web.tell('running')
    await until(() => receiver.requests.length === 3, 'it has failed several times')
    receiver.respond = accept
    await until(() => web.pending === 0, 'it is back')
    web.tell('ready')
    await until(() => receiver.events().length === 2, 'the next is accepted')
    const place = { observer: 'audit', entryPoint: 'web' }
    expect(web.log.map(({ level, fields }) => [level, { ...(fields as object), error: undefined }])).to.deep.equal([
      ['warn', { ...place, error: undefined }],
      ['info', { ...place, error: undefined }],
    ])
    expect(web.log[0]?.fields).to.have.property('error').that.is.instanceOf(Error)
  })

  it('say how deliveries go', async () => {
    const { report } = collect([() => false])
    const web = observe(options({ report }))
    const fresh = { name: 'audit', entryPoint: 'web', pending: 0, dropped: 0 }
    const none = { lastAccepted: undefined, lastError: undefined }
    expect(web.observers.status()).to.deep.equal([{ ...fresh, ...none }])
    web.tell('ready')
    await until(() => web.observers.status()[0]?.lastError !== undefined, 'it fails')
    const lastError = 'the function returned false'
    expect(web.observers.status()).to.deep.equal([{ ...fresh, ...none, pending: 1, lastError }])
    const before = Date.now()
    await until(() => web.pending === 0, 'it is accepted')
    const [{ lastAccepted, ...rest } = none] = web.observers.status()
    expect(rest).to.deep.equal({ ...fresh, lastError: undefined })
    expect(lastAccepted).to.be.within(before, Date.now())
  })

  it('drop the oldest of more than 1,000 and say how many', async () => {
    const { accepted, report } = collect([() => false])
    const web = observe(options({ report, period: 300 }))
    web.tell('running')
    await until(() => web.observers.status()[0]?.lastError !== undefined, 'it fails')
    web.tell(...Array.from({ length: 1004 }, () => 'ready' as const))
    expect(web.observers.status()[0]).to.include({ pending: 1000, dropped: 5 })
    await until(() => web.pending === 0, 'the rest is accepted')
    expect(accepted.map(({ seq }) => seq)).to.deep.equal(Array.from({ length: 1000 }, (_, i) => i + 6))
    expect(accepted.flatMap(({ seq, dropped }) => (dropped ? [[seq, dropped]] : []))).to.deep.equal([[6, 5]])
  })

  it('tell in order the events of an entry point that is opened again, with its seq and what was pending', async () => {
    const { deliveries, accepted, report } = collect([() => false])
    const web = observe(options({ report, period: 3_600_000, resetTraffic: true }))
    web.tell('running', 'ready')
    await until(() => deliveries.length === 1, 'it is refused')
    web.serve(10)
    web.tell('closed')
    web.serve(5)
    web.observers.use([options({ report, resetTraffic: true })])
    web.tell('running')
    await until(() => accepted.length === 6, 'all is accepted')
    expect(accepted.map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 4, 5, 6])
    expect(bytesOf(accepted)).to.deep.equal([10, 5])
  })

  it('tell an observer that comes later of the latest state, and number its events after those of the others', async () => {
    const { accepted, report } = collect()
    const late = collect()
    const web = observe(options({ report }))
    web.tell('running', 'ready')
    web.observers.use([options({ report }), options({ name: 'late', report: late.report })])
    web.tell('closed')
    await until(() => accepted.length === 3 && late.accepted.length === 2, 'all is accepted')
    expect(gist(late.accepted)).to.deep.equal(['ready', 'closed'])
    expect(late.accepted.map(({ seq, dropped }) => [seq, dropped])).to.deep.equal([
      [3, undefined],
      [4, undefined],
    ])
  })

  it('go on with the numbers where there were none for a while, and tell no new one that it is closed', async () => {
    const { accepted, report } = collect()
    const web = observe(options({ report }))
    web.tell('running', 'closed')
    web.observers.use([])
    web.observers.use([options({ report })])
    web.tell('ready')
    await until(() => accepted.length === 3, 'all is told')
    expect(gist(accepted)).to.deep.equal(['running', 'closed', 'ready'])
    expect(accepted.map(({ seq }) => seq)).to.deep.equal([1, 2, 3])
  })

  it('send on each period what is pending of an entry point that is closed', async () => {
    const { accepted, report } = collect([() => false, () => false, () => false])
    const web = observe(options({ report }))
    web.tell('ready', 'closed')
    await until(() => accepted.length === 2, 'it is accepted')
  })
})
