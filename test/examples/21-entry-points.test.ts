import { expect } from 'chai'
import type { Server } from 'tribind'
import { build } from '../../examples/21-entry-points/main.ts'
import { ask } from './serve.ts'

describe('examples/21-entry-points', () => {
  let server: Server
  beforeEach(async () => {
    server = build({ web: '127.0.0.1:0', ops: '127.0.0.1:0' })
    await server.start()
  })
  afterEach(() => server.stop())

  const at = (name: string, what: string) => ask(Number(server.entryPoint(name).addresses[0]?.split(':').at(-1)), what)

  it('shows the shop to all, and what is internal to operators', async () => {
    expect((await at('web', '/')).text).to.equal('the shop, at web')
    expect((await at('web', '/status')).status).to.equal(404)
    expect((await at('ops', '/')).status).to.equal(404)
    const status = (await at('ops', '/status')).json() as Record<string, unknown>
    expect(Object.keys(status)).to.deep.equal(['web', 'ops'])
    const { addresses } = server.entryPoint('ops')
    const latest = `service ops is listening on ${addresses[0]}`
    expect(status['ops']).to.deep.equal({ state: 'ready', addresses, labels: { zone: 'internal' }, latest })
  })

  it('opens and closes a preview', async () => {
    expect((await at('ops', 'DELETE /preview')).status).to.equal(404)
    const opened = await at('ops', 'PUT /preview')
    expect([opened.status, opened.json()]).to.deep.include(201).and.to.have.nested.property('1.state', 'ready')
    expect((await at('preview', '/')).text).to.equal('the shop, at preview')
    expect((await at('ops', 'PUT /preview')).status).to.equal(409)

    const closed = await at('ops', 'DELETE /preview')
    expect([closed.status, closed.json()]).to.deep.equal([200, { cut: 0 }])
    expect(server.entryPoint('preview').addresses).to.deep.equal([])
    expect((await at('web', '/')).status).to.equal(200)
    expect((await at('ops', 'PUT /preview')).status).to.equal(201)
  })
})
