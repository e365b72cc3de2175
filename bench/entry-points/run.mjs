// What entry points cost: hello at one and at three, over kept connections and over a new one for each request.
//
//   npm run build && node bench/entry-points/run.mjs [another build's index.js, to compare with]

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { pathToFileURL } from 'node:url'
import { openConnection } from '../http/connection.mjs'
import { takeTurns } from '../http/rounds.mjs'

const ROUNDS = 30
const SLICE_MS = 300
const CONNECTIONS = 24

const build = new URL('../../dist/index.js', import.meta.url).href
const [other] = process.argv.slice(2)
const entries = [
  await serve('one entry point', build, 1),
  await serve('three entry points', build, 3),
  ...(other === undefined ? [] : [await serve('the other build', pathToFileURL(other).href, 1)]),
]
const kept = await takeTurns(entries, ROUNDS, (entry) => measure(entry, () => askOverKept(entry.connections)))
const fresh = await takeTurns(entries, ROUNDS, (entry) => measure(entry, () => askOverFresh(entry.ports)))
print('kept connections', kept)
print('a connection for each request', fresh)
for (const { child } of entries) child.kill()
process.exit()

async function serve(framework, build, count) {
  const child = fork(new URL('serve.mjs', import.meta.url), [build, String(count)])
  const [ports] = await once(child, 'message')
  const connections = Array.from({ length: CONNECTIONS }, (_, i) => openConnection(ports[i % ports.length]))
  return { framework, child, ports, connections: await Promise.all(connections) }
}

/** Gives the processor time of the server for each request, which other processes of the machine disturb less than a rate. */
async function measure({ child }, ask) {
  const before = await cpuOf(child)
  const answered = await ask()
  return { micros: ((await cpuOf(child)) - before) / answered }
}

async function cpuOf(child) {
  child.send('cpu')
  const [{ user, system }] = await once(child, 'message')
  return user + system
}

/** Asks over connections again as soon as they are answered. Gives the number of answers. */
async function askOverKept(connections) {
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
  const end = performance.now() + SLICE_MS
  let answered = 0
  const ask = (connection) =>
    new Promise((resolve, reject) => {
      connection.onError = reject
      connection.onAnswer = () => {
        answered++
        if (performance.now() < end) connection.send(request)
        else resolve()
      }
      connection.send(request)
    })
  await Promise.all(connections.map(ask))
  return answered
}

/** Opens a connection for each request. Gives the number of answers. */
async function askOverFresh(ports) {
  const end = performance.now() + SLICE_MS
  let answered = 0
  const ask = async (port) => {
    while (performance.now() < end) {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      await once(socket.resume(), 'close')
      answered++
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => ask(ports[i % ports.length])))
  return answered
}

/** Prints the least of all rounds: whatever else runs on the machine only adds to it. */
function print(what, results) {
  console.log(what)
  const least = results.map(({ series }) => Math.min(...series.micros))
  for (const [i, { framework }] of results.entries()) {
    const ratio = least[i] / least[0]
    console.log(`  ${framework.padEnd(20)}${least[i].toFixed(1).padStart(8)} µs${ratio.toFixed(3).padStart(8)}`)
  }
}
