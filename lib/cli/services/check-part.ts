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

/** Checks a service by the tables of what it becomes. */
export function checkService(service: ServiceModel, fail: Fail): void {
  const { handler, listener, forwarder, metadata, observer } = service
  const { type } = handler
  check(
    (path, message) => fail(path === '' ? 'addr' : path, message),
    () => {
      parseAddresses(service.addr)
      const { problem } = addressOf(service)
      if (problem !== undefined) fail('addr', problem)
    },
  )
  if (listener.type === 'tls') checkCertificate(listener.tls, fail)
  else if (listener.tls !== undefined) fail('listener.tls', 'has no effect: it needs the type "tls" of the listener')
  if (observer === undefined)
    for (const name of ['observer.period', 'observer.resetTraffic'] as const)
      if (metadata[name] !== undefined) fail(`metadata.${name}`, 'has no effect: the service has no observer')
  const only = (path: string, value: unknown, types: readonly HandlerType[]) => {
    if (value !== undefined && !types.includes(type))
      fail(path, `has no effect: the type of the handler is "${type}", and only ${types.join(', ')} takes it`)
  }
  only('handler.auth', handler.auth, proxies)
  only('handler.chain', handler.chain, [...proxies, ...forwarders])
  only('metadata.open', metadata.open, proxies)
  only('metadata.interface', metadata.interface, [...proxies, ...forwarders])
  only('handler.metadata.module', handler.metadata.module, ['app'])
  if (type === 'app') checkModule(handler.metadata.module, fail)
  else if (forwarders.includes(type) && forwarder === undefined)
    fail('forwarder', `is required for the type "${type}" of the handler: an object with nodes`)
  else checkOutbound(service, fail)
}

/** Checks a chain, or a hop of its own. */
export function checkChain(chain: ChainModel, fail: Fail): void {
  const { origin: _, ...options } = chain
  chainOptions.parse(options, '', (error) => report(error, fail))
}

export function checkHop(hop: HopModel, fail: Fail): void {
  const { origin: _, ...options } = hop
  hopOptions.parse(options, '', (error) => report(error, fail))
}

export function checkObserver({ plugin: { addr, token, timeout } }: ObserverModel, fail: Fail): void {
  const options = { url: addr, timeout, ...(token !== undefined && { token }) }
  observerOptions.parse(options, '', (error) =>
    report(error, (path, message) => fail(rename(path, { url: 'plugin.addr' }, 'plugin.'), message)),
  )
}

export function checkApi({ addr, auth, pathPrefix, dashboard }: ApiModel, fail: Fail): void {
  const options = { address: addr, pathPrefix, dashboard, ...auth }
  adminOptions.parse(options, '', (error) =>
    report(error, (path, message) => fail(rename(path, { address: 'addr', token: 'auth' }), message)),
  )
}

/** Checks what a service connects to by the table of the options of its handler. */
function checkOutbound({ handler: { type, chain, auth }, forwarder, metadata }: ServiceModel, fail: Fail): void {
  const { interface: from } = metadata
  const through = { ...(chain !== undefined && { chain }), ...(from !== undefined && { interface: from }) }
  const names = { chain: 'handler.chain', interface: 'metadata.interface', auth: 'handler.auth' }
  if (forwarder === undefined) {
    const users = auth && { auth: { [auth.username]: auth.password } }
    check(
      (path, message) => fail(rename(path, names), message),
      () => readProxyOptions(type, { ...through, ...users }),
    )
    return
  }
  const within: Fail = (path, message) => fail(rename(path, names, 'forwarder.'), message)
  const options = { ...forwarder, ...through }
  if (type === 'forward') forwardOptions.parse(options, '', (error) => report(error, within))
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
function checkCertificate(tls: ServiceModel['listener']['tls'], fail: Fail): void {
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
    report(error as Error, fail)
  }
}

function report(error: Error, fail: Fail): void {
  const { path, message } = issueOf(error, '')
  fail(path.replace(/^\./, ''), message)
}

/** Returns the path of a field by that of the option that it becomes. @param within what the others are in, with a dot at its end */
function rename(path: string, names: Readonly<Record<string, string>>, within = ''): string {
  const [first = '', ...rest] = path.split('.')
  if (path === '') return path
  return Object.hasOwn(names, first) ? [names[first], ...rest].join('.') : within + path
}
