// How long the event loop is held up while a layer of many routes is replaced; run by run.mjs in a process of its own.

import { Server } from '../../dist/index.js'

const routes = Number(process.argv[2])
const rounds = Number(process.argv[3])
const server = new Server({ address: '127.0.0.1:0', logger: { debug() {}, info() {}, warn() {}, error() {} } })
for (let i = 0; i < routes; i++) server.get(`/code/${i}`, () => '')
await server.start()

/** Binds in pieces, since a build that binds all at once holds up the loop for as long as its own code takes. */
async function build(bound) {
  for (let i = 0; i < routes; i++) {
    bound.get(`/big/${i}/:id`, () => '')
    if (i % 50 === 49) await new Promise((resolve) => setImmediate(resolve))
  }
}

const delays = []
const cpuDelays = []
let isOn = true
let last = performance.now()
let lastCpu = process.cpuUsage()
const probe = () => {
  const now = performance.now()
  const { user, system } = process.cpuUsage(lastCpu)
  delays.push(now - last)
  cpuDelays.push((user + system) / 1000)
  last = now
  lastCpu = process.cpuUsage()
  if (isOn) setImmediate(probe)
}
let buildMs = 0
let bindMs = 0
for (let round = 0; round < rounds; round++) {
  // The first is compiled on the way.
  if (round === 1) {
    last = performance.now()
    lastCpu = process.cpuUsage()
    setImmediate(probe)
  }
  buildMs = (await server.layer('big').replace(build)).buildMs
}
isOn = false
await new Promise((resolve) => setImmediate(resolve))
await server.layer('big').replace((bound) => {
  const startedAt = performance.now()
  for (let i = 0; i < routes; i++) bound.get(`/big/${i}/:id`, () => '')
  bindMs = performance.now() - startedAt
})
for (const list of [delays, cpuDelays]) list.sort((a, b) => a - b)
process.stdout.write(
  JSON.stringify({
    buildMs,
    bindMs,
    p99: delays[Math.floor(delays.length * 0.99)],
    longest: delays.at(-1),
    cpuP99: cpuDelays[Math.floor(cpuDelays.length * 0.99)],
    cpuLongest: cpuDelays.at(-1),
  }),
)
await server.stop()
