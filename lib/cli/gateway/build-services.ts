import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { canonical } from '../../dynamic/canonical.ts'
import { autoProxy, forward, type ForwardHandler, httpProxy, socks5Proxy, tcpForward } from '../../forward.ts'
import type { Chain } from '../../forward/chain/chain.ts'
import type { EntryPointHandler, EntryPointOptions, ObserverOptions } from '../../index.ts'
import { completeEntryPoint, parseEntryPoint, serverOptions } from '../../kit.ts'
import type { HandlerType, ServiceModel, ServicesModel } from '../services/model.ts'
import type { Applications } from './applications.ts'
import { addressOf } from '../services/address-of.ts'
import { type Report, RunningChains } from './running-chains.ts'

/** A service as an entry point. */
export interface BuiltService {
  readonly model: ServiceModel
  /** What it is compared by, but for its handler. */
  readonly key: string
  /** What its handler is compared by, but for its chain. */
  readonly handlerKey: string
  readonly chain: Chain | undefined
  readonly handler: EntryPointHandler
  readonly options: EntryPointOptions
}

/** What a model says, ready to be opened. */
export interface BuiltServices {
  readonly services: ReadonlyMap<string, BuiltService>
  readonly chains: RunningChains
}

/** What services are built with. */
export interface BuildEnvironment {
  readonly applications: Applications
  /** What serves until then: what is the same stays the same object. */
  readonly before: BuiltServices | undefined
  /** Takes what is wrong; a service in which something is isn't among those that are built. */
  readonly report: Report
}

/** Makes entry points of services. The applications must be loaded. */
export function buildServices(model: ServicesModel, environment: BuildEnvironment): BuiltServices {
  const { before, report } = environment
  const chains = new RunningChains(model, before?.chains, report)
  const services = new Map<string, BuiltService>()
  for (const service of model.services) {
    try {
      services.set(service.name, buildService(service, { ...environment, model, chains }))
    } catch (error) {
      report(service.origin, error)
    }
  }
  return { services, chains }
}

interface ServicePlace extends BuildEnvironment {
  readonly model: ServicesModel
  readonly chains: RunningChains
}

function buildService(service: ServiceModel, { model, chains, before, applications }: ServicePlace): BuiltService {
  const { name, handler, forwarder, metadata } = service
  const chain = handler.chain === undefined ? undefined : chains.get(handler.chain)
  const known = before?.services.get(name)
  const { module = '' } = handler.metadata
  // Another application of the same module is another one.
  const application = handler.type === 'app' ? applications.get(module)?.handler : undefined
  const handlerKey = canonical([handler, forwarder, metadata.interface, metadata.open])
  const isKnown = known?.handlerKey === handlerKey && known.chain === chain
  const isSame = isKnown && (application === undefined || application === known.handler)
  const serves = isSame
    ? known.handler
    : (application ?? makeHandler[handler.type as Made](service, chain, known?.handler))
  const options = { ...optionsOf(service, model), address: addressOf(service).addr }
  const key = canonical([options, certificatesOf(service)])
  const complete = { ...options, handler: serves }
  completeEntryPoint(name, parseEntryPoint(name, complete), serverOptions.parse({}))
  return { model: service, key, handlerKey, chain, handler: serves, options: complete }
}

type Made = Exclude<HandlerType, 'app'>

type Make = (
  service: ServiceModel,
  chain: Chain | undefined,
  before: EntryPointHandler | undefined,
) => EntryPointHandler

/** What serves the connections or requests of a service, by its type. */
const makeHandler: Readonly<Record<Made, Make>> = {
  http: (service, chain) => httpProxy(proxyOptionsOf(service, chain)),
  socks5: (service, chain) => socks5Proxy(proxyOptionsOf(service, chain)),
  auto: (service, chain) => autoProxy(proxyOptionsOf(service, chain)),
  tcp: ({ forwarder, metadata }, chain) =>
    tcpForward({ ...forwarder, ...wayOf(metadata, chain) } as Parameters<typeof tcpForward>[0]),
  forward: ({ forwarder, metadata }, chain, before) => {
    const continues = isForward(before) ? before : undefined
    return forward({ ...forwarder, ...wayOf(metadata, chain) } as Parameters<typeof forward>[0], { continues })
  },
}

/** Whether a handler is what `forward` returns. */
export function isForward(handler: EntryPointHandler | undefined): handler is ForwardHandler {
  return typeof handler === 'function' && 'nodes' in handler
}

function wayOf({ interface: from }: ServiceModel['metadata'], chain: Chain | undefined) {
  return { ...(chain && { chain }), ...(from !== undefined && { interface: from }) }
}

function proxyOptionsOf({ handler: { auth }, metadata }: ServiceModel, chain: Chain | undefined) {
  const { open = false } = metadata
  return { ...wayOf(metadata, chain), ...(auth && { auth: { [auth.username]: auth.password } }), open }
}

function optionsOf(service: ServiceModel, model: ServicesModel): Omit<EntryPointOptions, 'address' | 'handler'> {
  const { handler, listener, metadata } = service
  const { enableStats, preUp, postUp, preDown, postDown } = metadata
  const { tls } = listener
  const observer = observerOf(service, model)
  const speaksHttp = handler.type === 'app' || handler.type === 'forward'
  return {
    enableStats,
    ...(tls !== undefined && { https: { key: tls.keyFile, cert: tls.certFile }, http2: speaksHttp }),
    ...(observer !== undefined && { observer }),
    ...(preUp !== undefined && { preUp }),
    ...(postUp !== undefined && { postUp }),
    ...(preDown !== undefined && { preDown }),
    ...(postDown !== undefined && { postDown }),
  }
}

function observerOf({ observer, metadata }: ServiceModel, { observers }: ServicesModel): ObserverOptions | undefined {
  const named = observers.find(({ name }) => name === observer)
  if (named === undefined) return undefined
  const { addr, token, timeout } = named.plugin
  const { 'observer.period': period, 'observer.resetTraffic': resetTraffic } = metadata
  return {
    url: addr,
    timeout,
    ...(token !== undefined && { token }),
    ...(period !== undefined && { period }),
    ...(resetTraffic !== undefined && { resetTraffic }),
  }
}

/** Returns what key and certificate are at the moment. @throws the error of the system for a file that can't be read */
function certificatesOf({ listener: { tls } }: ServiceModel): string | undefined {
  if (tls === undefined) return undefined
  const hash = createHash('sha256')
  for (const file of [tls.keyFile, tls.certFile]) hash.update(readFileSync(file))
  return hash.digest('hex')
}
