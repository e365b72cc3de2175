import { expect } from 'chai'
import { gate, inTime, until } from '../../../feature/both-ways.ts'
import { gist } from '../../../feature/receiver.ts'
import { closeAll, collect, observe, options, PERIOD_MS, receive } from './observed-world.ts'

describe('Observers.close', () => {
  afterEach(closeAll)

  it('send what is pending a last time, the last figures and closed included', async () => {
    const { accepted, report } = collect([() => false])
    const web = observe(options({ report, period: 3_600_000, resetTraffic: true }))
    web.tell('running')
    await until(() => web.observers.status()[0]?.lastError !== undefined, 'it is refused')
    web.tell('ready')
    web.serve(10)
    web.tell('closed')
    await web.observers.close()
    const figures = { ...web.totals }
    expect(gist(accepted)).to.deep.equal(['running', 'ready', figures, 'closed'])
  })

  it('wait for a request under way that has everything', async () => {
    const { opened, open } = gate()
    const { deliveries, accepted, report } = collect([() => opened])
    const web = observe(options({ report }))
    web.tell('closed')
    await until(() => deliveries.length === 1, 'it is under way')
    const closing = web.observers.close()
    open()
    await closing
    expect([deliveries.length, accepted.length]).to.deep.equal([1, 1])
  })

  it('leave half of the timeout to the last request if the one under way does not end', async () => {
    const { deliveries, accepted, report } = collect([() => new Promise(() => {})])
    const web = observe(options({ report, timeout: 200, period: 3_600_000 }))
    web.tell('ready')
    await until(() => deliveries.length === 1, 'it is under way')
    web.tell('closed')
    const before = performance.now()
    await web.observers.close()
    expect(performance.now() - before).to.be.lessThan(200)
    expect(gist(accepted)).to.deep.equal(['ready', 'closed'])
  })

  it('take no longer than the timeout for functions that never end', async () => {
    const web = observe(options({ report: () => new Promise(() => {}), timeout: 100 }))
    web.tell('ready')
    await until(() => web.pending === 1, 'it is under way')
    web.tell('closed')
    const before = performance.now()
    await web.observers.close()
    expect(performance.now() - before).to.be.within(90, 150)
  })

  it('take no longer than the timeout for a receiver that does not respond', async () => {
    const receiver = await receive(() => {})
    const web = observe(options({ url: new URL(receiver.url), timeout: 100 }))
    web.tell('closed')
    await inTime(web.observers.close(), 'they are closed', 200)
  })

  it('send nothing afterwards', async () => {
    const { deliveries, report } = collect([() => false, () => false])
    const web = observe(options({ report }))
    web.tell('closed')
    await web.observers.close()
    const { length } = deliveries
    await new Promise((resolve) => setTimeout(resolve, 3 * PERIOD_MS))
    expect(deliveries).to.have.length(length)
  })
})
