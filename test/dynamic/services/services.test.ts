import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Request } from 'tribind'
import { createWorld, type World } from '../model/aggregate-world.ts'

describe('services of a configuration', () => {
  let world: World
  beforeEach(() => (world = createWorld()))
  afterEach(() => world.server.stop())

  const serve = (service: object, pattern = '/*path') =>
    world.apply({ file: { routes: { one: { pattern, service } } } })

  it('text and json answer with status and fields', async () => {
    await serve({ text: 'Hello', status: 201, headers: { 'X-One': '1' } })
    const { status, headers } = await world.server.inject('/x')
    expect([status, headers['x-one'], headers['content-type']]).to.deep.equal([201, '1', 'text/plain; charset=utf-8'])
    await serve({ json: { a: ['ä'] } })
    expect(await world.get('/x')).to.equal('200 {"a":["ä"]}')
    await serve({ json: 'text' })
    expect(await world.get('/x')).to.equal('200 "text"')
  })

  it('redirect answers 302, or another status', async () => {
    await serve({ redirect: { to: 'https://example.com/new' } })
    const { status, headers } = await world.server.inject('/x')
    expect([status, headers.location]).to.deep.equal([302, 'https://example.com/new'])
    await serve({ redirect: { to: '/new', status: 308 } })
    expect((await world.server.inject('/x')).status).to.equal(308)
  })

  it('use binds handlers, objects and controllers that code gave a name to', async () => {
    class Books {
      index() {
        return 'all'
      }
      showOne(request: Request) {
        return request.path
      }
    }
    // A plain function has a prototype, as a class does.
    world.server.provide('handler', function show(request: Request) {
      return `shown ${request.params['id']}`
    })
    world.server.provide('class', Books)
    world.server.provide('object', new Books())
    await world.apply({
      file: {
        routes: {
          handler: { pattern: '/books/:id', service: { use: 'handler' } },
          class: { pattern: '/class', service: { use: 'class' } },
          object: { pattern: '/object', service: { use: 'object' } },
        },
      },
    })
    expect(await world.get('/books/7')).to.equal('200 shown 7')
    for (const kind of ['class', 'object']) {
      expect(await world.get(`/${kind}`)).to.equal('200 all')
      expect(await world.get(`/${kind}/show-one`)).to.equal(`200 /${kind}/show-one`)
    }
    expect(await world.check({ file: { services: { a: { use: 'objekt' } } } })).to.deep.equal({
      file: [
        {
          path: 'services.a.use',
          message: 'must be a name that server.provide() was called with, got "objekt", did you mean "object"?',
        },
      ],
    })
  })

  it('static serves what the rest of a pattern took, below its root alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tribind-dynamic-'))
    try {
      await writeFile(join(folder, 'a.txt'), 'A')
      await serve({ static: { root: folder } }, '/files/:version/*path')
      expect(await world.get('/files/1/a.txt')).to.equal('200 A')
      expect(await world.get('/files/1/%2e%2e/a.txt')).to.match(/^40/)
      expect(await world.get('/files/1/b.txt')).to.equal('404 Not Found')
      const { status, headers } = await world.server.inject({ method: 'POST', url: '/files/1/a.txt' })
      expect([status, headers.allow]).to.deep.equal([405, 'GET, HEAD'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('static needs a root that exists, and a rest to serve by', async () => {
    expect(
      await world.check({
        file: {
          routes: {
            a: { pattern: '/a/*path', service: { static: { root: '/nowhere/at/all' } } },
            b: { pattern: '/b', service: { static: { root: '.' } } },
          },
        },
      }),
    ).to.deep.equal({
      file: [
        {
          path: 'routes.b.pattern',
          message: 'must have one "*", at its end, such as "/files/*path": what it takes is the path in the folder',
        },
        { path: 'routes.a.service.static.root', message: 'must be an existing folder, got "/nowhere/at/all"' },
      ],
    })
  })

  it('weighted spreads exactly, and keeps its turn where what it leads to changes', async () => {
    const document = (a: string) => ({
      routes: { one: { pattern: '/*', service: 'spread' } },
      services: {
        spread: { weighted: [{ service: 'a', weight: 3 }, { service: { text: 'b' } }] },
        a: { text: a },
      },
    })
    const next = async (count: number) => {
      let taken = ''
      for (let i = 0; i < count; i++) taken += (await world.get('/')).slice(4)
      return taken
    }
    await world.apply({ file: document('a') })
    expect(await next(8)).to.equal('aabaaaba')
    expect(await next(2)).to.equal('aa')
    await world.apply({ file: document('A') })
    expect(await next(6)).to.equal('bAAAbA')
  })

  it('a part of weighted, mirror and failover is one handler', async () => {
    world.server.provide('object', { index: () => 'all' })
    const service = { weighted: [{ service: { use: 'object' } }] }
    expect(await world.check({ file: { services: { service } } })).to.deep.equal({
      file: [
        {
          path: 'services.service.weighted.0.service',
          message: 'must be a service that is one handler; an object or a class has several',
        },
      ],
    })
  })

  it('has services of its own: not-found and unavailable', async () => {
    await serve({ text: 'wide' })
    await world.apply({
      file: {
        routes: {
          wide: { pattern: '/*', service: { text: 'wide' } },
          none: { pattern: '/none', service: 'not-found@internal' },
          away: { pattern: '/away', service: 'unavailable@internal' },
        },
      },
    })
    expect(await world.get('/none')).to.equal('404 Not Found')
    expect(await world.get('/away')).to.equal('503 Service Unavailable')
    expect(await world.get('/other')).to.equal('200 wide')
  })
})
