// node:http by hand: what a program without a framework would write when it cares for speed.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { hookMark, readHookMark } from '../hook-mark.mjs'
import { GreetingController, createMessage, createRouteTable, describePost, greeting } from '../scenarios.mjs'

/** Each gives the function that answers a request, or says with `false` that the path is none of its own. */
const scenarios = {
  hello: () => (path, request, response) => path === '/' && sendText(response, greeting),

  json: () => (path, request, response) => path === '/json' && sendJson(response, createMessage()),

  params: () => (path, request, response) => {
    if (!path.startsWith('/users/')) return false
    const idEnd = path.indexOf('/', 7)
    if (idEnd < 8 || !path.startsWith('/posts/', idEnd)) return false
    const postId = path.slice(idEnd + 7)
    if (postId === '' || postId.includes('/')) return false
    return sendText(response, describePost(decodeURIComponent(path.slice(7, idEnd)), decodeURIComponent(postId)))
  },

  table: () => {
    const table = createRouteTable()
    const answers = new Map(table.map(({ route, answer }) => [route.replace(/:id$/, ''), answer]))
    return (path, request, response) => {
      const fixed = answers.get(path)
      if (fixed) return sendText(response, fixed())
      const idStart = path.lastIndexOf('/') + 1
      const answer = answers.get(path.slice(0, idStart))
      return answer !== undefined && sendText(response, answer(decodeURIComponent(path.slice(idStart))))
    }
  },

  controller: () => (path, request, response) => {
    if (path !== '/controller') return false
    request.mark = hookMark
    const text = new GreetingController(request).show()
    readHookMark(request.mark)
    return sendText(response, text)
  },

  missing: () => scenarios.hello(),
}

function sendText(response, text) {
  return send(response, 200, 'text/plain; charset=utf-8', text)
}

function sendJson(response, value) {
  return send(response, 200, 'application/json; charset=utf-8', JSON.stringify(value))
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
  return true
}

export async function listen(scenario) {
  const answer = scenarios[scenario]()
  const server = createServer((request, response) => {
    const { method, url } = request
    const queryStart = url.indexOf('?')
    const path = queryStart === -1 ? url : url.slice(0, queryStart)
    if (method !== 'GET' || !answer(path, request, response)) {
      send(response, 404, 'text/plain; charset=utf-8', 'Not Found')
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server.address().port
}
