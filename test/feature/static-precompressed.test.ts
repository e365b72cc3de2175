import { utimesSync } from 'node:fs'
import { expect } from 'chai'
import type { Server } from 'tribind'
import { bothWays } from './both-ways.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('static folders: precompressed files', () => {
  let folder = ''
  const stamp = new Date('2026-01-02T03:04:05Z')

  before(() => {
    folder = temporaryFolder({
      'site/app.js': 'plain script',
      'site/app.js.br': 'br script',
      'site/app.js.zst': 'zstd script..',
      'site/app.js.gz': 'gz script',
      'site/only.css': 'plain style',
      'site/only.css.gz': 'gz style',
      'site/alone.js.br': 'without its file',
      'site/bare.js': 'bare',
      'site/index.html': 'plain page',
      'site/index.html.br': 'br page',
      'site/linked.js': 'plain',
      'site/linked.js.br': { to: '../outside.br' },
      'site/folder.js': 'plain',
      'site/folder.js.br/x': 'x',
      'outside.br': 'outside',
      'site/dated.js': 'plain script',
      'site/dated.js.br': 'br script',
      'site/dated.js.gz': 'gz script',
    })
    // As tools leave it that compress files.
    for (const name of ['dated.js', 'dated.js.br', 'dated.js.gz']) utimesSync(`${folder}/site/${name}`, stamp, stamp)
  })

  const serve = (server: Server) => {
    server.serveStatic('/', `${folder}/site`, { preCompressed: true })
    server.serveStatic('/plain', `${folder}/site`)
  }

  bothWays('answer for the file, by what the client takes', serve, async (send) => {
    for (const [url, accepted, coding, text] of [
      ['/app.js', 'gzip, deflate, br, zstd', 'br', 'br script'],
      ['/app.js', '*', 'br', 'br script'],
      ['/app.js', 'zstd, gzip', 'zstd', 'zstd script..'],
      ['/app.js', 'gzip', 'gzip', 'gz script'],
      ['/app.js', 'GZIP;Q=1, br;q=0', 'gzip', 'gz script'],
      ['/app.js', 'br;q=0.2, gzip;q=0.9', 'gzip', 'gz script'],
      ['/app.js', 'identity, br;q=0.5', undefined, 'plain script'],
      ['/app.js', 'deflate', undefined, 'plain script'],
      ['/app.js', '', undefined, 'plain script'],
      ['/app.js', undefined, undefined, 'plain script'],
      ['/app.js', 'br;q=0, zstd;q=0, gzip;q=0', undefined, 'plain script'],
      ['/only.css', 'br, gzip', 'gzip', 'gz style'],
      ['/only.css', 'br', undefined, 'plain style'],
      ['/bare.js', 'br, gzip, identity;q=0', undefined, 'bare'],
      ['/', 'br', 'br', 'br page'],
      ['/index.html', 'br', 'br', 'br page'],
      ['/linked.js', 'br', undefined, 'plain'],
      ['/folder.js', 'br', undefined, 'plain'],
      ['/plain/app.js', 'br', undefined, 'plain script'],
    ] as const) {
      const headers = accepted === undefined ? {} : { 'accept-encoding': accepted }
      const label = `${url} for ${accepted}`
      for (let i = 0; i < 2; i++) {
        const answer = await send({ url, headers })
        expect([answer.status, answer.header('content-encoding'), answer.text], label).to.deep.equal([
          200,
          coding,
          text,
        ])
        expect(answer.header('content-length'), label).to.equal(String(text.length))
        expect(answer.header('vary'), label).to.equal(url.startsWith('/plain') ? undefined : 'Accept-Encoding')
        expect(answer.header('content-type'), label).to.match(/javascript|css|html/)
        const head = await send({ method: 'HEAD', url, headers })
        expect([head.status, head.text, head.header('content-encoding')], label).to.deep.equal([200, '', coding])
        for (const name of ['content-length', 'etag', 'vary'])
          expect(head.header(name), label).to.equal(answer.header(name))
      }
    }
    expect((await send({ url: '/alone.js', headers: { 'accept-encoding': 'br' } })).status).to.equal(404)
    const itself = await send({ url: '/app.js.gz', headers: { 'accept-encoding': 'br' } })
    expect([itself.text, itself.header('content-encoding')]).to.deep.equal(['gz script', undefined])
    expect(itself.header('content-type')).to.equal('application/gzip')
  })

  bothWays('have tags of their own, by which a client gets 304 and no other coding', serve, async (send) => {
    const tags = new Map<string, string>()
    for (const coding of ['br', 'zstd', 'gzip', 'identity'])
      tags.set(
        coding,
        (await send({ url: '/app.js', headers: { 'accept-encoding': coding } })).header('etag') as string,
      )
    expect(new Set(tags.values()).size).to.equal(4)
    for (const [coding, tag] of tags)
      for (const [other, otherTag] of tags) {
        const headers = { 'accept-encoding': coding, 'if-none-match': otherTag }
        const answer = await send({ url: '/app.js', headers })
        expect(answer.status, `${coding} with the tag of ${other}`).to.equal(tag === otherTag ? 304 : 200)
        expect(answer.header('vary')).to.equal('Accept-Encoding')
        expect(answer.header('etag')).to.equal(tag)
      }
  })

  bothWays(
    'say what they are where they explain another status',
    (server) => {
      serve(server)
      server.use(async ({ response }, next) => {
        response.status = 503
        await next()
      })
    },
    async (send) => {
      const answer = await send({ url: '/app.js', headers: { 'accept-encoding': 'br' } })
      expect([answer.status, answer.text, answer.header('content-encoding')]).to.deep.equal([503, 'br script', 'br'])
      expect(answer.header('etag')).to.equal(undefined)
    },
  )

  bothWays('are never completed with a part of another coding, by a date that both have', serve, async (send) => {
    const date = stamp.toUTCString()
    for (let i = 0; i < 2; i++) {
      expect((await send('/dated.js')).header('last-modified')).to.equal(date)
      for (const coding of ['br', 'gzip']) {
        const accepted = { 'accept-encoding': coding }
        expect((await send({ url: '/dated.js', headers: accepted })).header('last-modified')).to.equal(undefined)
        for (const headers of [{ range: 'bytes=1-', 'if-range': date }, { 'if-modified-since': date }]) {
          const answer = await send({ url: '/dated.js', headers: { ...headers, ...accepted } })
          expect([answer.status, answer.header('content-encoding')]).to.deep.equal([200, coding])
        }
      }
    }
    const headers = { 'accept-encoding': 'br', 'if-unmodified-since': new Date(0).toUTCString() }
    expect((await send({ url: '/dated.js', headers })).status).to.equal(200)
  })

  bothWays('have ranges of their own', serve, async (send) => {
    const headers = { 'accept-encoding': 'br', range: 'bytes=3-' }
    const part = await send({ url: '/app.js', headers })
    expect([part.status, part.text, part.header('content-encoding')]).to.deep.equal([206, 'script', 'br'])
    expect(part.header('content-range')).to.equal('bytes 3-8/9')
    const beyond = await send({ url: '/app.js', headers: { ...headers, range: 'bytes=9-' } })
    expect([beyond.status, beyond.header('content-range')]).to.deep.equal([416, 'bytes */9'])
    expect(beyond.header('content-encoding')).to.equal(undefined)
  })
})
