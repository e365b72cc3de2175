// The clients of bench/soak, well-behaved and hostile, against the transport: `node soak.mjs [--seconds 30] [--parser llhttp]`.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { limits } from '../../soak/contract.mjs'
import { hostile } from '../../soak/hostile.mjs'
import { createRandom } from '../../soak/load.mjs'
import { closeAll, wellBehaved } from '../../soak/well-behaved.mjs'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, parser: { type: 'string', default: 'js' } },
})
const execArgv = ['--expose-gc', '--max-semi-space-size=2']
const server = fork(new URL('soak-server.mjs', import.meta.url), [values.parser], { execArgv })
server.once('exit', (code, signal) => code !== 0 && console.log(`the server ended with ${code ?? signal}`))
const [port] = await once(server, 'message')
const wrongs = {}

await load(Number(values.seconds) / 3, 1)
const before = await settle()
await load((2 * Number(values.seconds)) / 3, 1000)
const after = await settle()
console.log(JSON.stringify({ before, after }, undefined, 1))
console.log(Object.keys(wrongs).length === 0 ? 'nothing was wrong' : JSON.stringify(wrongs, undefined, 1))
server.send('stop')
const [end] = await once(server, 'message')
console.log(`stopped: ${JSON.stringify(end)}`)

async function load(seconds, seed) {
  const until = performance.now() + seconds * 1000
  const visit = async (kinds, random) => {
    const names = Object.keys(kinds)
    while (performance.now() < until) {
      const name = names[Math.floor(random() * names.length)]
      await kinds[name](port, random).catch((error) => note(`${name}: ${error.message.slice(0, 200)}`))
    }
  }
  const visitors = [wellBehaved, hostile].flatMap((kinds, i) =>
    Array.from({ length: 24 }, (_, j) => visit(kinds, createRandom(seed + 100 * i + j))),
  )
  await Promise.all(visitors)
  closeAll()
}

function note(wrong) {
  wrongs[wrong] = (wrongs[wrong] ?? 0) + 1
}

async function settle() {
  for (let waited = 0; ; waited += 300) {
    server.send('state')
    const [state] = await once(server, 'message')
    const isAtRest = state.connections === 0 && state.BeforeServe === state.AfterClose && state.sources === 0
    if (isAtRest || waited > 2 * limits.timeout) return state
    await sleep(300)
  }
}
