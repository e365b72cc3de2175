import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import { ConfigError, RouteError } from 'tribind'
import { type Complete, defineOptions, type OptionTable, type RowsOf } from '../../../lib/options/define-options.ts'
import { nested, option } from '../../../lib/options/option.ts'
import {
  bytes,
  callback,
  type Duration,
  duration,
  flag,
  integer,
  isFunction,
  milliseconds,
  oneOf,
  text,
} from '../../../lib/options/option-kinds.ts'
import { callUntyped, thrownBy } from '../../feature/both-ways.ts'

interface TlsOptions {
  key: string
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
}

interface LimitOptions {
  maxFiles?: number
}

interface AppOptions {
  port?: number
  style?: 'kebab' | 'camel'
  names?: readonly string[]
  timeout?: number
  half?: number
  tls?: TlsOptions
  limits?: LimitOptions | (() => LimitOptions)
  verify?: (user: string) => boolean
}

type ReadAppOptions = Complete<Omit<AppOptions, 'limits'>, 'names' | 'tls' | 'verify'> & {
  readonly limits: Complete<LimitOptions> | (() => LimitOptions)
}

const tls: OptionTable<TlsOptions, TlsOptions> = defineOptions({
  key: text({ required: true, secret: true }),
  minVersion: oneOf(['TLSv1.2', 'TLSv1.3']),
})
const limits: OptionTable<LimitOptions> = defineOptions({ maxFiles: integer({ from: 0 }, { default: 20 }) })

const app: OptionTable<AppOptions, ReadAppOptions> = defineOptions(
  {
    port: integer({ from: 0, to: 65_535 }, { default: 8199, scope: 'entrypoint' }),
    style: oneOf(['kebab', 'camel'], { default: 'kebab' }),
    names: option((value) => Array.isArray(value), 'an array of names'),
    timeout: milliseconds(0, { default: 1000 }),
    half: milliseconds(0, { createDefault: ({ timeout }) => Number(timeout) / 2, defaultText: 'half of `timeout`' }),
    tls: nested(tls, 'an object with a key'),
    limits: nested(limits, 'an object, or a function that returns one', { default: {} }, isFunction),
    verify: callback(),
  },
  {
    check: ({ half, timeout }) => (half > timeout ? 'option "half" must not be longer than "timeout"' : undefined),
    instead: { host: 'write it into "address"' },
  },
)

const parse = (given: unknown) => callUntyped(app, 'parse', given)
const message = (given: unknown) => {
  const error = thrownBy(() => parse(given))
  expect(error).to.be.instanceOf(ConfigError)
  return error.message
}

describe('defineOptions: what parse returns', () => {
  const defaults = { port: 8199, style: 'kebab', timeout: 1000, half: 500, limits: { maxFiles: 20 } }

  it('has the defaults, and nothing for options that have none', () => {
    expect(app.parse({})).to.deep.equal(defaults)
    expect(parse({ port: undefined, names: undefined })).to.deep.equal(defaults)
  })

  it('has what is given in place of defaults, which may follow from it', () => {
    expect(app.parse({ port: 0, timeout: 10 })).to.deep.equal({ ...defaults, port: 0, timeout: 10, half: 5 })
  })

  it('is a frozen copy, of arrays and nested options too', () => {
    const given = { names: ['a'], tls: { key: 'k' } }
    const read = app.parse(given)
    given.names.push('b')
    given.tls.key = 'changed'
    expect(read).to.deep.include({ names: ['a'], tls: { key: 'k' } })
    for (const part of [read, read.names, read.tls, read.limits]) expect(part).to.be.frozen
  })

  it('has a function as it is, also where it may stand for nested options', () => {
    const make = () => ({})
    const verify = () => true
    expect(app.parse({ limits: make, verify })).to.include({ limits: make, verify })
  })

  it('reads each own property once, and none that is inherited or hidden', () => {
    let reads = 0
    const given = Object.create(
      { port: 'x' },
      {
        timeout: { enumerable: true, get: () => ++reads * 2 },
        style: { value: 'hidden' },
      },
    ) as object
    expect(app.parse(given)).to.include({ port: 8199, timeout: 2, style: 'kebab' })
    expect(reads).to.equal(1)
  })
})

describe('defineOptions: what parse refuses', () => {
  it('is a wrong value: the message says where, what it must be and what came', () => {
    expect(message({ port: 'x' })).to.equal('option "port" must be an integer from 0 to 65535, got "x"')
    expect(message({ style: null })).to.equal('option "style" must be one of kebab, camel, got null')
    expect(message({ timeout: 2 ** 31 })).to.equal(
      'option "timeout" must be an integer from 0 to 2147483647 (milliseconds), got 2147483648',
    )
    expect(message({ limits: { maxFiles: -1 } })).to.equal('option "limits.maxFiles" must be an integer from 0, got -1')
    expect(message({ limits: 1 })).to.equal('option "limits" must be an object, or a function that returns one, got 1')
    expect(message({ tls: { key: 'k', minVersion: 'TLSv9' } })).to.equal(
      'option "tls.minVersion" must be one of TLSv1.2, TLSv1.3, got "TLSv9"',
    )
  })

  it('is an unknown option: the message has the nearest name, where one is near, and all there are', () => {
    expect(message({ prot: 1 })).to.match(/^unknown option "prot", did you mean "port"\? Known options: port, style, /)
    expect(message({ TimeOut: 1 })).to.contain('did you mean "timeout"?')
    expect(message({ tls: { kye: 'k' } })).to.equal(
      'unknown option "tls.kye", did you mean "tls.key"? Known options: key, minVersion',
    )
    expect(message({ elsewhere: 1 })).to.match(/^unknown option "elsewhere"\. Known options: port, /)
    expect(message({ host: 1 })).to.equal('unknown option "host": write it into "address"')
    for (const name of ['constructor', 'toString', '__proto__'])
      expect(message(JSON.parse(`{ "${name}": 1 }`))).to.contain(`unknown option "${name}". Known`)
  })

  it('is a required option that is missing', () => {
    expect(message({ tls: {} })).to.equal('option "tls.key" is required: a non-empty string')
    expect(message({ tls: { key: undefined } })).to.contain('"tls.key" is required')
  })

  it('is what options say only together', () => {
    expect(message({ half: 2000 })).to.equal('option "half" must not be longer than "timeout"')
  })

  it('is what is no object of options', () => {
    for (const [given, got] of [
      [null, 'null'],
      [8199, '8199'],
      ['x', 'a string'],
      [['x'], 'an array'],
    ])
      expect(message(given)).to.equal(`expected an object of options, got ${String(got)}`)
  })
})

describe('defineOptions: messages', () => {
  it('never show a secret, nor what stands in the place of options with one', () => {
    expect(message({ tls: { key: ['hidden'] } })).to.equal('option "tls.key" must be a non-empty string')
    expect(message({ tls: 'hidden' })).to.equal('option "tls" must be an object with a key')
  })

  it('begin with the owner, and are of the class that the table has', () => {
    const cors: OptionTable<{ maxAge?: number }, { maxAge?: number }> = defineOptions(
      { maxAge: integer({ from: 0 }) },
      { owner: 'cors', error: RouteError },
    )
    const refuse = (given: unknown) => thrownBy(() => callUntyped(cors, 'parse', given))
    expect(refuse({ maxAge: '1' }).message).to.equal('cors: option "maxAge" must be an integer from 0, got "1"')
    expect(refuse({ maxage: 1 }).message).to.equal(
      'cors: unknown option "maxage", did you mean "maxAge"? Known options: maxAge',
    )
    expect(refuse(null).message).to.equal('cors: expected an object of options, got null')
    expect(refuse(null)).to.be.instanceOf(RouteError)
  })

  it('print any value in one short line, and call nothing of it', () => {
    const table: OptionTable<{ size?: number }, { size?: number }> = defineOptions({ size: bytes() })
    const hostile = { toString: () => 'called', [Symbol.for('nodejs.util.inspect.custom')]: () => 'called' }
    for (const value of [
      Symbol('s'),
      Object.create(null),
      'x'.repeat(1000),
      1n,
      hostile,
      new URL('http://a.example'),
    ]) {
      const { message } = thrownBy(() => callUntyped(table, 'parse', { size: value }))
      expect(message).to.match(/^option "size" must be an integer from 0 \(bytes\), got .{1,90}$/)
      expect(message).to.not.match(/got called/)
    }
  })
})

describe('defineOptions: one option alone', () => {
  it('is checked by check, in any place', () => {
    expect(app.check('port', 1)).to.equal(1)
    expect(() => app.check('port', 70_000, 'web.')).to.throw(
      ConfigError,
      'option "web.port" must be an integer from 0 to 65535, got 70000',
    )
  })
})

describe('defineOptions: rows', () => {
  const rows = app.rows()
  const row = (name: string) => rows.find((row) => row.name === name)

  it('list all options, the nested ones with their place', () => {
    expect(rows.map(({ name }) => name)).to.deep.equal([
      'port',
      'style',
      'names',
      'timeout',
      'half',
      'tls',
      'tls.key',
      'tls.minVersion',
      'limits',
      'limits.maxFiles',
      'verify',
    ])
  })

  it('say what an option must be, its default and its scope', () => {
    expect(row('port')).to.deep.equal({
      name: 'port',
      words: 'an integer from 0 to 65535',
      default: 8199,
      defaultText: undefined,
      isRequired: false,
      isSecret: false,
      scope: 'entrypoint',
    })
    expect(row('half')).to.include({ default: undefined, defaultText: 'half of `timeout`' })
    expect(row('tls.key')).to.include({ isRequired: true, isSecret: true })
    expect(row('tls')).to.include({ isRequired: false, isSecret: true, scope: undefined })
  })
})

describe('defineOptions: types', () => {
  it('have defaults filled in', () => {
    type Read = ReturnType<typeof app.parse>
    expectTypeOf<Read['port']>().toEqualTypeOf<number>()
    expectTypeOf<Read['style']>().toEqualTypeOf<'kebab' | 'camel'>()
    expectTypeOf<Read['half']>().toEqualTypeOf<number>()
    expectTypeOf<Read['names']>().toEqualTypeOf<readonly string[] | undefined>()
    expectTypeOf<NonNullable<Read['tls']>['key']>().toEqualTypeOf<string>()
    expectTypeOf<Exclude<Read['limits'], () => unknown>['maxFiles']>().toEqualTypeOf<number>()
  })

  it('hold the table against its interface', () => {
    interface Given {
      size?: number
    }
    void ({ size: bytes({ default: 1 }) } satisfies RowsOf<Given>)
    void ({ size: bytes() } satisfies RowsOf<Given, Given>)
    // @ts-expect-error -- an option without a row
    void ({} satisfies RowsOf<Given>)
    // @ts-expect-error -- a row without an option
    void ({ size: bytes({ default: 1 }), sise: bytes() } satisfies RowsOf<Given>)
    // @ts-expect-error -- a row of another type
    void ({ size: flag({ default: true }) } satisfies RowsOf<Given>)
    // @ts-expect-error -- a default of another type
    void ({ size: bytes({ default: '1' }) } satisfies RowsOf<Given>)
    // @ts-expect-error -- no default, for an option that is always there
    void ({ size: bytes() } satisfies RowsOf<Given>)
  })
})

describe('defineOptions: a time', () => {
  const table: OptionTable<{ period?: Duration }, { period: number }> = defineOptions({
    period: duration(1000, { default: '5s' }),
  })

  it('is milliseconds, whatever it is written as', () => {
    for (const [given, ms] of [
      [undefined, 5000],
      [1500, 1500],
      ['1500ms', 1500],
      ['1.5s', 1500],
      ['2m', 120_000],
      ['1h', 3_600_000],
    ] as const)
      expect(table.parse({ period: given as Duration }), String(given)).to.deep.equal({ period: ms })
  })

  it('is refused where it is too short, too long for a timer, or no time', () => {
    for (const given of [999, '999ms', 2 ** 31, '600h', '5', '5 s', '-5s', 's', 1500.5, NaN, true, '1d'])
      expect(thrownBy(() => callUntyped(table, 'parse', { period: given })).message, String(given)).to.match(
        /^option "period" must be a time from 1000 ms, as milliseconds or a text such as "10s", "2m" or "1h", got /,
      )
  })
})
