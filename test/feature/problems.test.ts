import { expect } from 'chai'
import { HttpError, ResponseError, ValidationError } from 'tribind'
import { bothWays, thrownBy } from './both-ways.ts'

const secret = 'the password is 1234'
const type = 'application/problem+json'

describe('response.problem', () => {
  bothWays(
    'answers with the members it is given, in place of what was written',
    (server) => {
      server.get('/plain', ({ response }) => response.problem(404))
      server.get('/whole', ({ response }) => {
        response.writeHtml('never seen')
        response.problem(403, {
          type: 'https://shop.example/no-credit',
          title: 'No credit',
          detail: 'It costs 50',
          instance: '/accounts/1',
          balance: 30,
        })
      })
    },
    async (send) => {
      const plain = await send({ url: '/plain' })
      expect([plain.status, plain.header('content-type')]).to.deep.equal([404, type])
      expect(JSON.parse(plain.text)).to.deep.equal({ title: 'Not Found', status: 404 })
      expect(JSON.parse((await send({ url: '/whole' })).text)).to.deep.equal({
        type: 'https://shop.example/no-credit',
        title: 'No credit',
        detail: 'It costs 50',
        instance: '/accounts/1',
        balance: 30,
        status: 403,
      })
    },
  )

  bothWays(
    'refuses what is no problem, and then changes nothing',
    (server) =>
      server.get('/', ({ response }) => {
        response.write('kept')
        for (const status of [200, 399, 600, 404.5]) {
          const error = thrownBy(() => response.problem(status))
          expect(error).to.be.instanceOf(ResponseError)
          expect(error.message).to.include('400 to 599')
        }
        const bad = { detail: { not: 'text' } } as unknown as { detail: string }
        expect(thrownBy(() => response.problem(400, bad)).message).to.include('"detail"')
        expect(thrownBy(() => response.problem(400, { of: new Map() })).message).to.include('Map')
      }),
    async (send) => {
      const { status, text, header } = await send({ url: '/' })
      expect([status, text, header('content-type')]).to.deep.equal([200, 'kept', 'text/plain; charset=utf-8'])
    },
  )
})

function failing(server: Parameters<Parameters<typeof bothWays>[1]>[0]): void {
  server.get('/lent', () => {
    throw new HttpError(409, 'The book is lent', { headers: { 'X-Until': 'May' } })
  })
  server.get('/broken', () => {
    throw Object.assign(new Error(secret), { issues: [secret], detail: secret })
  })
  server.get('/invalid', () => {
    const path = ['body', { key: 'lines' }, 0]
    throw new ValidationError([{ message: 'is missing', path, input: secret } as never, { message: 'is old' }])
  })
  server.get('/own', () => {
    throw new HttpError(410)
  })
  server.bindStatusHandler(410, ({ response }) => response.writeHtml('<p>Gone</p>'))
  server.get('/moved', () => {
    throw new HttpError(411)
  })
  server.bindStatusHandler(411, ({ response }) => void (response.status = 418))
  server.get('/set', ({ response }) => response.writeStatus(402))
}

describe('the option problems', () => {
  bothWays(
    'answers every error as a problem, and tells of nothing but status, message and issues',
    failing,
    async (send) => {
      const expected: Record<string, object> = {
        '/lent': { title: 'Conflict', detail: 'The book is lent', status: 409 },
        '/broken': { title: 'Internal Server Error', status: 500 },
        '/none': { title: 'Not Found', status: 404 },
        '/invalid': {
          title: 'Bad Request',
          detail: 'The input is not valid: body.lines.0: is missing; is old',
          issues: [
            { message: 'is missing', path: ['body', 'lines', 0] },
            { message: 'is old', path: [] },
          ],
          status: 400,
        },
      }
      for (const [url, problem] of Object.entries(expected)) {
        const got = await send({ url })
        expect([got.header('content-type'), got.header('vary')], url).to.deep.equal([type, 'Accept'])
        expect(JSON.parse(got.text), url).to.deep.equal(problem)
        expect(got.status).to.equal((problem as { status: number }).status)
        const head = await send({ url, method: 'HEAD' })
        expect([head.header('content-length'), head.text]).to.deep.equal([String(Buffer.byteLength(got.text)), ''])
      }
      expect((await send({ url: '/lent' })).header('x-until')).to.equal('May')
      const wrong = await send({ url: '/lent', method: 'DELETE' })
      expect(JSON.parse(wrong.text)).to.deep.equal({ title: 'Method Not Allowed', status: 405 })
    },
    { problems: true, methodNotAllowed: true },
  )

  bothWays(
    'leaves what the application writes itself, and has the status that goes out',
    failing,
    async (send) => {
      expect((await send({ url: '/own' })).text).to.equal('<p>Gone</p>')
      expect((await send({ url: '/set' })).text).to.equal('Payment Required')
      const moved = await send({ url: '/moved' })
      expect([moved.status, JSON.parse(moved.text).status]).to.deep.equal([418, 418])
    },
    { problems: true },
  )

  bothWays(
    'goes by Accept, of which the most specific range decides',
    failing,
    async (send) => {
      const takes = {
        '*/*': true,
        'application/json': true,
        'text/html, APPLICATION/Problem+JSON;q=0.1': true,
        'application/*': true,
        'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8': true,
        '': true,
        'text/html': false,
        'application/problem+json;q=0, */*': false,
        'application/json;q=0.0, */*;q=1': false,
        '*/*;q=0': false,
      }
      for (const [accept, isProblem] of Object.entries(takes)) {
        const got = await send({ url: '/lent', headers: { accept } })
        expect(got.header('content-type'), accept).to.equal(isProblem ? type : 'text/plain; charset=utf-8')
        expect(got.header('vary'), accept).to.equal('Accept')
        if (!isProblem) expect(got.text).to.equal('The book is lent')
      }
    },
    { problems: true },
  )

  bothWays('is off without it', failing, async (send) => {
    const { text, header } = await send({ url: '/lent', headers: { accept: type } })
    expect([text, header('content-type'), header('vary')]).to.deep.equal([
      'The book is lent',
      'text/plain; charset=utf-8',
      undefined,
    ])
  })
})
