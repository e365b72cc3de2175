import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import compression from 'compression'
import cors from 'cors'
import helmet from 'helmet'
import morgan from 'morgan'
import { pinoHttp } from 'pino-http'
import responseTime from 'response-time'
import { fromConnect, fromExpress } from 'tribind'
import { bothWays, overHttp1, openRaw, until } from '../feature/both-ways.ts'

const long = 'a long text that repeats itself '.repeat(1000)

for (const from of [fromConnect, fromExpress]) {
  describe(`helmet, cors, compression and response-time, by ${from.name}`, () => {
    bothWays(
      'set their fields',
      (server) => {
        server.use(from(helmet()))
        server.use(from(cors({ origin: 'https://a.example' })))
        server.use(from(compression()))
        server.use(from(responseTime()))
        server.get('/', () => long)
      },
      async (send) => {
        const { body, header } = await send({ url: '/', headers: { 'accept-encoding': 'gzip' } })
        expect(gunzipSync(body).toString()).to.equal(long)
        expect(header('x-frame-options')).to.equal('SAMEORIGIN')
        expect(header('access-control-allow-origin')).to.equal('https://a.example')
        expect(header('x-response-time')).to.match(/^\d+\.\d+ms$/)
      },
    )

    overHttp1(
      'let an event stream through, event by event',
      (server) => {
        server.use(from(helmet()))
        server.use(from(compression()))
        server.get('/events', async ({ response }) => {
          const events = response.sse()
          void events.send({ data: 'first' })
          await new Promise<void>((resolve) => (proceed = resolve))
          void events.send({ data: 'second' })
          events.close()
        })
      },
      async (_send, _world, { port }) => {
        const { received, closed } = await openRaw(port, 'GET /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
        await until(() => received().includes('data: first'), 'the first event is there')
        expect(received()).to.not.include('second')
        proceed()
        await closed
        expect(received()).to.include('data: second')
      },
    )
  })

  describe(`morgan and pino-http, by ${from.name}`, () => {
    bothWays(
      'log each request once',
      (server) => {
        const lines: string[] = []
        const write = (line: string) => void lines.push(line.trim())
        server.use(from(morgan('tiny', { stream: { write } })))
        server.use(from(pinoHttp({ base: null }, { write })))
        server.get('/:name', ({ params }) => params.name)
        return lines
      },
      async (send, lines) => {
        await send('/ann?q=1')
        await send('/a/b')
        await until(() => lines.length === 4, 'both have logged both')
        const texts = lines.filter((line) => line.startsWith('GET')).map((line) => line.replace(/ - .*/, ''))
        expect(texts).to.deep.equal(['GET /ann?q=1 200 3', 'GET /a/b 404 9'])
        const records = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as PinoRecord)
        expect(records.map(({ req, res }) => [req.url, res.statusCode])).to.deep.equal([
          ['/ann?q=1', 200],
          ['/a/b', 404],
        ])
      },
    )
  })
}

let proceed = () => {}

interface PinoRecord {
  req: { url: string }
  res: { statusCode: number }
}
