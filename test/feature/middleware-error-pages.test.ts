import { expect } from 'chai'
import { ConfigError, errorPages, fromConnect, HttpError } from 'tribind'
import { forward } from 'tribind/forward'
import { bodyOf, closeAfterEach, closeLater, fieldOf, openFront, openNode, statusOf } from '../forward/forward-world.ts'
import { bothWays, callUntyped, thrownBy } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('errorPages', () => {
  closeAfterEach()
  const folder = temporaryFolder({ '404.html': '<h1>Nothing here</h1>' })

  bothWays(
    'replaces bodies by what a handler makes; the status stays',
    (server) => {
      const events: string[] = []
      server.bindStatusHandler(403, ({ response }) => response.write(' and more'))
      server.use(
        errorPages({
          status: ['5xx', 404, '403-405'],
          path: '/pages/{status}',
          service: ({ path, method, response }) => {
            events.push(`${method} ${path}`)
            response.setHeader('X-Page', String(response.status))
            response.writeHtml(`<h1>${path}</h1>`)
          },
        }),
      )
      server.all('/fails', () => {
        throw new Error('secret')
      })
      server.get('/refuses', () => {
        throw new HttpError(403, 'not you', { headers: { 'X-Why': 'because' } })
      })
      server.get('/set', ({ response }) => {
        response.setHeader('ETag', '"a"')
        response.writeStatus(502, 'its own text')
      })
      server.get('/ok', () => 'ok')
      server.get('/teapot', ({ response }) => response.writeStatus(418, 'teapot'))
      server.get('/exits', (request) => {
        request.response.writeStatus(500, 'left')
        return request.exitAll()
      })
      return events
    },
    async (send, events, { log }) => {
      const run = async (line: string) => {
        const { status, text, header } = await send(line)
        return [status, text, header('content-type'), header('x-page')]
      }
      const page = (status: number) => [status, `<h1>/pages/${status}</h1>`, 'text/html; charset=utf-8', String(status)]
      expect(await run('/fails')).to.deep.equal(page(500))
      expect(await run('POST /fails')).to.deep.equal(page(500))
      expect(await run('/nowhere')).to.deep.equal(page(404))
      expect(await run('/set')).to.deep.equal(page(502))
      const { header, text } = await send('/refuses')
      expect([header('x-why'), text]).to.deep.equal(['because', '<h1>/pages/403</h1> and more'])
      expect((await send('/set')).header('etag')).to.equal(undefined)
      const wrongMethod = await send('PUT /ok')
      expect([wrongMethod.status, wrongMethod.header('allow')]).to.deep.equal([405, 'GET, HEAD'])
      expect((await run('/ok')).slice(0, 2)).to.deep.equal([200, 'ok'])
      expect((await run('/teapot')).slice(0, 2)).to.deep.equal([418, 'teapot'])
      expect((await run('/exits')).slice(0, 2)).to.deep.equal([500, 'left'])
      const head = await send('HEAD /nowhere')
      expect([head.status, head.text, head.header('content-length')]).to.deep.equal([404, '', '19'])
      expect(new Set(events.map((event) => event.split(' ')[0]))).to.deep.equal(new Set(['GET', 'HEAD']))
      const errors = log.filter(({ level }) => level === 'error')
      expect(errors.map(({ message }) => message)).to.deep.equal(['GET /fails failed', 'POST /fails failed'])
    },
    { methodNotAllowed: true },
  )

  bothWays(
    'keeps the text of the status where the page fails, and takes a file, a value or nothing for one',
    (server) => {
      const pages = {
        throws: () => {
          throw new HttpError(401)
        },
        missing: (request: Parameters<Parameters<typeof errorPages>[0]['service']>[0]) =>
          request.response.serveFile('none.html', { root: folder }),
        file: (request: Parameters<Parameters<typeof errorPages>[0]['service']>[0]) => {
          void request.response.serveFile('404.html', { root: folder })
        },
        value: async () => ({ error: 'none' }),
        empty: () => {},
        web: () => new Response('page', { status: 200 }),
      }
      for (const [name, service] of Object.entries(pages))
        server.bindMiddleware(`/${name}`, errorPages({ status: [404], service }))
    },
    async (send, _world, { log }) => {
      const run = async (url: string) => {
        const { status, text } = await send(url)
        return [status, text]
      }
      expect(await run('/throws')).to.deep.equal([404, 'Not Found'])
      expect(await run('/missing')).to.deep.equal([404, 'Not Found'])
      expect(log.filter(({ level }) => level === 'error')).to.have.length(2)
      expect(await run('/file')).to.deep.equal([404, '<h1>Nothing here</h1>'])
      expect(await run('/value')).to.deep.equal([404, '{"error":"none"}'])
      for (let i = 0; i < 2; i++) expect(await run('/empty')).to.deep.equal([404, 'Not Found'])
      const warnings = log.filter(({ level }) => level === 'warn')
      expect(warnings.map(({ message }) => message)).to.deep.equal([
        'errorPages: there is no page for 404, so its text is sent',
      ])
      expect(await run('/web')).to.deep.equal([404, 'page'])
    },
  )

  bothWays(
    'leaves alone what Connect middleware has answered',
    (server) => {
      server.use(errorPages({ status: [404], service: () => 'page' }))
      server.use(
        fromConnect((_request, response) => {
          response.statusCode = 404
          response.end('its own')
        }),
      )
    },
    async (send) => {
      expect((await send('/')).text).to.equal('its own')
    },
  )

  it('replaces the answers of nodes by those of another, without the body of the request', async () => {
    const broken = await openNode((_, response) => {
      response.writeHead(503, 'Gone fishing', { 'x-node': 'broken', 'content-encoding': 'x' }).write('a part')
    })
    const pages = await openNode((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>sorry</h1>'),
    )
    const service = forward(pages.url)
    closeLater(() => service.close())
    const front = await openFront(broken.url, {}, (server, handler) => {
      server.group('/g', (group) => {
        group.use(errorPages({ status: ['500-503'], service, path: '/p/{status}.html' })).bindHandler('/*', handler)
      })
    })
    const answer = await front.exchange(
      'POST /g/x?q HTTP/1.1\r\nContent-Length: 5\r\nContent-Type: text/plain\r\nX-A: b',
      'hello',
    )
    expect([statusOf(answer), bodyOf(answer)]).to.deep.equal([503, 'e\r\n<h1>sorry</h1>\r\n0\r\n\r\n'])
    expect(answer).to.match(/^HTTP\/1.1 503 Service Unavailable\r\n/)
    expect([fieldOf(answer, 'content-type'), fieldOf(answer, 'content-encoding')]).to.deep.equal([
      'text/html',
      undefined,
    ])
    expect(broken.asked[0]).to.include({ method: 'POST', url: '/g/x?q', body: 'hello' })
    const { headers, ...asked } = pages.asked[0] ?? expect.fail('it was not asked')
    expect(asked).to.include({ method: 'GET', url: '/p/503.html?q', body: '' })
    expect([headers['content-type'], headers['x-a']]).to.deep.equal([undefined, 'b'])
  })

  it('shows a page for a node that can not be reached, and keeps the status where the page can not', async () => {
    const gone = await openNode()
    await gone.close()
    const service = forward(gone.url)
    closeLater(() => service.close())
    const front = await openFront(gone.url, {}, (server, handler) => {
      server.bindMiddleware('/text', errorPages({ status: ['5xx'], service: () => 'page' }))
      server.bindMiddleware('/none', errorPages({ status: ['5xx'], service }))
      server.bindHandler('/*', handler)
    })
    expect(await front.get('/text')).to.deep.equal({ status: 502, body: 'page' })
    const { status, body } = await front.get('/none')
    expect(status).to.be.oneOf([502, 503])
    expect(body).to.be.oneOf(['Bad Gateway', 'Service Unavailable'])
  })

  it('names what it does not take', () => {
    const service = () => 'page'
    for (const [options, part] of [
      [undefined, 'errorPages'],
      [{ service }, '"status"'],
      [{ status: [404] }, '"service"'],
      [{ status: [], service }, '"status"'],
      [{ status: ['6xx'], service }, '"status"'],
      [{ status: ['503-500'], service }, '"status"'],
      [{ status: ['5xx-599'], service }, '"status"'],
      [{ status: [99], service }, '"status"'],
      [{ status: [404], service: 'pages' }, '"service"'],
      [{ status: [404], service, path: 'x' }, '"path"'],
      [{ status: [404], service, path: '/../x' }, '"path"'],
      [{ status: [404], service, query: '/x' }, '"query"'],
    ] as const) {
      const error = thrownBy(() => callUntyped({ errorPages }, 'errorPages', options))
      expect(error).to.be.instanceOf(ConfigError)
      expect(error.message).to.include(part)
    }
  })
})
