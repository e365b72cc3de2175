import { expect } from 'chai'
import { ConfigError } from 'tribind'
import {
  namedObserversOption,
  type NamedObservers,
  type ObserverOption,
  type ObserversByName,
  readObservers,
} from '../../../../lib/entrypoint/observers/observer-options.ts'
import { thrownBy } from '../../../feature/both-ways.ts'

const report = () => true
const read = (given: unknown, named: NamedObservers = {}) =>
  readObservers(
    given as ObserverOption,
    'entryPoints.web.observer',
    namedObserversOption().convert?.(named, 'observers') as ObserversByName,
  )
const defaults = { period: 5000, timeout: 5000, resetTraffic: false }

describe('readObservers', () => {
  it('reads a URL with the defaults, and names it without what may be secret', () => {
    const [observer] = read('https://alice:s3cret@example.com/observe?key=s3cret#x')
    expect(observer).to.deep.equal({
      ...defaults,
      name: 'https://example.com/observe',
      url: new URL('https://alice:s3cret@example.com/observe?key=s3cret#x'),
    })
  })

  it('reads URL objects, objects with url, and functions, which have their own names', () => {
    const url = new URL('http://example.com/')
    const observers = read([
      url,
      { url, token: 'abc', resetTraffic: true },
      { report, period: 2000 },
      { report: () => 1 },
    ])
    expect(observers).to.deep.include({ ...defaults, name: 'http://example.com/', url })
    expect(observers).to.deep.include({
      ...defaults,
      name: 'http://example.com/ 2',
      url,
      token: 'abc',
      resetTraffic: true,
    })
    expect(observers[2]).to.include({ name: 'report', report, period: 2000 })
    expect(observers[3]).to.include({ name: 'report 2' })
  })

  it('reads durations as texts', () => {
    expect(read({ report, period: '2m', timeout: '500ms' })[0]).to.include({ period: 120_000, timeout: 500 })
  })

  it('finds the observers of a name', () => {
    const named = { audit: { report, period: '10s' }, ops: 'http://example.com/' } as const
    expect(read('audit', named)[0]).to.include({ name: 'audit', report, period: 10_000 })
    expect(read(['ops', 'audit'], named).map(({ name }) => name)).to.deep.equal(['ops', 'audit'])
  })

  it('finds no member of objects as a name', () => {
    expect(() => read('constructor')).to.throw(ConfigError, 'there is no observer "constructor"')
  })

  it('names the observers that there are, and the one that was most likely meant', () => {
    const named = { audit: { report }, ops: 'http://example.com/' }
    expect(() => read(['audti'], named)).to.throw(
      ConfigError,
      'option "entryPoints.web.observer[0]": there is no observer "audti" in option "observers"; there are: audit, ops, did you mean "audit"?',
    )
  })

  it('reads none where the option is not set', () => {
    expect(readObservers(undefined, 'x', {})).to.deep.equal([])
  })

  const expected =
    'must be a URL that begins with http:// or https://, an object with url or report, a name from option "observers", or an array of these'

  for (const [given, message] of [
    ['audti', 'option "entryPoints.web.observer": there is no observer "audti" in option "observers"; there are: none'],
    [['http://a/', 5], `option "entryPoints.web.observer[1]" ${expected}, got 5`],
    ['ftp://alice:s3cret@a/', `option "entryPoints.web.observer" ${expected}, got another text`],
    ['localhost:8000/events', `option "entryPoints.web.observer" ${expected}, got another text`],
    ['http://alice:%s3cret@a/', `option "entryPoints.web.observer" ${expected}, got another text`],
    [
      () => true,
      `option "entryPoints.web.observer" ${expected}, got [Function (anonymous)]; write a function as { report: function }`,
    ],
    [
      { url: 'ftp://alice:s3cret@a/' },
      'option "entryPoints.web.observer.url" must be a URL that begins with http:// or https://',
    ],
    [
      { report, period: 999 },
      'option "entryPoints.web.observer.period" must be a time from 1000 ms, as milliseconds or a text such as "10s", "2m" or "1h", got 999',
    ],
    [
      ['http://a/', { report, timeout: 0 }],
      'option "entryPoints.web.observer[1].timeout" must be a time from 1 ms, as milliseconds or a text such as "500ms", "10s", "2m" or "1h", got 0',
    ],
    [
      { url: 'http://a/', token: 's3cret\n' },
      'option "entryPoints.web.observer.token" must be a non-empty string of visible ASCII characters',
    ],
    [
      { url: 'http://a/', report },
      'option "entryPoints.web.observer.url" or option "entryPoints.web.observer.report" is required, and not both',
    ],
    [{}, 'option "entryPoints.web.observer.url" or option "entryPoints.web.observer.report" is required, and not both'],
    [
      { report, token: 'abc' },
      'option "entryPoints.web.observer.token" needs option "entryPoints.web.observer.url": a function gets no token',
    ],
    [
      { url: 'http://alice:s3cret@a/', token: 'abc' },
      'option "entryPoints.web.observer.token" and the credentials in option "entryPoints.web.observer.url" exclude each other: leave one out',
    ],
    [
      { report, perod: 1 },
      'unknown option "entryPoints.web.observer.perod", did you mean "entryPoints.web.observer.period"? Known options: url, token, report, period, timeout, resetTraffic',
    ],
  ] as [unknown, string][]) {
    it(`refuses what it can't read: ${message.slice(0, 90)}`, () => {
      const error = thrownBy(() => read(given))
      expect(error).to.be.instanceOf(ConfigError).with.property('message', message)
    })
  }

  it('names an option of a named observer by its path', () => {
    expect(() => read('audit', { audit: { report, period: '1ms' } })).to.throw(
      ConfigError,
      'option "observers.audit.period" must be a time from 1000 ms',
    )
    expect(() => read('audit', { audit: 'nowhere' })).to.throw(
      ConfigError,
      'option "observers.audit" must be a URL that begins with http:// or https://, or an object with url or report, got "nowhere"',
    )
  })
})
