// Measures one table in a process of its own: `node --expose-gc measure-routes.mjs TABLE ROUTES [DOMAINS]`.

import { tables } from './tables.mjs'

const LOOK_UPS = 100_000
// Few enough that they stay in the processor's cache: what is measured is the search, not the memory of the machine.
const ASKED = 50

const [name, ...numbers] = process.argv.slice(2)
const [count, domainCount = 0] = numbers.map(Number)
const table = await tables[name]()
const domains = Array.from({ length: domainCount }, (_, i) => flat(`host-${i}.example.com`))
const routes = Array.from({ length: count }, (_, i) => {
  const path = i % 2 === 0 ? `/api/area-${i}/items` : `/api/area-${i}/items/:id`
  const answer = `answer ${i}`
  // A closure of each, as an application has a function for each route.
  return {
    path: flat(path),
    url: flat(path.replace(':id', '42')),
    domain: domains[i % domainCount],
    handler: () => answer,
  }
})

const figures = {}
const empty = readHeap()
figures.bindMs = time(() => routes.forEach(({ path, handler, domain }) => table.bind(path, handler, domain)))
const from = cpuMs()
await table.start()
figures.startMs = cpuMs() - from
const bound = readHeap()
figures.bound = (bound - empty) / count
if (table.serve !== undefined) {
  check(routes)
  figures.served = (readHeap() - empty) / count
  figures.lookUpNs = measureLookUps()
}
console.log(JSON.stringify(figures))
process.exit()

/** Each route once. */
function check(all) {
  for (const { url, domain, handler } of all) {
    const sent = table.serve(url, domain)
    if (sent !== handler()) throw new Error(`${name}: ${url} got ${sent}`)
  }
}

function measureLookUps() {
  const asked = Array.from({ length: Math.min(ASKED, count) }, (_, i, all = Math.min(ASKED, count)) => {
    const { url, domain } = routes[Math.floor((i * count) / all)]
    return { bytes: Buffer.from(url), domain }
  })
  const slice = () => {
    // Strings that were never looked up, as from a socket: another would bring its hash along.
    const urls = Array.from({ length: LOOK_UPS }, (_, i) => asked[i % asked.length].bytes.latin1Slice())
    return (time(() => urls.forEach((url, i) => table.serve(url, asked[i % asked.length].domain))) * 1e6) / LOOK_UPS
  }
  return Math.min(...Array.from({ length: 7 }, slice).slice(2))
}

function time(act) {
  const from = cpuMs()
  act()
  return cpuMs() - from
}

function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Two collections: what finalizers hold goes with the second. */
function readHeap() {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** A template makes a rope, which would be made flat, at twice the memory, when it is first read. */
function flat(text) {
  return Buffer.from(text).toString('latin1')
}
