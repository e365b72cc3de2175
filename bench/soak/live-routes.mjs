// What each version of a layer binds under load. Its answers say which version it is.

import { setTimeout as sleep } from 'node:timers/promises'

/** How many versions share a pool. */
const VERSIONS_PER_POOL = 8

class Pool {
  #counts
  isOpen = true

  constructor(counts) {
    this.#counts = counts
    counts.pools++
  }

  close() {
    if (!this.isOpen) this.#counts.failures.push('a kept value was closed twice')
    this.isOpen = false
    this.#counts.pools--
  }
}

/**
 * @param number that of the version; below 0 it never serves
 * @param counts `retirements`: how many functions of `onRetire` have yet to run; `pools`: how many are open; `failures`
 */
export function bindVersion(routes, number, counts) {
  const fail = (what) => counts.failures.push(`version ${number}: ${what}`)
  const pool = routes.keep(Math.floor(Math.abs(number) / VERSIONS_PER_POOL), () => new Pool(counts))
  let isRetired = false
  counts.retirements++
  routes.onRetire(() => {
    counts.retirements--
    if (isRetired) fail('it retired twice')
    isRetired = true
  })
  const check = (version) => {
    if (isRetired || !pool.isOpen) fail('it is retired, and still serves')
    if (version !== number) fail(`it serves a request of version ${version}`)
  }
  const versionOf = ({ context }) => {
    check(context.get('version'))
    return number
  }

  routes.bindHookHandler('/live/*', 'BeforeServe', ({ context }) => void context.set('version', number))
  routes.bindHookHandler('/live/*', 'AfterClose', (request) => void versionOf(request))
  // Who asks for this one doesn't leave.
  routes.bindHookHandler('/live/page/*', 'AfterClose', ({ response }) => {
    if (!response.raw.writableFinished) fail('an answer was lost')
  })
  bindServices(routes, versionOf)
}

function bindServices(routes, versionOf) {
  const showPage = async (request) => {
    await sleep(Math.random() * 20)
    return { token: request.params.token, version: versionOf(request) }
  }
  routes.get('/live/page/:token', showPage)
  routes.get('/live/left/:token', showPage)
  routes.post('/live/body', async (request) => ({
    size: (await request.bytes()).length,
    version: versionOf(request),
  }))
  routes.get('/live/events/:token', async (request) => {
    const events = request.response.sse()
    while (await events.send({ data: `${request.params.token} ${versionOf(request)}` })) await sleep(5)
  })
  routes.bindWebSocket('/live/socket', (socket, request) => {
    socket.on('message', (data) => socket.send(`${data} ${versionOf(request)}`))
  })
}
