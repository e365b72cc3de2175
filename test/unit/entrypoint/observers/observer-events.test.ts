import { expect } from 'chai'
import { gate, until } from '../../../feature/both-ways.ts'
import { accept, distinct, gist, refuse } from '../../../feature/receiver.ts'
import type { Stats } from '../../../../lib/entrypoint/statistics.ts'
import type { ObserverEvent } from '../../../../lib/entrypoint/observers/observer-event.ts'
import { closeAll, bytesOf, collect, observe, options, PERIOD_MS, receive } from './observed-world.ts'

describe('the events of observers', () => {
  afterEach(closeAll)

  it('send each change of state at once, with id, seq and time', async () => {
    const receiver = await receive()
    const web = observe(options({ url: new URL(receiver.url), period: 3_600_000 }))
    const before = Date.now()
    web.tell('running')
    await until(() => receiver.requests.length === 1, 'running arrives')
    web.tell('ready')
    await until(() => receiver.requests.length === 2, 'ready arrives')
    const events = receiver.events()
    const head = { kind: 'service', service: 'web', type: 'status' }
    expect(events.map(({ id: _id, time: _time, ...event }) => event)).to.deep.equal([
      { ...head, seq: 1, status: { state: 'running', msg: 'service web is running' } },
      { ...head, seq: 2, status: { state: 'ready', msg: 'service web is ready' } },
    ])
    expect(new Set(events.map(({ id }) => id))).to.have.length(2)
    for (const { time } of events) expect(time).to.be.within(before, Date.now())
  })

  it('send the labels of the entry point with each event', async () => {
    const { accepted, report } = collect()
    const web = observe(options({ report }))
    web.labels = { zone: 'a' }
    web.tell('ready')
    web.serve(1)
    await until(() => accepted.length === 2, 'both arrive')
    for (const { labels } of accepted) expect(labels).to.deep.equal({ zone: 'a' })
  })

  it('send the totals each period, only if something has changed', async () => {
    const { accepted, report } = collect()
    const web = observe(options({ report }))
    web.tell('ready')
    await new Promise((resolve) => setTimeout(resolve, 4 * PERIOD_MS))
    expect(gist(accepted)).to.deep.equal(['ready'])
    web.serve(10)
    await until(() => accepted.length === 2, 'the first figures arrive')
    await new Promise((resolve) => setTimeout(resolve, 4 * PERIOD_MS))
    web.serve(5)
    await until(() => accepted.length === 3, 'the second figures arrive')
    expect(bytesOf(accepted)).to.deep.equal([10, 15])
  })

  it('send the bytes since the event before with resetTraffic, and the totals of the rest', async () => {
    const { accepted, report } = collect()
    const web = observe(options({ report, resetTraffic: true }))
    web.tell('ready')
    web.serve(10)
    await until(() => accepted.length === 2, 'the first figures arrive')
    web.serve(5)
    await until(() => accepted.length === 3, 'the second figures arrive')
    expect(gist(accepted.slice(1))).to.deep.equal([
      { ...web.totals, inputBytes: 10, outputBytes: 20, totalRequests: 1 },
      { ...web.totals, inputBytes: 5, outputBytes: 10, totalRequests: 2 },
    ])
  })

  it('send no bytes below 0 if counting has begun anew', async () => {
    const { accepted, report } = collect()
    const web = observe(options({ report, resetTraffic: true }))
    web.tell('ready')
    web.serve(10)
    await until(() => accepted.length === 2, 'the first figures arrive')
    web.totals = { ...(web.totals as Stats), inputBytes: 4, outputBytes: 8 }
    await until(() => accepted.length === 3, 'the second figures arrive')
    expect(bytesOf(accepted)).to.deep.equal([10, 4])
  })

  it('send no figures where nothing is counted', async () => {
    const { accepted, report } = collect()
    const web = observe(options({ report }))
    web.totals = undefined
    web.tell('ready')
    await new Promise((resolve) => setTimeout(resolve, 3 * PERIOD_MS))
    web.tell('closed')
    await until(() => accepted.length === 2, 'closed arrives')
    expect(gist(accepted)).to.deep.equal(['ready', 'closed'])
  })

  for (const [how, verdict] of [
    ['returns false', () => false],
    ['throws', () => expect.fail('no')],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['throws nothing', () => Promise.reject()],
  ] as const) {
    it(`send again, unchanged and with what came meanwhile, what a function refuses that ${how}`, async () => {
      const { deliveries, accepted, report } = collect([verdict, verdict])
      const web = observe(options({ report, resetTraffic: true }))
      web.tell('ready')
      web.serve(10)
      await until(() => deliveries.length === 2, 'it is sent again')
      web.serve(5)
      await until(() => accepted.length === 3, 'it is accepted')
      expect(deliveries.map(gist)).to.deep.equal([
        ['ready'],
        ['ready', { ...web.totals, inputBytes: 10, outputBytes: 20, totalRequests: 1 }],
        [
          'ready',
          { ...web.totals, inputBytes: 10, outputBytes: 20, totalRequests: 1 },
          { ...web.totals, inputBytes: 5, outputBytes: 10 },
        ],
      ])
      const [, second, third] = deliveries
      expect(third?.slice(0, 2)).to.deep.equal(second)
    })
  }

  it('send again what a receiver refuses', async () => {
    const receiver = await receive(refuse(503))
    const web = observe(options({ url: new URL(receiver.url) }))
    web.tell('running', 'ready')
    await until(() => receiver.requests.length === 2, 'it is sent again')
    receiver.respond = accept
    await until(() => web.pending === 0, 'it is accepted')
    const [first, second] = receiver.requests
    expect(second?.events.slice(0, first?.events.length)).to.deep.equal(first?.events)
    expect(gist(receiver.events())).to.deep.equal(['running', 'ready'])
  })

  it('leave a status event that comes after a failure to the next period', async () => {
    const { deliveries, report } = collect([() => false])
    const web = observe(options({ report, period: 3_600_000 }))
    web.tell('running')
    await until(() => web.observers.status()[0]?.lastError !== undefined, 'it is refused')
    web.tell('ready')
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS))
    expect(deliveries).to.have.length(1)
  })

  it('send one request at a time, and then what came meanwhile', async () => {
    const { opened, open } = gate()
    const { deliveries, report } = collect([() => opened])
    const web = observe(options({ report }))
    web.tell('running')
    await until(() => deliveries.length === 1, 'the first is under way')
    web.tell('ready')
    web.serve(1)
    await until(() => web.pending === 3, 'a period has passed')
    expect(deliveries).to.have.length(1)
    open()
    await until(() => web.pending === 0, 'all is accepted')
    expect(deliveries.map((events) => events.length)).to.deep.equal([1, 2])
  })

  it('add up exactly, also where answers are lost', async () => {
    const taken: ObserverEvent[] = []
    let deliveries = 0
    const web = observe(
      options({
        resetTraffic: true,
        report: (events) => {
          taken.push(...events)
          return ++deliveries % 3 === 0
        },
      }),
    )
    web.tell('ready')
    for (let i = 1; i <= 10; i++) {
      web.serve(i)
      const before = deliveries
      await until(() => deliveries > before, 'a period has passed')
    }
    await until(() => web.pending === 0, 'all is accepted')
    expect(bytesOf(distinct(taken)).reduce((sum, bytes) => sum + bytes)).to.equal(55)
  })
})
