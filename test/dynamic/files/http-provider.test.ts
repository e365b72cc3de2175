import { createServer, type Server as NodeServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getEventListeners } from 'node:events'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ConfigError, type Handler, type Request, Server } from 'tribind'
import { httpProvider, type HttpProviderOptions } from 'tribind/providers'
import { RecordedSink, run, serve, stopAll } from './recorded-sink.ts'

const first = { routes: { first: { pattern: '/first', service: { text: 'First' } } } }
const second = { routes: { second: { pattern: '/second', service: { text: 'Second' } } } }
const json = (document: unknown) => JSON.stringify(document)

/** A source of configurations at `/routes.json`, and at other paths where a test adds them. */
class Source {
  readonly requests: { readonly url: string; readonly headers: Readonly<Record<string, unknown>> }[] = []
  answer: Handler = () => first
  readonly server: Server = new Server({ address: '127.0.0.1:0' })

  constructor() {
    this.server.bindHandler('/routes.json', (request) => this.take(request))
  }

  take(request: Request): unknown {
    this.requests.push({ url: request.url, headers: request.headers })
    return this.answer(request)
  }

  get origin(): string {
    return `http://${this.server.addresses[0]}`
  }
}

let source: Source
const others = new Set<NodeServer>()

beforeEach(() => {
  source = new Source()
})

afterEach(async () => {
  await stopAll()
  await source.server.stop()
  for (const other of others) {
    other.closeAllConnections()
    await new Promise((resolve) => other.close(resolve))
  }
  others.clear()
})

/** A server of Node.js alone, for answers that ours doesn't give. */
async function startBare(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer as never)
  others.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const provide = (options: HttpProviderOptions = {}, path = '/routes.json') =>
  httpProvider(`${source.origin}${path}`, { period: 20, ...options })

describe('httpProvider', () => {
  it('is a provider that is not required, named "http"', () => {
    expect(httpProvider('http://example.com')).to.include({ name: 'http', required: false })
    expect(httpProvider(new URL('https://example.com'), { name: 'shop', required: true })).to.include({
      name: 'shop',
      required: true,
    })
  })

  it('refuses what it cannot use, without a secret in the message', () => {
    const refuse = (url: unknown, options: unknown, message: string) => {
      const call = () => httpProvider(url as string, options as HttpProviderOptions)
      expect(call).to.throw(ConfigError, message)
      expect(call).to.not.throw(/hunter2/)
    }
    refuse('hunter2', {}, 'httpProvider: the URL must begin with http:// or https://, got another text')
    refuse('ftp://me:hunter2@example.com', {}, 'got ftp:')
    refuse(5, {}, 'got 5')
    refuse('http://example.com', { headers: { 'a b': 'hunter2' } }, 'option "headers" must be an object of texts')
    refuse('http://example.com', { headers: { a: 'hunter2\n' } }, 'option "headers" must be')
    refuse('http://example.com', { headers: { a: 5 } }, 'option "headers" must be')
    refuse('http://example.com', { period: '0s' }, 'option "period" must be a time from 1 ms')
    refuse('http://example.com', { every: '1s' }, 'unknown option "every"')
  })

  it('publishes what it gets, and what it becomes', async () => {
    await source.server.start()
    const { sink } = await serve(provide())
    expect(sink.last).to.deep.equal(first)
    source.answer = () => second
    await sink.next('published')
    expect(sink.last).to.deep.equal(second)
    await sink.next('alives')
    expect(sink.published).to.have.length(2)
  })

  it('asks by the ETag, which is its revision', async () => {
    source.answer = ({ headers, response }) => {
      response.setHeader('etag', '"v1"')
      if (headers['if-none-match'] === '"v1"') {
        response.status = 304
        return undefined
      }
      return first
    }
    await source.server.start()
    const { sink } = await serve(provide())
    await sink.next('alives')
    expect(sink.published).to.deep.equal([{ configuration: first, revision: '"v1"' }])
    expect(source.requests.slice(0, 2).map(({ headers }) => headers['if-none-match'])).to.deep.equal([
      undefined,
      '"v1"',
    ])
  })

  for (const [what, type, path, body] of [
    ['JSON by its type', 'application/json; charset=utf-8', '/x.yaml', json(first)],
    ['JSON by the suffix of its type', 'application/vnd.tribind+json', '/x', json(first)],
    [
      'YAML by its type',
      'application/yaml',
      '/x.json',
      'routes: { first: { pattern: /first, service: { text: First } } }',
    ],
    ['YAML by its older type', 'text/x-yaml', '/x', 'routes: { first: { pattern: /first, service: { text: First } } }'],
    ['TOML by its type', 'application/toml', '/x', '[routes.first]\npattern = "/first"\nservice.text = "First"'],
    [
      'YAML by its extension',
      'text/plain',
      '/x.yml',
      'routes: { first: { pattern: /first, service: { text: First } } }',
    ],
    ['JSON where nothing says what it is', undefined, '/x', json(first)],
  ] as const)
    it(`reads ${what}`, async () => {
      const origin = await startBare((_, response) => {
        if (type !== undefined) response.setHeader('content-type', type)
        response.end(body)
      })
      const { sink } = await serve(httpProvider(`${origin}${path}`))
      expect(sink.last).to.deep.equal(first)
    })

  it('tells what is wrong with a document, by its line, and keeps the last one', async () => {
    await source.server.start()
    const { sink } = await serve(provide({}, '/routes.json?token=hunter2'))
    source.answer = () => '{\n"routes": ]'
    await sink.next('failures')
    expect(sink.failures).to.deep.equal([`${source.origin}/routes.json:2: expected a value, got "]"`])
    source.answer = () => first
    await sink.next('published')
    await sink.next('alives')
    expect(sink.published).to.have.length(2)
    source.answer = () => ''
    await sink.next('failures')
    expect(sink.failures[1]).to.include('routes.json: is empty, which changes nothing')
  })

  describe('keeps the last one, and tells it, where the source', () => {
    const fail = async (answer: Handler, message: string) => {
      await source.server.start()
      const { sink } = await serve(provide())
      source.answer = answer
      await sink.next('failures')
      expect(sink.failures[0]).to.equal(`${source.origin}/routes.json: ${message}`)
      source.answer = () => first
      await sink.next('alives')
      expect(sink.published).to.have.length(1)
    }

    for (const status of [404, 401, 500, 503])
      it(`answers ${status}`, () => fail(({ response }) => void (response.status = status), `answers ${status}`))

    it('answers 304 without having been asked by an ETag', () =>
      fail(({ response }) => void (response.status = 304), 'answers 304'))

    it('answers more than 8 MiB', () =>
      fail(() => json({ routes: {}, more: 'x'.repeat(8 * 1024 * 1024) }), 'is larger than 8 MiB'))

    it('answers what is no text', () => fail(() => Buffer.from([0x61, 0xff]), 'is not a text in UTF-8'))

    it('answers what becomes more than 8 MiB', () =>
      fail(({ response }) => {
        response.setHeader('content-encoding', 'gzip')
        return gzipSync(Buffer.alloc(100 * 1024 * 1024))
      }, 'is larger than 8 MiB'))

    it('breaks off', () =>
      fail(({ response }) => void response.hijack().request.socket.destroy(), "can't be reached (UND_ERR_SOCKET)"))
  })

  it('stops reading at 8 MiB of a body without an end', async () => {
    let sent = 0
    const closed = new Promise<void>((resolve) => {
      void startBare((_, response) => {
        const chunk = Buffer.alloc(64 * 1024, 32)
        const write = () => {
          for (let isFree = true; isFree && !response.destroyed; sent += chunk.length) isFree = response.write(chunk)
        }
        response.on('drain', write)
        response.on('close', resolve)
        write()
      }).then((origin) => run(httpProvider(origin)))
    })
    await closed
    expect(sent).to.be.within(8 * 1024 * 1024 - 64 * 1024, 64 * 1024 * 1024)
  })

  it('tells of a source that is away, and goes on when it is back', async () => {
    const origin = await startBare((_, response) => response.end(json(first)))
    const { sink } = await serve(httpProvider(`${origin}/routes.json`, { period: 20 }))
    const [server] = others
    server?.closeAllConnections()
    await new Promise((resolve) => server?.close(resolve))
    await sink.next('failures')
    await sink.next('failures')
    expect(sink.failures.at(-1)).to.equal(`${origin}/routes.json: can't be reached (ECONNREFUSED)`)
    await new Promise<void>((resolve) => server?.listen(Number(new URL(origin).port), '127.0.0.1', resolve))
    await sink.next('alives')
    expect(sink.published).to.have.length(1)
  })

  it('waits longer from failure to failure', async () => {
    const times: number[] = []
    const origin = await startBare((_, response) => {
      times.push(performance.now())
      response.writeHead(500).end()
    })
    const { sink } = run(httpProvider(origin, { period: 20 }))
    await sink.until(() => sink.failures.length >= 3)
    const [one = 0, two = 0, three = 0] = times
    expect(two - one).to.be.within(400, 900)
    expect(three - two).to.be.within(850, 1600)
  })

  describe('with a redirect', () => {
    it('follows one within the origin, with its headers', async () => {
      source.answer = ({ response }) => response.redirectTo('/moved?to=here')
      source.server.bindHandler('/moved', ({ url, headers }) => {
        source.requests.push({ url, headers })
        return first
      })
      await source.server.start()
      const { sink } = await serve(provide({ headers: { 'x-token': 'hunter2' }, period: '1m' }))
      expect(sink.last).to.deep.equal(first)
      expect(source.requests.map(({ url, headers }) => [url, headers['x-token']])).to.deep.equal([
        ['/routes.json', 'hunter2'],
        ['/moved?to=here', 'hunter2'],
      ])
    })

    it('follows none to another origin, which would get the headers', async () => {
      let isAsked = false
      const other = await startBare((_, response) => {
        isAsked = true
        response.end(json(first))
      })
      for (const to of [`${other}/stolen?token=hunter2`, `//user:hunter2@127.0.0.1:${new URL(other).port}/`]) {
        const origin = await startBare((_, response) => response.writeHead(302, { location: to }).end())
        const { sink } = run(httpProvider(origin, { headers: { authorization: 'hunter2' } }))
        await sink.next('failures')
        expect(sink.failures).to.deep.equal([
          `${origin}/: redirects to another origin, ${other}, which is not followed: use its URL instead`,
        ])
      }
      expect(isAsked).to.equal(false)
    })

    it('gives up a circle', async () => {
      source.answer = ({ response }) => response.redirectTo('/routes.json')
      await source.server.start()
      const { sink } = run(provide())
      await sink.next('failures')
      expect(sink.failures[0]).to.include('redirects more than 5 times')
      expect(source.requests).to.have.length(6)
    })
  })

  it('sends its headers, and the credentials of the URL, which no message has', async () => {
    source.answer = ({ response }) => void (response.status = 401)
    await source.server.start()
    const url = source.origin.replace('//', '//me:hunter%32@')
    const { sink } = run(httpProvider(`${url}/routes.json?token=hunter2#hunter2`, { headers: { 'x-shop': 'hunter2' } }))
    await sink.next('failures')
    expect(source.requests[0]?.headers).to.include({
      authorization: `Basic ${Buffer.from('me:hunter2').toString('base64')}`,
      'x-shop': 'hunter2',
    })
    expect(source.requests[0]?.url).to.equal('/routes.json?token=hunter2')
    expect(sink.failures[0]).to.equal(`${source.origin}/routes.json: answers 401`)
  })

  it('reloads at once, also what has not changed', async () => {
    source.answer = ({ response }) => {
      response.setHeader('etag', '"v1"')
      return first
    }
    await source.server.start()
    const provider = provide({ period: '1h' })
    const { sink } = await serve(provider)
    source.answer = () => second
    await provider.reload?.()
    expect(sink.published.map(({ configuration }) => configuration)).to.deep.equal([first, second])
    await provider.reload?.()
    expect(sink.published).to.have.length(3)
    expect(source.requests.map(({ headers }) => headers['if-none-match'])).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('ends at once with its signal, and leaves no listener behind', async () => {
    const origin = await startBare(() => {})
    const sink = new RecordedSink()
    const stop = new AbortController()
    const ended = httpProvider(origin).provide(sink, stop.signal)
    await new Promise((resolve) => [...others][0]?.once('request', resolve))
    const begin = performance.now()
    stop.abort()
    await ended
    expect(performance.now() - begin).to.be.below(1000)
    expect([sink.failures, sink.published]).to.deep.equal([[], []])
    expect(getEventListeners(stop.signal, 'abort')).to.deep.equal([])
  })
})
