// A framework serving a scenario, ready to be asked.

import { serverCore } from './cores.mjs'
import { fetchAnswer } from './fetch-answer.mjs'
import { scenarios } from './scenarios.mjs'
import { Worker } from './worker.mjs'

/** The slowest are those that register 10,000 routes, all at once on one core. */
const startTimeoutMs = 120_000

/** Resolves to `{ framework, worker, port, requests }`; the requests bring the session's cookie where there is a login. */
export async function startServer(framework, name, pinned) {
  const { handlers = name, size, requests, login } = scenarios[name]
  const args = [framework, handlers, ...(size === undefined ? [] : [String(size)])]
  const worker = new Worker(`${framework}: ${name}`, 'serve.mjs', args, pinned ? serverCore : undefined)
  try {
    const port = await worker.ask('listen', {}, startTimeoutMs)
    return { framework, worker, port, requests: login ? await signIn(port, login, requests) : requests }
  } catch (error) {
    worker.stop()
    throw error
  }
}

/** `requests` with the cookies that `login` gave. */
async function signIn(port, login, requests) {
  const { headers } = await fetchAnswer(port, login)
  const cookie = headers['set-cookie']?.map((field) => field.split(';', 1)[0]).join('; ')
  if (cookie === undefined) throw new Error(`${login.path} gave no cookie`)
  return requests.map((request) => ({ ...request, headers: { ...request.headers, cookie } }))
}
