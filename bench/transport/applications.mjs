// What is served: by hand, as bench/http does on bare node:http, and by tribind. Both take a request and its response.

import { send } from '../http/bare/send.mjs'
import { readJson } from '../http/bare/read-json.mjs'
import { GreetingController as BareController, createMessage, greeting } from '../http/content.mjs'
import { hookMark, readHookMark } from '../http/hook-mark.mjs'
import { Controller, createLogger, Server } from '../../dist/index.js'

const text = 'text/plain; charset=utf-8'
const json = 'application/json; charset=utf-8'

/** As tribind writes to node:http: head and body in one write. */
function sendInOneWrite(response, status, type, body) {
  response.writeHead(status, ['Content-Type', type, 'Content-Length', Buffer.byteLength(body)])
  response.socket.cork()
  response.write(body, 'latin1')
  response.socket.uncork()
  response.end()
}

/** @param sends how an answer is written */
const createByHand = (sends) => (request, response) => {
  const { method, url } = request
  if (method === 'GET' && url === '/') return sends(response, 200, text, greeting)
  if (method === 'GET' && url === '/json') return sends(response, 200, json, JSON.stringify(createMessage()))
  if (method === 'GET' && url === '/controller') {
    request.mark = hookMark
    const body = new BareController(request).show()
    readHookMark(request.mark)
    return sends(response, 200, text, body)
  }
  if (method !== 'POST' || url !== '/echo') return sends(response, 404, text, 'Not Found')
  readJson(
    request,
    (value) => sends(response, 200, json, JSON.stringify(value)),
    (status, words) => sends(response, status, text, words),
  )
}

export const byHand = createByHand(send)
export const byHandInOneWrite = createByHand(sendInOneWrite)

class GreetingController extends Controller {
  index() {
    return this.request === undefined ? 'Hello, nobody!' : greeting
  }
}

export function createTribind() {
  const server = new Server({ port: 0, address: '127.0.0.1', logger: createLogger({ level: 'warn' }) })
  server.bindHandler('GET:/', () => greeting)
  server.bindHandler('GET:/json', () => createMessage())
  server.bindHandler('POST:/echo', (request) => request.json())
  server.bindHookHandler('/controller', 'BeforeServe', (request) => request.context.set('mark', hookMark))
  server.bindHookHandler('/controller', 'AfterServe', (request) => readHookMark(request.context.get('mark')))
  server.bindController('GET:/controller', GreetingController)
  return server
}
