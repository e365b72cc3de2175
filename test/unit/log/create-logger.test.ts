import { Writable } from 'node:stream'
import { expect } from 'chai'
import { ConfigError, createLogger, HttpError, type Level, type LoggerOptions } from 'tribind'

/** A stream that keeps what is written to it. */
function collect(terminal: { isTTY?: boolean; hasColors?: () => boolean } = {}) {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  return { stream: Object.assign(stream, terminal), text: () => text }
}

/** What one record looks like as JSON. */
function jsonOf(fields?: Record<string, unknown>, message = 'told'): Record<string, unknown> {
  const { stream, text } = collect()
  createLogger({ level: 'debug', stream }).info(message, fields)
  expect(text()).to.match(/^[^\n]+\n$/)
  return JSON.parse(text())
}

function textOf(fields?: Record<string, unknown>, message = 'told', isColored = false): string {
  const { stream, text } = collect({ isTTY: true, hasColors: () => isColored })
  createLogger({ level: 'debug', stream }).info(message, fields)
  return text()
}

describe('createLogger: JSON', () => {
  it('is level, time, message and fields', () => {
    const { time, ...record } = jsonOf({ port: 1, list: [true, null], deep: { a: 'b' } })
    expect(record).to.deep.equal({ level: 'info', message: 'told', port: 1, list: [true, null], deep: { a: 'b' } })
    expect(Date.now() - Date.parse(String(time))).to.be.within(0, 5000)
    expect(time).to.equal(new Date(String(time)).toISOString())
  })

  it('has errors with what they say, and what caused them', () => {
    const cause = new TypeError('inner')
    const several = new AggregateError([cause], 'several')
    const { error, other } = jsonOf({ error: new HttpError(418, 'teapot', { cause }), other: several })
    expect(error).to.include({ name: 'HttpError', message: 'teapot', code: 'ERR_TRIBIND_HTTP' })
    expect(error).to.have.property('stack').that.includes('create-logger.test.ts')
    expect(error).to.have.nested.include({ 'cause.name': 'TypeError', 'cause.message': 'inner' })
    expect(other).to.have.nested.property('errors[0].message', 'inner')
  })

  it("says of a value that JSON can't hold what it is", () => {
    const loop: Record<string, unknown> = { a: 1 }
    loop['self'] = loop
    const trap = Object.defineProperty({ good: 1 }, 'bad', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
    const closed = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no')
        },
      },
    )
    let deep: unknown = 'bottom'
    for (let i = 0; i < 100_000; i++) deep = { deep }
    const record = jsonOf({ big: 10n, loop, trap, closed, deep, nan: NaN, sign: Symbol('s'), run: function go() {} })
    expect(record).to.deep.include({
      big: '10',
      loop: { a: 1, self: '[circular]' },
      trap: { good: 1, bad: '[unreadable]' },
      closed: '[unreadable]',
      nan: 'NaN',
      sign: 'Symbol(s)',
      run: '[function go]',
    })
    expect(JSON.stringify(record['deep'])).to.include('[too deep]').with.length.below(200)
  })

  it('has a date and a URL as text, bytes and objects of classes in short', () => {
    const url = new URL('http://a.example/')
    const record = jsonOf({ at: new Date(0), url, bytes: Buffer.alloc(1000), map: new Map([['a', 1]]) })
    expect(record).to.include({ at: '1970-01-01T00:00:00.000Z', url: 'http://a.example/', map: "Map(1) { 'a' => 1 }" })
    expect(record['bytes']).to.match(/^<Buffer 00 .*950 more bytes>$/)
  })

  it('bears a stream that fails, and listens to it only once', async () => {
    const error = new Error('disk full')
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(error), autoDestroy: false })
    for (let i = 0; i < 20; i++) createLogger({ level: 'info', stream }).info('told')
    await new Promise((resolve) => setImmediate(resolve))
    expect(stream.errored).to.equal(error)
    expect(stream.listenerCount('error')).to.equal(1)
  })

  it('bears what is no object of fields', () => {
    const { stream, text } = collect()
    const logger = createLogger({ level: 'info', stream })
    const unreadable = new Proxy({}, { get: () => thrown(), ownKeys: () => thrown() })
    const values: unknown[] = [null, 'text', 7, [1], unreadable]
    for (const fields of values) logger.warn('told', fields as Record<string, unknown>)
    const lines = text().trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).to.deep.equal(
      values.map(() => 'told'),
    )
  })

  it('no field takes the place of level, time or message', () => {
    const record = jsonOf({ level: 'error', message: 'forged', time: 'never' })
    expect(record).to.include({ level: 'info', message: 'told' })
    expect(record['time']).to.not.equal('never')
  })
})

const evil = 'a\r\n{"level":"error"}\u2028\u2029\u0085\u009b31m\u001b[2J\u202ex'

describe('createLogger: text on a terminal', () => {
  it('is one line of time, level, message and fields', () => {
    const [time, ...rest] = textOf({ port: 1, name: 'a b', path: '/x', none: undefined }).trimEnd().split(' ')
    expect(time).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(rest.join(' ')).to.equal('INFO  told port=1 name="a b" path=/x')
  })

  it('has colours only where the stream has', () => {
    expect(textOf({}, 'told', true)).to.include('\u001b[32mINFO')
    expect(textOf({}, 'told', false)).to.not.include('\u001b')
  })

  it('has the stack of an error below it, indented, with that of its cause', () => {
    const error = Object.assign(new Error('boom\nINFO forged', { cause: new Error('inner') }), { code: 'E_BOOM' })
    const [first, ...frames] = textOf({ error, id: 1 }).trimEnd().split('\n')
    expect(first).to.match(/INFO {2}told id=1 error="Error: boom\\nINFO forged \(E_BOOM\)"$/)
    expect(frames.length).to.be.greaterThan(2)
    for (const frame of frames) expect(frame).to.match(/^ {4}(at .*:\d+:\d+|caused by "Error: inner")/)
    expect(textOf({ error: 'no error' })).to.match(/told error="no error"\n$/)
  })
})

describe('createLogger: nothing written can look like another record', () => {
  for (const isTTY of [false, true]) {
    it(`as ${isTTY ? 'text' : 'JSON'}`, () => {
      const { stream, text } = collect({ isTTY })
      createLogger({ level: 'info', stream }).info(evil, { [evil]: evil, nested: { [evil]: [evil] } })
      expect(text().slice(0, -1)).to.not.match(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u)
      expect(text()).to.match(/\n$/)
    })
  }

  it('and JSON gives back what was told', () => {
    expect(jsonOf({ evil }, evil)).to.include({ message: evil, evil })
  })
})

describe('createLogger: levels', () => {
  const before = process.env['LOG_LEVEL']
  afterEach(() => {
    if (before === undefined) delete process.env['LOG_LEVEL']
    else process.env['LOG_LEVEL'] = before
  })

  const all: readonly Level[] = ['debug', 'info', 'warn', 'error']
  const written = (options: LoggerOptions) => {
    const { stream, text } = collect()
    const logger = createLogger({ ...options, stream })
    for (const level of all) logger[level](level)
    return text()
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { level: string }).level)
  }

  for (const [count, level] of [...all, 'silent' as const].entries()) {
    it(`${level} leaves out what is less urgent, as an option and in LOG_LEVEL`, () => {
      expect(written({ level })).to.deep.equal(all.slice(count))
      process.env['LOG_LEVEL'] = level.toUpperCase()
      expect(written({})).to.deep.equal(all.slice(count))
    })
  }

  it('is info by default, and the option goes before LOG_LEVEL', () => {
    process.env['LOG_LEVEL'] = ''
    expect(written({})).to.deep.equal(['info', 'warn', 'error'])
    process.env['LOG_LEVEL'] = 'silent'
    expect(written({ level: 'error' })).to.deep.equal(['error'])
  })

  it('refuses one that there is not, and says where it stands', () => {
    expect(() => createLogger({ level: 'loud' as Level })).to.throw(
      ConfigError,
      /option "level" must be.*silent, got "loud"/,
    )
    process.env['LOG_LEVEL'] = 'trace'
    expect(() => createLogger()).to.throw(ConfigError, /LOG_LEVEL must be.*got "trace"/)
  })
})

function thrown(): never {
  throw new Error('no')
}
