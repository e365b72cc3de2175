import { expect } from 'chai'
import type { Server } from 'tribind'
import { build } from '../../examples/17-json-api/main.ts'

describe('examples/17-json-api', () => {
  let log: string[]
  let server: Server
  beforeEach(async () => {
    log = []
    server = build({ write: (line) => log.push(line) })
    server.setPort(0)
    await server.start()
  })
  afterEach(() => server.stop())

  const JSON_TYPE = { 'content-type': 'application/json' }
  const ask = (what: string, body?: unknown, headers: Record<string, string> = JSON_TYPE): Promise<Response> => {
    const [path = '', method = 'GET'] = what.split(' ').reverse()
    const url = `http://127.0.0.1:${server.port}${path}`
    if (body === undefined) return fetch(url, { method, headers })
    return fetch(url, { method, headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  }
  const json = async (what: string, body?: unknown): Promise<unknown> => (await ask(what, body)).json()

  it('creates, reads, changes, filters and deletes', async () => {
    const created = await ask('POST /tasks', { title: ' Read ' })
    expect([created.status, created.headers.get('location')]).to.deep.equal([201, '/tasks/1'])
    expect(await created.json()).to.deep.equal({ id: 1, title: 'Read', done: false })

    await ask('POST /tasks', { title: 'Write' })
    expect(await json('PATCH /tasks/2', { done: true })).to.deep.equal({ id: 2, title: 'Write', done: true })
    expect(await json('/tasks?done=true')).to.deep.equal([{ id: 2, title: 'Write', done: true }])
    expect(await json('/tasks/1')).to.deep.equal({ id: 1, title: 'Read', done: false })

    const deleted = await ask('DELETE /tasks/1')
    expect([deleted.status, await deleted.text()]).to.deep.equal([204, ''])
    expect(await json('/tasks')).to.deep.equal([{ id: 2, title: 'Write', done: true }])
  })

  it('answers 400 with the issues', async () => {
    const answer = await ask('POST /tasks', { title: '' })
    expect(answer.status).to.equal(400)
    const { issues } = (await answer.json()) as { issues: { path: string[]; message: string }[] }
    expect(issues).to.have.length(1)
    expect(issues[0]?.path).to.deep.equal(['title'])
    expect(issues[0]?.message).to.be.a('string').and.not.equal('')
  })

  const refused: [why: string, status: number, what: string, body?: unknown, type?: string][] = [
    ['broken JSON', 400, 'POST /tasks', '{"title"'],
    ['a field that is not known', 400, 'POST /tasks', { title: 'a', admin: true }],
    ['a field of another type', 400, 'PATCH /tasks/1', { done: 'yes' }],
    ['an id that is not a number', 400, 'DELETE /tasks/first'],
    ['a query that is not a filter', 400, '/tasks?done=perhaps'],
    ['another content type', 415, 'POST /tasks', 'title=a', 'text/plain'],
    ['a large body', 413, 'POST /tasks', { title: 'x'.repeat(17_000) }],
    ['a task that is not there', 404, '/tasks/9'],
  ]

  for (const [why, status, what, body, type] of refused) {
    it(`answers ${status} as JSON to ${why}`, async () => {
      const answer = await ask(what, body, type === undefined ? JSON_TYPE : { 'content-type': type })
      expect(answer.status).to.equal(status)
      expect(await answer.json())
        .to.have.property('error')
        .that.is.a('string')
      expect(await json('/tasks')).to.deep.equal([])
    })
  }

  it('answers 405 with what is allowed', async () => {
    const answer = await ask('PUT /tasks', {})
    expect(answer.status).to.equal(405)
    expect(answer.headers.get('allow')).to.include('POST')
  })

  it('lets the pages of one origin use it', async () => {
    const preflight = await ask('OPTIONS /tasks', undefined, {
      origin: 'https://app.example.com',
      'access-control-request-method': 'POST',
    })
    expect(preflight.status).to.equal(204)
    expect(preflight.headers.get('access-control-allow-origin')).to.equal('https://app.example.com')
    // Also for errors, so that the page learns what is wrong.
    const refusal = await ask('POST /tasks', {}, { ...JSON_TYPE, origin: 'https://app.example.com' })
    expect(refusal.status).to.equal(400)
    expect(refusal.headers.get('access-control-allow-origin')).to.equal('https://app.example.com')
    expect(refusal.headers.get('x-content-type-options')).to.equal('nosniff')
  })

  it('logs each request', async () => {
    await ask('POST /tasks', { title: 'Read' })
    await ask('/tasks/9')
    await server.stop()
    expect(log.join('')).to.match(/^POST \/tasks 201 .*\nGET \/tasks\/9 404 .*\n$/)
  })
})
