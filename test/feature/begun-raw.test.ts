import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { bothWays } from './both-ways.ts'

describe('what was begun through response.raw', () => {
  bothWays(
    'is finished by what the handler returns',
    (server) => {
      server.get('/head', ({ response }) => {
        response.raw.writeHead(201, { 'Content-Type': 'text/plain', 'X-Raw': '1' })
        return 'whole'
      })
      server.get('/body', ({ response }) => {
        response.raw.write('who')
        return 'le'
      })
      server.get('/stream', async ({ response }) => {
        response.raw.writeHead(201, { 'X-Raw': '1' })
        response.write('w')
        response.stream(
          (async function* () {
            yield 'ho'
            await sleep(1)
            yield 'le'
          })(),
        )
      })
    },
    async (send) => {
      for (const [path, status] of Object.entries({ '/head': 201, '/body': 200, '/stream': 201 })) {
        const answer = await send(path)
        expect([answer.status, answer.text], path).to.deep.equal([status, 'whole'])
      }
      expect((await send('/head')).header('x-raw')).to.equal('1')
    },
  )

  bothWays(
    'and ended loses what the handler returns, which is logged',
    (server) => {
      server.get('/', ({ response }) => {
        response.raw.end('raw')
        return 'lost'
      })
    },
    async (send, _world, { log }) => {
      expect((await send('/')).text).to.equal('raw')
      expect(log.map(({ level }) => level)).to.deep.equal(['warn'])
    },
  )

  bothWays(
    'but not sent leaves nothing of its body in the error that takes its place',
    (server) => {
      server.get('/', ({ response }) => {
        response.raw.setHeader('Content-Type', 'image/png')
        response.raw.setHeader('Content-Length', 3)
        throw new Error('x')
      })
    },
    async (send) => {
      const { status, text, header } = await send('/')
      expect([status, text, header('content-type')]).to.deep.equal([
        500,
        'Internal Server Error',
        'text/plain; charset=utf-8',
      ])
    },
  )
})
