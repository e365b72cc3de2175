// Runs in a network namespace: makes the connections that it is told to, one for each line of JSON, and tells what came of it.
import type { Agent } from 'node:http'
import { networkInterfaces } from 'node:os'
import { createInterface } from 'node:readline'
import type { Socket } from 'node:net'
import { type Chain, createChain, createEgress, type EgressError, type Interface } from 'tribind/forward'
import { askThrough } from './tell-address.ts'

/** What the client can be told. */
export type Order =
  | { readonly act: 'connect'; readonly from?: Interface; readonly host: string; readonly timeout?: number }
  | { readonly act: 'request'; readonly from: Interface; readonly host: string }
  | { readonly act: 'chain'; readonly from: readonly string[]; readonly host: string; readonly port?: number }
  | { readonly act: 'interfaces' }

/** What came of it. */
export interface Outcome {
  /** The provider that was reached, and the address that it saw. */
  readonly text?: string
  readonly code?: string
  readonly reasons?: readonly string[]
  readonly states?: readonly string[]
}

export const TARGET_PORT = 80

const agents = new Map<string, Agent>()
const chains = new Map<string, Chain>()

function kept<Value>(values: Map<string, Value>, from: unknown, create: () => Value): Value {
  const key = JSON.stringify(from)
  const value = values.get(key) ?? create()
  values.set(key, value)
  return value
}

async function carryOut(order: Order): Promise<Outcome> {
  if (order.act === 'interfaces') return { reasons: Object.keys(networkInterfaces()) }
  const target = { host: order.host, port: TARGET_PORT }
  if (order.act === 'connect') {
    const { from = 'lo', timeout = 5000 } = order
    return { text: await ask(await createEgress(from).connect(target, { timeout })) }
  }
  if (order.act === 'request') {
    const agent = kept(agents, order.from, () => createEgress(order.from).agent())
    return { text: await askThrough(agent, TARGET_PORT, order.host) }
  }
  const chain = kept(chains, order.from, () => {
    const nodes = order.from.map((from) => ({ addr: ':0', interface: from, connector: { type: 'virtual' } as const }))
    return createChain({ hops: [{ nodes, selector: { failTimeout: 0 } }] })
  })
  const text = await ask(await chain.connect({ ...target, port: order.port ?? TARGET_PORT }))
  return { text, states: chain.status().hops[0]?.nodes.map(({ state }) => state) ?? [] }
}

async function ask(socket: Socket): Promise<string> {
  socket.write('GET / HTTP/1.0\r\n\r\n')
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}

if (process.argv[2] === 'serve')
  for await (const line of createInterface({ input: process.stdin })) {
    const outcome = await carryOut(JSON.parse(line) as Order).catch((error: EgressError): Outcome => {
      return { code: error.code, reasons: error.attempts?.map(({ interface: name, reason }) => `${name}: ${reason}`) }
    })
    console.log(JSON.stringify(outcome))
  }
