// A proxy before a node, in a process of its own.

import { serverCore } from '../http/cores.mjs'
import { Worker } from '../http/worker.mjs'
import { programs, startProgram } from './native.mjs'

/** Resolves to `{ port, pid, stop, ask }`. @param ports those of the nodes */
export async function startProxy(name, ports, pinned) {
  const core = pinned ? serverCore : undefined
  if (name in programs) return startProgram(name, ports[0], core)
  const worker = new Worker(name, '../forward/serve.mjs', [name, ...ports.map(String)], core)
  const { port, pid } = await worker.ask('listen')
  return { port, pid, stop: () => worker.stop(), ask: (...question) => worker.ask(...question) }
}
