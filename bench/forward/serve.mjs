// One proxy in a process of its own: `node serve.mjs FILE OF proxies/ …PORTS OF NODES`.

import { answerParent } from '../http/answer-parent.mjs'

const [name, ...ports] = process.argv.slice(2)
// V8 marks old space while a program runs only where it holds 8 MB, which every application does and a small proxy doesn't. Without this,
// bodies of 100 kB, whose buffers make it mark, would cost most where a little more code is loaded.
globalThis.applicationBesideProxy = Array.from({ length: 100_000 }, (_, i) => ({ i, text: `x${i}` }))

const proxy = await import(`./proxies/${name}.mjs`)

answerParent({
  listen: async () => ({ port: await proxy.listen(...ports.map(Number)), pid: process.pid }),
  kill: (details) => proxy.kill(details),
})
