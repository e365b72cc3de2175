import { Writable } from 'node:stream'
import { expect } from 'chai'
import { pino } from 'pino'
import { HttpError, type Logger, Server } from 'tribind'
import winston from 'winston'

/** The records of a logger that writes JSON lines, while a server uses it. */
function collect() {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return { stream, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

describe('loggers that applications bring: pino', () => {
  for (const kind of ['itself', 'a child'] as const) {
    it(`${kind}: has the message, the fields and its own name for errors`, async () => {
      const { stream, records } = collect()
      const whole = pino({ level: 'debug' }, stream)
      const server = new Server({ logger: kind === 'itself' ? whole : whole.child({ module: 'http' }) })
      server.get('/500', () => {
        throw new TypeError('boom')
      })
      server.get('/404', () => {
        throw new HttpError(404, 'nothing')
      })
      await server.inject({ url: '/500' })
      await server.inject({ url: '/404' })
      expect(records()).to.have.length(2)
      const [error, debug] = records()
      expect(error).to.include({ level: 50, msg: 'GET /500 failed' })
      expect(error).to.have.nested.include({ 'err.type': 'TypeError', 'err.message': 'boom' })
      expect(error).to.have.property('requestId').that.is.a('string')
      expect(error).to.not.have.property('error')
      expect(error?.['module']).to.equal(kind === 'itself' ? undefined : 'http')
      expect(debug).to.include({ level: 20, msg: 'GET /404 failed' })
    })
  }

  it('server.logger takes a message and fields, and heeds a level that is set later', () => {
    const { stream, records } = collect()
    const logger = pino({ base: null, timestamp: false }, stream)
    const server = new Server({ logger })
    server.logger.info('100%d', { a: 1 })
    server.logger.debug('unheard')
    logger.level = 'debug'
    server.logger.debug('heard')
    expect(records()).to.deep.equal([
      { level: 30, a: 1, msg: '100%d' },
      { level: 20, msg: 'heard' },
    ])
  })
})

describe('loggers that applications bring: the message first', () => {
  for (const kind of ['itself', 'a child'] as const) {
    it(`winston ${kind}`, () => {
      const { stream, records } = collect()
      const whole = winston.createLogger({ level: 'debug', transports: [new winston.transports.Stream({ stream })] })
      const { logger } = new Server({ logger: kind === 'itself' ? whole : whole.child({ module: 'http' }) })
      logger.debug('one', { a: 1 })
      logger.error('two')
      const more = kind === 'itself' ? {} : { module: 'http' }
      expect(records()).to.deep.equal([
        { level: 'debug', message: 'one', a: 1, ...more },
        { level: 'error', message: 'two', ...more },
      ])
    })
  }

  it('gives a logger what it was given, and no more', () => {
    const calls: unknown[][] = []
    class Own implements Logger {
      readonly #calls = calls
      debug = (...record: unknown[]) => void this.#calls.push(record)
      info(...record: unknown[]) {
        this.#calls.push(record)
      }
      warn = this.debug
      error = this.debug
    }
    const { logger } = new Server({ logger: new Own() })
    logger.info('one', { a: 1 })
    logger.info('two')
    expect(calls).to.deep.equal([['one', { a: 1 }], ['two']])
  })
})

describe('loggers that applications bring: those that fail', () => {
  const failing = (fail: () => unknown): Logger => ({ debug: fail, info: fail, warn: fail, error: fail })
  const ways: Record<string, () => unknown> = {
    throws: () => {
      throw new Error('disk full')
    },
    rejects: () => Promise.reject(new Error('disk full')),
  }

  for (const [way, fail] of Object.entries(ways)) {
    it(`harm neither a start, nor a request, nor a stop: one that ${way}`, async () => {
      const server = new Server({ port: 0, logger: failing(fail), accessLog: true })
      let isShutDown = false
      server.get('/', () => {
        throw new Error('boom')
      })
      server.bindHookHandler('/*', 'BeforeClose', () => {
        throw new Error('boom')
      })
      server.registerShutdownHook(() => {
        throw new Error('boom')
      })
      server.registerShutdownHook(() => (isShutDown = true))
      await server.start()
      for (let i = 0; i < 2; i++) expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).to.equal(500)
      await server.stop()
      expect(isShutDown).to.equal(true)
    })
  }
})
