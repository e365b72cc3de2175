import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { build } from '../../examples/22-live-routes/main.ts'
import { collectingLogger, until } from '../feature/both-ways.ts'

describe('examples/22-live-routes', () => {
  let server: Server

  beforeEach(async () => {
    server = build(collectingLogger())
    server.setPort(0)
    await server.start()
  })

  afterEach(() => server.stop())

  const ask = async (what: string, body?: string) => {
    const [path = '', method = 'GET'] = what.split(' ').reverse()
    const init = { method, ...(body !== undefined && { body }) }
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init)
    return { status: response.status, text: await response.text(), views: response.headers.get('x-views') }
  }

  it('has pages that come, change and go', async () => {
    expect((await ask('/about')).status).to.equal(404)
    expect((await ask('PUT /pages/about', 'We sell books.')).text).to.equal('{"version":2}')
    expect(await ask('/about')).to.deep.equal({ status: 200, text: 'We sell books.', views: '1' })
    await ask('PUT /pages/news', 'None.')
    await ask('PUT /pages/about', 'We sell bread.')
    expect(await ask('/about')).to.deep.equal({ status: 200, text: 'We sell bread.', views: '2' })
    expect((await ask('DELETE /pages/about')).text).to.equal('{"version":5}')
    expect([(await ask('/about')).status, (await ask('/news')).text]).to.deep.equal([404, 'None.'])
  })

  it('refuses what can be no page, and keeps the others', async () => {
    await ask('PUT /pages/about', 'We sell books.')
    for (const name of ['%7Bx', 'versions']) expect((await ask(`PUT /pages/${name}`, 'no')).status, name).to.equal(409)
    expect([(await ask('/about')).text, server.version]).to.deep.equal(['We sell books.', 2])
  })

  it('loses no change where several come at once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    await Promise.all(names.map((name) => ask(`PUT /pages/${name}`, name)))
    for (const name of names) expect((await ask(`/${name}`)).text).to.equal(name)
  })

  it('tells each viewer of each version', async () => {
    const request = get({ port: server.port, host: '127.0.0.1', path: '/versions' })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    const versions = () => [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as unknown)
    await until(() => versions().length === 1, 'the viewer knows the version')
    await ask('PUT /pages/about', 'We sell books.')
    await ask('DELETE /pages/about')
    await until(() => versions().length === 3, 'the viewer knows of both changes')
    expect(versions()).to.deep.equal([
      { version: 1, added: [], removed: [] },
      { version: 2, added: ['/about'], removed: [] },
      { version: 3, added: [], removed: ['/about'] },
    ])
    request.destroy()
  })

  it('serves the page that shows them', async () => {
    expect((await ask('/')).text).to.include("new EventSource('/versions')")
  })
})
