import { readFileSync, statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { adminOptions, observerOptions, parseAddresses } from '../../kit.ts'
import { issueOf } from '../../dynamic/model/issue-of.ts'
import { chainOptions, hopOptions } from '../../forward/chain/chain-options.ts'
import { readProxyOptions } from '../../forward/raw/proxy-options.ts'
import { readTcpForward, type TcpForwardOptions } from '../../forward/raw/tcp-forward-options.ts'
import { readTcpNode } from '../../forward/raw/tcp-node-options.ts'
import { forwardOptions } from '../../forward/request/forward-options.ts'
import { addressOf } from './address-of.ts'
import { requestFields } from './fields.ts'
import type { ApiModel, ChainModel, HandlerType, HopModel, ObserverModel, ServiceModel } from './model.ts'

/** Notes what is wrong with a field of a part. @param path in the part; empty for the part itself */
export type Fail = (path: string, message: string) => void

const proxies: readonly HandlerType[] = ['http', 'socks5', 'auto']
const forwarders: readonly HandlerType[] = ['tcp', 'forward']

/** Whether a type of handler makes connections that can go through a chain. */
export function connectsOnwards(type: HandlerType): boolean {
  return type !== 'app'
}

/** Checks a service by the tables of what it becomes. @param isRead whether fields could be read @param warn tells of what may stay */
export function checkService(
  service: ServiceModel,
  fail: Fail,
  isRead: (...fields: readonly string[]) => boolean,
  warn: Fail,
): void {
  const { handler, listener, forwarder, metadata, observer } = service
  const { type } = handler
  if (isRead('addr'))
    check(
      (_path, message) => fail('addr', message.replace(/^an address /, '')),
      () => parseAddresses(service.addr),
    )
  if (isRead('addr', 'handler', 'metadata')) checkOpen(service, fail)
  if (isRead('listener')) checkListener(listener, fail)
  if (isRead('observer', 'metadata') && observer === undefined)
    for (const name of ['observer.period', 'observer.resetTraffic'] as const)
      if (metadata[name] !== undefined) warn(`metadata.${name}`, 'has no effect: the service has no observer')
  if (!isRead('handler')) return
  const only = (path: string, value: unknown, types: readonly HandlerType[]) => {
    if (value !== undefined && !types.includes(type))
      fail(path, `has no effect: the type of the handler is "${type}", and only ${types.join(', ')} take it`)
  }
  only('handler.auth', handler.auth, proxies)
  only('handler.chain', handler.chain, [...proxies, ...forwarders])
  only('metadata.open', metadata.open, proxies)
  only('metadata.interface', metadata.interface, [...proxies, ...forwarders])
  only('handler.metadata.module', handler.metadata.module, ['app'])
  if (type === 'app') checkModule(handler.metadata.module, fail)
  else if (!isRead('forwarder', 'metadata')) return
  else if (forwarders.includes(type) && forwarder === undefined)
    fail('forwarder', `is required for the type "${type}" of the handler: an object with nodes`)
  else checkOutbound(service, fail)
}

/** Checks that a proxy which any client may use is for this machine alone. An address that isn't one is no concern of it. */
function checkOpen(service: ServiceModel, fail: Fail): void {
  try {
    const { problem } = addressOf(service)
    if (problem !== undefined) fail('addr', problem)
  } catch {
    // It is told where addresses are checked.
  }
}

/** Checks a chain, or a hop of its own. */
export function checkChain(chain: ChainModel, fail: Fail): void {
  const { origin: _, ...options } = chain
  chainOptions.parse(options, '', (error) => reportTo(fail, error))
}

export function checkHop(hop: HopModel, fail: Fail): void {
  const { origin: _, ...options } = hop
  hopOptions.parse(options, '', (error) => reportTo(fail, error))
}

export function checkObserver({ plugin: { addr, token, timeout } }: ObserverModel, fail: Fail): void {
  const options = { url: addr, timeout, ...(token !== undefined && { token }) }
  const within = renamed(fail, { url: 'plugin.addr' }, 'plugin.')
  observerOptions.parse(options, '', (error) => reportTo(within, error))
}

export function checkApi({ addr, auth, pathPrefix, dashboard }: ApiModel, fail: Fail): void {
  const options = { address: addr, pathPrefix, dashboard, ...auth }
  const within = renamed(fail, { address: 'addr', token: 'auth' })
  adminOptions.parse(options, '', (error) => reportTo(within, error))
}

/** Checks what a service connects to by the table of the options of its handler. */
function checkOutbound({ handler: { type, chain, auth }, forwarder, metadata }: ServiceModel, fail: Fail): void {
  const { interface: from } = metadata
  if (chain !== undefined && from !== undefined) {
    fail(
      'metadata.interface',
      `can't be used with the chain "${chain}", whose first hop decides: write "interface" there, or ignoreChain: true here to go without a chain`,
    )
    return
  }
  const through = { ...(chain !== undefined && { chain }), ...(from !== undefined && { interface: from }) }
  const names = { chain: 'handler.chain', interface: 'metadata.interface', auth: 'handler.auth' }
  if (forwarder === undefined) {
    const users = auth && { auth: { [auth.username]: auth.password } }
    check(renamed(fail, { ...names, '': 'handler.auth' }), () => readProxyOptions(type, { ...through, ...users }))
    return
  }
  const within = renamed(fail, names, 'forwarder.')
  const options = { ...forwarder, ...through }
  if (type === 'forward') forwardOptions.parse(options, '', (error) => reportTo(within, error))
  else checkTcp(options as TcpForwardOptions, within)
}

function checkTcp(options: TcpForwardOptions, fail: Fail): void {
  let issues = 0
  const count: Fail = (path, message) => {
    issues++
    fail(path, message)
  }
  const nodes = options.nodes as readonly { readonly addr: string }[]
  for (const name of requestFields.forwarder) if (name in options) count(name, forForwardAlone)
  for (const [i, node] of nodes.entries()) {
    for (const name of requestFields.node) if (name in node) count(`nodes.${i}.${name}`, forForwardAlone)
    if (issues === 0) check(count, () => readTcpNode(node, `nodes[${i}]`))
  }
  if (issues === 0) check(fail, () => readTcpForward(options))
}

const forForwardAlone = 'has no effect: the type of the handler is "tcp", and only forward takes it'

/** Checks that a certificate and its key are there and belong together. */
function checkListener({ type, tls }: ServiceModel['listener'], fail: Fail): void {
  if (type === 'tcp') {
    if (tls !== undefined) fail('listener.tls', 'has no effect: it needs the type "tls" of the listener')
    return
  }
  if (tls === undefined) {
    for (const name of ['certFile', 'keyFile'])
      fail(`listener.tls.${name}`, 'is required for the type "tls" of the listener: the path of a file in PEM')
    return
  }
  const cert = readPem(tls.certFile, 'listener.tls.certFile', fail)
  const key = readPem(tls.keyFile, 'listener.tls.keyFile', fail)
  if (cert === undefined || key === undefined) return
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    fail('listener.tls', `has a certificate or a key that can't be used: ${(error as Error).message}`)
  }
}

function readPem(path: string, field: string, fail: Fail): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    fail(field, `can't be read: ${(error as Error).message}`)
    return undefined
  }
}

function checkModule(module: string | undefined, fail: Fail): void {
  const field = 'handler.metadata.module'
  if (module === undefined) fail(field, 'is required for the type "app" of the handler: the path of a module')
  else if (statSync(module, { throwIfNoEntry: false })?.isFile() !== true) fail(field, `is no file: ${module}`)
}

/** Notes what a function throws. */
function check(fail: Fail, run: () => unknown): void {
  try {
    run()
  } catch (error) {
    reportTo(fail, error as Error)
  }
}

/** Notes what the error of a table of options says. */
export function reportTo(fail: Fail, error: Error): void {
  const { path, message } = issueOf(error, '')
  fail(path.replace(/^\./, ''), message.replace(/^fixedUsers: /, ''))
}

/** Returns a function that takes the paths of options, by the fields that become them. @param within what the others are in, with a dot */
function renamed(fail: Fail, names: Readonly<Record<string, string>>, within = ''): Fail {
  return (path, message) => {
    const [first = '', ...rest] = path.split('.')
    const isOther = path !== '' && !Object.hasOwn(names, first)
    fail(isOther ? within + path : [names[first] ?? '', ...rest].join('.'), message)
  }
}
