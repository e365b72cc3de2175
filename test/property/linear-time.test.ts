import { expect } from 'chai'
import { parseHost } from '../../lib/net/host.ts'
import { parsePath } from '../../lib/net/path.ts'
import { parseTarget } from '../../lib/net/request-target.ts'
import { readParams } from '../../lib/routing/match-route.ts'
import { bindPatterns } from './bind-patterns.ts'
import { createTable } from './create-table.ts'

const table = createTable([
  bindPatterns([
    '/{a}-{b}-{c}y{d}',
    '/{a}--{b}--{c}',
    '/*a/x/*b/x/*c',
    '/*a/{p}-{q}z/*b/:last/y',
    '/*a/:p/:q/a/b/*b/z',
    '/{a}-{b}-{c}y{d}/*rest/z@*.example.com',
    '/:a@*.a.a.a.example.com',
    '/a/b@a.example.com',
  ]),
])

/** From the target as it came to the parameters, all that a request costs before its handler. */
function findRoute(url: string, host = ''): void {
  const { path: rawPath } = parseTarget(url)
  const segments = parsePath(rawPath)
  const found = table.find({ method: 'GET', host: parseHost(host) ?? host, rawPath, segments })
  if (found !== undefined) readParams(found.bound.route, { rawPath, segments })
}

const many = (text: string) => (bytes: number) => text.repeat(Math.ceil(bytes / text.length))
const hostile: Record<string, (bytes: number) => [url: string, host?: string]> = {
  'a path of "-"': (bytes) => ['/' + many('-')(bytes)],
  'a path of "-y"': (bytes) => ['/' + many('-y')(bytes)],
  'a path of "--" without an end': (bytes) => ['/' + many('a--')(bytes) + '/'],
  'a path of "/"': (bytes) => [many('/')(bytes)],
  'a path of "a/"': (bytes) => ['/' + many('a/')(bytes)],
  'a path of "x/"': (bytes) => ['/' + many('x/')(bytes)],
  'a path of "x/" that ends otherwise': (bytes) => ['/' + many('x/')(bytes) + 'z'],
  'a path of "a/b/"': (bytes) => ['/' + many('a/b/')(bytes) + 'z'],
  'a path of "a-az/"': (bytes) => ['/' + many('a-az/')(bytes)],
  'a path of one long "a-…" before "/y"': (bytes) => ['/' + many('a-')(bytes) + '/y/y'],
  'a path of "%2d"': (bytes) => ['/' + many('%2d')(bytes)],
  'a path of "%"': (bytes) => ['/' + many('%')(bytes)],
  'a path of "%2f"': (bytes) => ['/' + many('%2f')(bytes)],
  'a path of latin1 bytes': (bytes) => ['/' + many('\xc3\xa9')(bytes)],
  'a path of "." and ".."': (bytes) => ['/' + many('.../..../')(bytes)],
  'a query of "?"': (bytes) => ['/a' + many('?')(bytes)],
  'a target without a slash': (bytes) => [many('http:')(bytes)],
  'an absolute target with a long host': (bytes) => ['http://' + many('a.')(bytes) + '/'],
  'a host of many labels': (bytes) => ['/', many('a.')(bytes) + 'example.com'],
  'a host of many labels of a domain': (bytes) => ['/', many('a.a.a.a.example.com.')(bytes) + 'com'],
  'a host of dots': (bytes) => ['/', many('.')(bytes)],
  'a host of dashes': (bytes) => ['/', 'a' + many('-')(bytes)],
}

/** Of the processor, not of the clock: a long run is interrupted more often than a short one where others want to run. */
function timeMs(act: () => void): number {
  const start = process.cpuUsage()
  for (let i = 0; i < 5; i++) act()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

// An input four times as long takes four times as long, or sixteen times where something is quadratic.
const GROWTH = 4
const LIMIT = 9
const TINY_MS = 0.2

/**
 * The least times that both calls took, of several: what else the machine does only adds to them. In turns and the long
 * one first, so that neither is measured while the code is still interpreted and the other after it is compiled.
 */
function leastTimesMs(short: () => void, long: () => void): { shortMs: number; longMs: number } {
  let [shortMs, longMs] = [Infinity, Infinity]
  for (let turn = 0; turn < 7; turn++) {
    longMs = Math.min(longMs, timeMs(long))
    shortMs = Math.min(shortMs, timeMs(short))
  }
  return { shortMs, longMs }
}

/** Whether time grows with the input and no faster; measured again where something else may have been in the way. */
function isLinear(call: (bytes: number) => void, bytes: number): boolean {
  for (let attempt = 0; attempt < 4; attempt++) {
    const { shortMs, longMs } = leastTimesMs(
      () => call(bytes),
      () => call(bytes * GROWTH),
    )
    if (longMs < TINY_MS || longMs < shortMs * LIMIT) return true
  }
  return false
}

describe('property: hostile requests cost no more than their length', function () {
  this.timeout(60_000)

  for (const [name, inputOf] of Object.entries(hostile)) {
    it(name, () => {
      const inputs = new Map([16_384, 16_384 * GROWTH].map((bytes) => [bytes, inputOf(bytes)]))
      expect(isLinear((bytes) => findRoute(...(inputs.get(bytes) as [string, string?])), 16_384)).to.equal(true)
    })
  }

  it('and the measure itself sees what is quadratic', () => {
    const quadratic = (bytes: number) => {
      let sum = 0
      for (let i = 0; i < bytes / 32; i++) for (let j = 0; j < bytes / 32; j++) sum += i ^ j
      return sum
    }
    expect(isLinear(quadratic, 16_384)).to.equal(false)
  })
})
