import { readdirSync, readlinkSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { HttpError, type Request, type Server } from 'tribind'
import { bothWays, openRaw, overSocket, rawExchange, type Send, until } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

const big = Buffer.alloc(8 * 1024 * 1024, 'x')

describe('files', () => {
  let folder = ''
  const file = (name: string) => `${folder}/${name}`

  before(() => {
    folder = temporaryFolder({
      'a.txt': '0123456789',
      'empty.txt': '',
      'page.html': '<p>é</p>',
      'data.bin': Buffer.from([0, 255]),
      noextension: 'plain',
      'sub/inner.txt': 'inner',
      'sub/näme €.txt': 'named',
      '.hidden': 'hidden',
      '.git/config': 'hidden',
      'outside.txt': 'outside the root',
      'root/in.txt': 'in the root',
      'root/link-in.txt': { to: 'in.txt' },
      'root/link-out.txt': { to: '../outside.txt' },
      'root/link-up': { to: '..' },
      'root/link-hidden.txt': { to: '.secret' },
      'root/.secret': 'secret',
      'root/loop': { to: 'loop' },
      'big.bin': big,
    })
  })

  /** Binds `/x`, which serves what the query asks for. */
  function serveQuery(server: Server) {
    server.get('/x', ({ response, query }) => response.serveFile(file(String(query['file']))))
    server.get('/rooted', ({ response, query }) =>
      response.serveFile(String(query['file']), { root: file('root'), followSymlinks: 'follow' in query }),
    )
    server.get('/next', () => 'next')
  }

  const next = async (send: Send) => expect((await send('/next')).text).to.equal('next')

  bothWays('a file goes out with its type, length and validators', serveQuery, async (send) => {
    for (const [name, type, body] of [
      ['a.txt', 'text/plain; charset=utf-8', '0123456789'],
      ['page.html', 'text/html; charset=utf-8', '<p>é</p>'],
      ['empty.txt', 'text/plain; charset=utf-8', ''],
      ['noextension', 'application/octet-stream', 'plain'],
    ] as const) {
      const answer = await send(`/x?file=${name}`)
      expect([answer.status, answer.text], name).to.deep.equal([200, body])
      expect(answer.header('content-type'), name).to.equal(type)
      expect(answer.header('content-length'), name).to.equal(String(Buffer.byteLength(body)))
      expect(answer.header('accept-ranges'), name).to.equal('bytes')
      expect(answer.header('cache-control'), name).to.equal('public, max-age=0')
      expect(answer.header('etag'), name).to.match(/^W\/"/)
      expect(answer.header('last-modified'), name).to.equal(statSync(file(name)).mtime.toUTCString())
    }
    expect((await send('/x?file=data.bin')).body).to.deep.equal(Buffer.from([0, 255]))
    expect((await send('/x?file=sub/n%C3%A4me%20%E2%82%AC.txt')).text).to.equal('named')
    expect((await send('/x?file=big.bin')).body.equals(big)).to.equal(true)
  })

  bothWays('HEAD has the head of GET and nothing else', serveQuery, async (send) => {
    const got = await send('/x?file=a.txt')
    for (const headers of [{}, { range: 'bytes=0-1' }]) {
      const head = await send({ method: 'HEAD', url: '/x?file=a.txt', headers })
      expect([head.status, head.body.length, head.header('content-length')]).to.deep.equal([200, 0, '10'])
      for (const name of ['etag', 'content-type', 'last-modified']) expect(head.header(name)).to.equal(got.header(name))
    }
    expect((await send('HEAD /x?file=missing')).status).to.equal(404)
  })

  bothWays('ranges', serveQuery, async (send) => {
    for (const [range, status, body, contentRange] of [
      ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
      ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
      ['bytes=-3', 206, '789', 'bytes 7-9/10'],
      ['bytes=9-9', 206, '9', 'bytes 9-9/10'],
      ['bytes=5-1000', 206, '56789', 'bytes 5-9/10'],
      ['bytes=-1000', 206, '0123456789', 'bytes 0-9/10'],
      ['bytes=0-1,4-5', 200, '0123456789', undefined],
      ['bytes=10-', 416, 'Range Not Satisfiable', 'bytes */10'],
      ['bytes=3-1', 416, 'Range Not Satisfiable', 'bytes */10'],
      ['lines=1-2', 200, '0123456789', undefined],
      ['bytes=99999999999999999999-', 416, 'Range Not Satisfiable', 'bytes */10'],
    ] as const) {
      const answer = await send({ url: '/x?file=a.txt', headers: { range } })
      expect([answer.status, answer.text, answer.header('content-range')], range).to.deep.equal([
        status,
        body,
        contentRange,
      ])
      expect(answer.header('content-length'), range).to.equal(String(body.length))
    }
    const empty = await send({ url: '/x?file=empty.txt', headers: { range: 'bytes=0-0' } })
    expect([empty.status, empty.header('content-range')]).to.deep.equal([416, 'bytes */0'])
    expect(empty.header('etag')).to.equal(undefined)
    await next(send)
  })

  bothWays('conditional requests', serveQuery, async (send) => {
    const first = await send('/x?file=a.txt')
    const etag = first.header('etag') as string
    const modified = first.header('last-modified') as string
    const early = 'Mon, 01 Jan 2001 00:00:00 GMT'
    for (const [headers, status] of [
      [{ 'if-none-match': etag }, 304],
      [{ 'if-none-match': `"other", ${etag}` }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-none-match': '"other"' }, 200],
      [{ 'if-none-match': '"other"', 'if-modified-since': modified }, 200],
      [{ 'if-modified-since': modified }, 304],
      [{ 'if-modified-since': early }, 200],
      [{ 'if-modified-since': 'never' }, 200],
      [{ 'if-match': '"other"' }, 412],
      [{ 'if-match': '*' }, 200],
      [{ 'if-unmodified-since': early }, 412],
      [{ 'if-unmodified-since': modified }, 200],
      [{ 'if-range': etag, range: 'bytes=0-1' }, 206],
      [{ 'if-range': '"other"', range: 'bytes=0-1' }, 200],
      [{ 'if-range': modified, range: 'bytes=0-1' }, 206],
      [{ 'if-range': early, range: 'bytes=0-1' }, 200],
    ] as [Record<string, string>, number][]) {
      const answer = await send({ url: '/x?file=a.txt', headers })
      const label = JSON.stringify(headers)
      expect(answer.status, label).to.equal(status)
      if (status === 304) {
        expect([answer.text, answer.header('etag'), answer.header('content-type')], label).to.deep.equal([
          '',
          etag,
          undefined,
        ])
      }
      if (status === 412)
        expect([answer.text, answer.header('etag')], label).to.deep.equal(['Precondition Failed', undefined])
    }
    await next(send)
  })

  overSocket('304 has no byte after its head', serveQuery, async (_send, _world, { port }) => {
    const answer = await rawExchange(
      port,
      'GET /x?file=a.txt HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\nConnection: close\r\n\r\n',
    )
    expect(answer).to.match(/^HTTP\/1.1 304/)
    expect(answer.indexOf('\r\n\r\n')).to.equal(answer.length - 4)
  })

  bothWays('what is no file to be served is 404', serveQuery, async (send) => {
    for (const name of [
      'missing',
      'sub',
      '.',
      '',
      '.hidden',
      'a.txt/b',
      'sub/../a.txt',
      '..',
      'a.txt%00',
      '%00',
      'x'.repeat(5000),
    ]) {
      const answer = await send(`/x?file=${name}`)
      expect([answer.status, answer.text], name).to.deep.equal([404, 'Not Found'])
    }
    await next(send)
  })

  bothWays('a root is not left', serveQuery, async (send) => {
    expect((await send('/rooted?file=in.txt')).text).to.equal('in the root')
    expect((await send('/rooted?file=/in.txt')).text).to.equal('in the root')
    expect((await send('/rooted?file=link-in.txt')).text).to.equal('in the root')
    for (const name of [
      '../outside.txt',
      '..%2Foutside.txt',
      '%252e%252e/outside.txt',
      './in.txt',
      'x/../in.txt',
      '..\\outside.txt',
      'link-out.txt',
      'link-up/outside.txt',
      'link-hidden.txt',
      '.secret',
      'loop',
      'in.txt%00',
      'in%2etxt%ff',
      encodeURIComponent(file('outside.txt')),
      '',
      '/',
    ]) {
      const answer = await send(`/rooted?file=${name}`)
      expect([answer.status, answer.text], name).to.deep.equal([404, 'Not Found'])
    }
    expect((await send('/rooted?follow&file=link-out.txt')).text).to.equal('outside the root')
    expect((await send('/rooted?follow&file=link-up/outside.txt')).text).to.equal('outside the root')
    expect((await send('/rooted?follow&file=link-hidden.txt')).text).to.equal('secret')
    expect((await send('/rooted?follow&file=../outside.txt')).status).to.equal(404)
    await next(send)
  })

  bothWays(
    'caching, a type of its own, a root as a URL',
    (server) => {
      const root = pathToFileURL(`${folder}/`)
      server.get('/max', ({ response }) => response.serveFile('a.txt', { root, maxAge: 60 }))
      server.get('/immutable', ({ response }) => response.serveFile('a.txt', { root, maxAge: 60, immutable: true }))
      server.get('/own', ({ response }) => {
        response.setHeader('Cache-Control', 'private')
        response.setHeader('Content-Type', 'text/csv')
        return response.serveFile('a.txt', { root })
      })
      server.get('/bad', ({ response }) => response.serveFile('a.txt', { root, maxAge: -1 }))
    },
    async (send) => {
      expect((await send('/max')).header('cache-control')).to.equal('public, max-age=60')
      expect((await send('/immutable')).header('cache-control')).to.equal('public, max-age=60, immutable')
      const own = await send('/own')
      expect([own.header('cache-control'), own.header('content-type')]).to.deep.equal(['private', 'text/csv'])
      expect((await send('/bad')).status).to.equal(500)
      expect((await send('/max')).text).to.equal('0123456789')
    },
  )

  bothWays(
    'it takes the road of every response, awaited or not',
    (server) => {
      const seen: string[] = []
      server.use(async ({ response }, next) => {
        await next()
        seen.push(`middleware ${response.status}`)
      })
      server.bindHookHandler('/*', 'AfterServe', ({ response, cookie }) => {
        seen.push(`AfterServe ${response.status}`)
        cookie.set('seen', 'yes')
      })
      server.bindHookHandler('/*', 'BeforeOutput', ({ response }) => response.setHeader('X-Out', 'yes'))
      server.bindStatusHandler(404, ({ response }) => response.writeOver('nothing here'))
      server.get('/awaited', async ({ response }) => {
        await response.serveFile(file('a.txt'))
        seen.push(`handler ${response.status}`)
      })
      server.get('/not', ({ response }) => {
        void response.serveFile(file('a.txt'))
      })
      server.get('/exit', (request) => {
        void request.response.serveFile(file('a.txt'))
        request.exitAll()
      })
      server.get('/missing', ({ response }) => {
        void response.serveFile(file('missing'))
      })
      server.get('/caught', async ({ response }) => {
        try {
          await response.serveFile(file('missing'))
          return 'found'
        } catch (error) {
          return error instanceof HttpError ? `caught ${error.status}` : 'what?'
        }
      })
      server.get('/fallback', ({ response }) =>
        response.serveFile(file('missing')).catch(() => response.serveFile(file('a.txt'))),
      )
      server.get('/twice', ({ response }) => {
        void response.serveFile(file('page.html'))
        void response.serveFile(file('a.txt'))
      })
      server.get('/dropped', ({ response }) => {
        void response.serveFile(file('page.html'))
        response.writeOver('dropped')
      })
      return seen
    },
    async (send, seen) => {
      for (const path of ['/awaited', '/not', '/fallback', '/twice']) {
        seen.length = 0
        const answer = await send(path)
        expect([answer.status, answer.text], path).to.deep.equal([200, '0123456789'])
        expect(answer.header('set-cookie'), path).to.match(/^seen=yes/)
        expect(answer.header('x-out'), path).to.equal('yes')
        expect(seen.slice(-2), path).to.deep.equal(['middleware 200', 'AfterServe 200'])
      }
      const exited = await send('/exit')
      expect([exited.text, exited.header('x-out')]).to.deep.equal(['0123456789', undefined])
      const missing = await send('/missing')
      expect([missing.status, missing.text]).to.deep.equal([404, 'nothing here'])
      const caught = await send('/caught')
      expect([caught.status, caught.text]).to.deep.equal([200, 'caught 404'])
      expect((await send('/dropped')).text).to.equal('dropped')
    },
  )

  bothWays(
    'a file can explain an error, then it is sent whole; what is written comes before it',
    (server) => {
      server.bindStatusHandler(404, ({ response }) => response.serveFile(file('page.html')))
      server.get('/before', async ({ response }) => {
        await response.serveFile(file('a.txt'))
        response.write('before ')
      })
      server.post('/posted', ({ response }) => response.serveFile(file('a.txt')))
    },
    async (send) => {
      const answer = await send({ url: '/nowhere', headers: { range: 'bytes=0-1', 'if-none-match': '*' } })
      expect([answer.status, answer.text]).to.deep.equal([404, '<p>é</p>'])
      expect(answer.header('content-type')).to.equal('text/html; charset=utf-8')
      expect([answer.header('etag'), answer.header('last-modified')]).to.deep.equal([undefined, undefined])
      const before = await send('/before')
      expect([before.text, before.header('content-length')]).to.deep.equal(['before 0123456789', '17'])
      const posted = await send({
        method: 'POST',
        url: '/posted',
        headers: { range: 'bytes=0-1', 'if-none-match': '*' },
      })
      expect([posted.status, posted.text]).to.deep.equal([200, '0123456789'])
    },
  )

  describe('downloads', () => {
    bothWays(
      'name the file so that every client and no header is told',
      (server) => {
        server.get('/x', ({ response, query }) =>
          response.serveFileDownload(file('a.txt'), query['name'] as string | undefined),
        )
        server.get('/rooted', ({ response }) => response.serveFileDownload('in.txt', undefined, { root: file('root') }))
        server.get('/missing', ({ response }) => response.serveFileDownload(file('missing')))
      },
      async (send) => {
        for (const [name, disposition] of [
          [undefined, 'attachment; filename="a.txt"'],
          ['b c.txt', 'attachment; filename="b c.txt"'],
          ['€ rates.txt', `attachment; filename="_ rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt`],
          ['報告😀.pdf', `attachment; filename="___.pdf"; filename*=UTF-8''%E5%A0%B1%E5%91%8A%F0%9F%98%80.pdf`],
          [`it's (1)*é`, `attachment; filename="it's (1)*_"; filename*=UTF-8''it%27s%20%281%29%2a%C3%A9`],
          ['a"; x="b', `attachment; filename="a_; x=_b"; filename*=UTF-8''a%22%3B%20x%3D%22b`],
          ['a\r\nSet-Cookie: x=y', 'attachment; filename="aSet-Cookie: x=y"'],
          ['50%41', `attachment; filename="50_41"; filename*=UTF-8''50%2541`],
          ['../../etc/passwd', 'attachment; filename="passwd"'],
          ['C:\\x\\y.txt', 'attachment; filename="y.txt"'],
          ['\0', 'attachment; filename="download"'],
          ['a\u202etxt.exe', 'attachment; filename="atxt.exe"'],
        ] as const) {
          const answer = await send(name === undefined ? '/x' : `/x?name=${encodeURIComponent(name)}`)
          expect([answer.status, answer.text], name).to.deep.equal([200, '0123456789'])
          expect(answer.header('content-disposition'), name).to.equal(disposition)
          expect(answer.header('set-cookie'), name).to.equal(undefined)
        }
        expect((await send('/rooted')).header('content-disposition')).to.equal('attachment; filename="in.txt"')
        const missing = await send('/missing')
        expect([missing.status, missing.header('content-disposition')]).to.deep.equal([404, undefined])
      },
    )
  })

  describe('open files', () => {
    const openBelow = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
        } catch {
          return false
        }
      }).length

    overSocket(
      'are closed when the client leaves midway, and no more is read than it takes',
      (server) => {
        server.get('/big', ({ response }) => response.serveFile(file('big.bin')))
        server.get('/next', () => 'next')
      },
      async (send, _world, { port }) => {
        const clients = []
        for (let i = 0; i < 5; i++) {
          const client = await openRaw(port, 'GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n')
          client.socket.pause()
          clients.push(client)
        }
        await until(() => openBelow() === 5, 'the files are open')
        for (const { socket } of clients) socket.destroy()
        await until(() => openBelow() === 0, 'the files are closed')
        await next(send)
      },
    )

    bothWays(
      'are closed whatever becomes of the response',
      (server) => {
        server.get('/whole', ({ response }) => response.serveFile(file('a.txt')))
        server.get('/dropped', async ({ response }) => {
          await response.serveFile(file('a.txt'))
          response.writeOver('dropped')
        })
        server.get('/no-content', async ({ response }) => {
          await response.serveFile(file('a.txt'))
          response.status = 204
        })
        server.get('/failed', async ({ response }) => {
          await response.serveFile(file('a.txt'))
          throw new Error('after it')
        })
        server.get('/raw', async ({ response }) => {
          await response.serveFile(file('a.txt'))
          response.raw.end('raw')
        })
      },
      async (send) => {
        for (const url of ['/whole', '/dropped', '/no-content', '/failed', '/raw']) await send(url)
        await send('HEAD /whole')
        await until(() => openBelow() === 0, 'the files are closed')
      },
    )

    overSocket(
      'a file that shrinks while it is sent cuts the connection',
      (server) => {
        server.get('/shrinks', async ({ response }) => {
          await response.serveFile(file('shrinks.bin'))
          truncateSync(file('shrinks.bin'), 100)
        })
        server.get('/next', () => 'next')
      },
      async (send, _world, { port }) => {
        writeFileSync(file('shrinks.bin'), big)
        const answer = await rawExchange(port, 'GET /shrinks HTTP/1.1\r\nHost: localhost\r\n\r\n')
        expect(answer).to.match(/content-length: 8388608/i)
        expect(answer.length).to.be.lessThan(1000)
        expect(openBelow()).to.equal(0)
        await next(send)
      },
    )
  })

  it('needs nothing of its library before the first file', async () => {
    const { execFileSync } = await import('node:child_process')
    const program = `
      import { createRequire } from 'node:module'
      await import('tribind')
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('@fastify'))
      console.log(loaded.length)`
    const args = ['--import=tsx', '--conditions=source', '--input-type=module', '-e', program]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).to.equal('0\n')
  })
})

// The types of the two calls.
export const typed = (request: Request): Promise<void>[] => [
  request.response.serveFile('a', { maxAge: 1 }),
  request.response.serveFileDownload('a', 'b'),
]
