// node:http by hand: what a program without a framework would write when it cares for speed.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { send, sendJson, sendText } from '../bare/send.mjs'
import {
  GreetingController,
  createDomains,
  createMessage,
  createPage,
  createRouteTable,
  describePassed,
  describePost,
  greeting,
  middlewareCount,
  userName,
} from '../content.mjs'
import { hookMark, readHookMark } from '../hook-mark.mjs'

/** Each gives the function that answers a request, or says with `false` that the path is none of its own. */
const scenarios = {
  hello: () => (path, request, response) => path === '/' && sendText(response, greeting),

  error: () => (path, request, response) => path === '/conflict' && sendText(response, 'Conflict', 409),

  json: () => (path, request, response) => path === '/json' && sendJson(response, createMessage()),

  params: () => (path, request, response) => {
    if (!path.startsWith('/users/')) return false
    const idEnd = path.indexOf('/', 7)
    if (idEnd < 8 || !path.startsWith('/posts/', idEnd)) return false
    const postId = path.slice(idEnd + 7)
    if (postId === '' || postId.includes('/')) return false
    return sendText(response, describePost(decodeURIComponent(path.slice(7, idEnd)), decodeURIComponent(postId)))
  },

  routes: (count) => {
    const answers = new Map(createRouteTable(count).map(({ route, answer }) => [route.replace(/:id$/, ''), answer]))
    return (path, request, response) => {
      const fixed = answers.get(path)
      if (fixed) return sendText(response, fixed())
      const idStart = path.lastIndexOf('/') + 1
      const answer = answers.get(path.slice(0, idStart))
      return answer !== undefined && sendText(response, answer(decodeURIComponent(path.slice(idStart))))
    }
  },

  async echo() {
    const { readJson } = await import('../bare/read-json.mjs')
    return (path, request, response) => {
      if (path !== '/echo') return false
      readJson(
        request,
        (value) => sendJson(response, value),
        (status, text) => sendText(response, text, status),
      )
      return true
    }
  },

  controller: () => (path, request, response) => {
    if (path !== '/controller') return false
    request.mark = hookMark
    const text = new GreetingController(request).show()
    readHookMark(request.mark)
    return sendText(response, text)
  },

  middleware: () => {
    const steps = Array.from({ length: middlewareCount }, () => (request) => {
      request.passed = (request.passed ?? 0) + 1
    })
    return (path, request, response) => {
      for (const step of steps) step(request)
      return path === '/middleware' && sendText(response, describePassed(request.passed))
    }
  },

  async session() {
    const { createSession, readSession } = await import('../bare/session.mjs')
    return (path, request, response) => {
      if (path === '/session') {
        const session = readSession(request)
        return session ? sendText(response, session.user) : sendText(response, 'sign in first', 401)
      }
      if (path !== '/login') return false
      createSession(response, { user: userName })
      return sendText(response, 'welcome')
    }
  },

  async view() {
    const { createEta } = await import('../create-eta.mjs')
    const eta = createEta()
    return (path, request, response) =>
      path === '/page' && send(response, 200, 'text/html; charset=utf-8', eta.render('page', createPage()))
  },

  async file() {
    const { sendFile } = await import('../bare/send-file.mjs')
    return (path, request, response) => sendFile(path, request, response)
  },

  domains: (count) => {
    const texts = new Map(createDomains(count).map(({ host, text }) => [host, text]))
    return (path, request, response) => {
      const text = texts.get(request.headers.host)
      return text !== undefined && path === '/' && sendText(response, text)
    }
  },
}

export async function listen(handlers, size) {
  const answer = await scenarios[handlers](size)
  const served = handlers === 'echo' ? 'POST' : 'GET'
  const server = createServer((request, response) => {
    const { method, url } = request
    const queryStart = url.indexOf('?')
    const path = queryStart === -1 ? url : url.slice(0, queryStart)
    if (method !== served || !answer(path, request, response)) sendText(response, 'Not Found', 404)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server.address().port
}
