import { statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { bothWays, overHttp1, rawExchange, type Send } from './both-ways.ts'
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
      css: 'plain',
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
      ['css', 'application/octet-stream', 'plain'],
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
      ['bytes=1e1-', 200, '0123456789', undefined],
      ['bytes=0x2-', 200, '0123456789', undefined],
      ['bytes=2.5-', 200, '0123456789', undefined],
      ['bytes=+2-4', 200, '0123456789', undefined],
      ['bytes=2-4;', 200, '0123456789', undefined],
      ['bytes=2-4-6', 200, '0123456789', undefined],
      ['bytes=--3', 200, '0123456789', undefined],
      ['bytes=-', 200, '0123456789', undefined],
      ['bytes=', 200, '0123456789', undefined],
      ['bytes=a-b', 200, '0123456789', undefined],
      ['bytes=2-4,x', 200, '0123456789', undefined],
      ['bytes=2-4=', 200, '0123456789', undefined],
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
    const late = new Date(Date.parse(modified) + 1000).toUTCString()
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
      [{ 'if-match': etag }, 412],
      [{ 'if-match': etag.slice(2) }, 412],
      [{ 'if-match': '*', 'if-unmodified-since': early }, 200],
      [{ 'if-match': etag, 'if-unmodified-since': modified, 'if-none-match': etag }, 412],
      [{ 'if-range': etag, range: 'bytes=0-1' }, 200],
      [{ 'if-range': etag.slice(2), range: 'bytes=0-1' }, 200],
      [{ 'if-range': '*', range: 'bytes=0-1' }, 200],
      [{ 'if-range': late, range: 'bytes=0-1' }, 200],
      [{ 'if-range': '', range: 'bytes=0-1' }, 200],
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

  overHttp1('304 has no byte after its head', serveQuery, async (_send, _world, { port }) => {
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
    for (const name of [
      '../outside.txt',
      '..%2Foutside.txt',
      '%252e%252e/outside.txt',
      './in.txt',
      'x/../in.txt',
      '..\\outside.txt',
      'link-in.txt',
      'link-out.txt',
      'link-up/outside.txt',
      'link-up/root/in.txt',
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
    expect((await send('/rooted?follow&file=link-in.txt')).text).to.equal('in the root')
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
