// One proxy in a process of its own: `node serve.mjs FILE OF proxies/ …PORTS OF NODES`.

import { answerParent } from '../http/answer-parent.mjs'

const [name, ...ports] = process.argv.slice(2)
const proxy = await import(`./proxies/${name}.mjs`)

answerParent({
  listen: async () => ({ port: await proxy.listen(...ports.map(Number)), pid: process.pid }),
  kill: (details) => proxy.kill(details),
})
