// Tries all cases on all servers and prints where they differ: `node bench/transport/hostile/run.mjs [--all]`.

import { parseArgs } from 'node:util'
import { cases } from './cases.mjs'
import { servers } from './servers.mjs'
import { tryCase } from './try-case.mjs'

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } })
/** How many cases are under way at once. */
const AT_ONCE = 48
/** Beyond it, a case is sent in pieces of a hundred bytes where others are sent byte by byte. */
const MAX_BYTES_ALONE = 600

const all = Object.entries(cases).flatMap(([group, named]) =>
  Object.entries(named).map(([name, text]) => ({ group, name, text, told: {} })),
)
const torn = []
for (const [server, listen] of Object.entries(servers)) {
  const { port, close } = await listen()
  await eachOf(all, async (one) => {
    one.told[server] = await tryCase(port, [one.text])
    const inPieces = await tryCase(port, cut(one.text))
    if (inPieces !== one.told[server]) torn.push([server, one.name, one.told[server], inPieces])
  })
  await close()
}

const names = Object.keys(servers)
const row = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`
console.log(row(['case', ...names]))
console.log(row(['---', ...names.map(() => '---')]))
const differing = all.filter(({ told }) => new Set(Object.values(told)).size > 1)
for (const { name, told } of values.all ? all : differing)
  console.log(row([name, ...names.map((server) => told[server])]))
console.log(`\n${all.length} cases, ${differing.length} with differences`)
for (const [server, ...rest] of torn) console.log(`in pieces it is another: ${server}: ${rest.join(' / ')}`)

function cut(text) {
  return text.match(text.length > MAX_BYTES_ALONE ? /[^]{1,100}/g : /[^]/g)
}

async function eachOf(list, act) {
  const waiting = [...list]
  const work = async () => {
    for (let one; (one = waiting.shift()) !== undefined;) await act(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
