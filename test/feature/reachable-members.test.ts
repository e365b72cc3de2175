import { expect } from 'chai'
import { Controller, type Request, ResponseError, Server } from 'tribind'
import { reachableNames } from '../junk/reflect.ts'
import { collectingLogger, thrownBy } from './both-ways.ts'
import { encodeMultipart, multipart } from './multipart-body.ts'
import { viewFolder } from './view-folder.ts'

/** What the contract and the documentation name, and nothing else. */
const members: Readonly<Record<string, string>> = {
  request: `id method url path host headers header ip protocol params query get input setParam getQuery getRouter route text json
    form bytes body file files parse cookie session view server response context signal raw exit exitHook exitAll isExited
    entryPoint language setLanguage web`,
  response: `status write writeln writeJson writeJsonp writeHtml writeStatus writeOver writeTpl problem redirectTo redirectBack header
    setHeader addHeader removeHeader buffer setBuffer clearBuffer stream serveFile serveFileDownload sse raw hijack sent`,
  cookie: 'get set remove all',
  session: 'id get set has remove data clear regenerate destroy',
  view: 'assign assigns parse parseContent display',
  context: 'get set has',
  controller: 'request response server cookie session view t init shut exit',
  stream: 'lastEventId closed isClosed send comment close',
  file: 'name filename type size path save toJSON',
}

/** What other frameworks have on a response, and what to write instead. To set it is an error; it can't be read. */
const foreign = {
  body: 'response.write(…)',
  headers: 'response.setHeader(name, value)',
  statusCode: 'response.status',
  type: "response.setHeader('Content-Type', …)",
}

/** The names, sorted; symbols as text. */
function namesOf(object: object): string[] {
  return reachableNames(object)
    .filter((name) => name !== 'constructor' && !(object === held['response'] && Object.hasOwn(foreign, name)))
    .map(String)
    .toSorted()
}

const held: Record<string, object> = {}

describe('what a handler reaches is what is documented', () => {
  const { root } = viewFolder({ 'index.eta': 'index' })

  before(async () => {
    const session = { secret: 'a secret of thirty-two characters' }
    const server = new Server({ logger: collectingLogger(), session, view: { root } })
    server.bindController(
      '/',
      class Pages extends Controller {
        override async init(request: Request) {
          const { response, cookie, session, view, context } = request
          const file = (await request.file('file')) as object
          Object.assign(held, { request, response, cookie, session, view, context, controller: this, file })
        }
        index() {
          const stream = (held['stream'] = this.response.sse())
          stream.close()
        }
        override shut() {}
      },
      'index',
    )
    const body = encodeMultipart([{ name: 'file', filename: 'file.txt', content: 'content' }])
    await server.inject({ method: 'POST', url: '/', headers: multipart, body })
  })

  for (const [name, advice] of Object.entries(foreign)) {
    it(`and setting ${name} on a response is an error that says what to write instead`, () => {
      const response = held['response'] as object
      expect(Reflect.get(response, name)).to.equal(undefined)
      const error = thrownBy(() => Reflect.set(response, name, 'value'))
      expect(error).to.be.instanceOf(ResponseError)
      expect(error.message).to.equal(`a response has no member "${name}": use ${advice}`)
    })
  }

  for (const [what, names] of Object.entries(members)) {
    it(`of a ${what}`, () => {
      const own = what === 'controller' ? ['index'] : []
      const documented = [...names.split(/\s+/), ...own].toSorted()
      expect(namesOf(held[what] as object)).to.deep.equal(documented)
    })

    it(`and nothing by the class of a ${what}`, () => {
      const object = held[what] as object
      for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
        const statics = Reflect.ownKeys(at.constructor).map(String)
        expect(['length', 'name', 'prototype'], String(at.constructor.name)).to.include.members(statics)
      }
    })
  }
})
