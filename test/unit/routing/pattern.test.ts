import { expect } from 'chai'
import { RouteError } from '../../../lib/base/errors.ts'
import { formatPattern, parsePattern } from '../../../lib/routing/pattern.ts'

describe('routing/pattern', () => {
  const patterns: [text: string, methods: string, route: string, domains: string][] = [
    ['/', 'ALL', '/', ''],
    ['/a/', 'ALL', '/a', ''],
    ['/a//b///', 'ALL', '/a/b', ''],
    ['GET:/a', 'GET', '/a', ''],
    ['get, Post :/a', 'GET,POST', '/a', ''],
    ['GET,get:/a', 'GET', '/a', ''],
    ['ALL:/a', 'ALL', '/a', ''],
    ['  GET  :  /a  @  a.com  ', 'GET', '/a', 'a.com'],
    ['/a@A.com', 'ALL', '/a', 'a.com'],
    ['/a@a.com, *.B.com,a.com', 'ALL', '/a', 'a.com,*.b.com'],
    ['/a/@a.com', 'ALL', '/a', 'a.com'],
    ['/a:b/:c', 'ALL', '/a:b/:c', ''],
    ['GET:/a:b', 'GET', '/a:b', ''],
    ['/@me/:id', 'ALL', '/@me/:id', ''],
    ['/@me/:id@a.com', 'ALL', '/@me/:id', 'a.com'],
    ['/a@b@a.com', 'ALL', '/a@b', 'a.com'],
    ['/:id@a.com', 'ALL', '/:id', 'a.com'],
    ['/größe/日本', 'ALL', '/größe/日本', ''],
    ['/a b', 'ALL', '/a b', ''],
  ]

  for (const [text, methods, route, domains] of patterns) {
    it(`${JSON.stringify(text)} is ${methods} ${route} at ${domains || 'every host'}`, () => {
      const pattern = parsePattern(text)
      expect([pattern.methods.join(), pattern.route.text, pattern.domains.join()]).to.deep.equal([
        methods,
        route,
        domains,
      ])
      expect(pattern.text).to.equal(text)
      expect(parsePattern(formatPattern(pattern)).route).to.deep.equal(pattern.route)
    })
  }

  const refused: [text: string, why: string][] = [
    ['', '""'],
    ['user', '"user"'],
    ['GET', '"GET"'],
    ['GET:user', '"user"'],
    ['FETCH:/a', '"FETCH"'],
    ['GET,:/a', '""'],
    [':/a', '""'],
    ['GET POST:/a', '"GET POST"'],
    ['/a/:b c', '":b c"'],
    ['/a/{b', '"{b"'],
    ['/x/{a}{b}/y', '"{a}{b}"'],
    ['/:a/{a}', '"a"'],
    ['/*a/*a', '"a"'],
    ['/{a}-{a}', '"a"'],
    ['/a/../b', '".."'],
    ['/a@', '""'],
    ['/a@a.com,', '""'],
    ['/a@a.com:80', '"a.com:80"'],
    ['/a@*.', '"*."'],
    ['/a@a com', '"a com"'],
  ]

  for (const [text, culprit] of refused) {
    it(`${JSON.stringify(text)} is refused: the message names it and ${culprit}`, () => {
      expect(() => parsePattern(text))
        .to.throw(RouteError)
        .with.property('message')
        .that.includes(`"${text}"`)
        .and.includes(culprit)
    })
  }
})
