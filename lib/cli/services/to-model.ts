import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ConfigIssue } from '../../index.ts'
import { isObject, type JsonSchema, printValue } from '../../kit.ts'
import {
  checkApi,
  checkChain,
  checkHop,
  checkObserver,
  checkService,
  connectsOnwards,
  type Fail,
  reportTo,
} from './check-part.ts'
import { addressOf } from './address-of.ts'
import { checkTogether } from './check-together.ts'
import { partFields } from './fields.ts'
import type {
  ApiModel,
  ChainModel,
  ChainNodeModel,
  ForwarderModel,
  HandlerType,
  HopModel,
  ObserverModel,
  PartOrigin,
  ServiceModel,
  ServicesModel,
} from './model.ts'
import { readTexts } from './texts.ts'
import { issueAt, nameFreely, namesOf, type PartKind, type WrittenPart } from './written-part.ts'

/** What was written, as a model where nothing is wrong with it. */
export interface Checked {
  readonly model: ServicesModel
  readonly issues: readonly ConfigIssue[]
  readonly warnings: readonly string[]
}

/** Makes the model of what was written, and notes all that is wrong with it. @param chain what services without a chain go through */
export async function toModel(parts: readonly WrittenPart[], chain: string | undefined): Promise<Checked> {
  const making = new Making(parts, chain)
  const model: ServicesModel = {
    services: await making.all('services', (part) => making.service(part), checkService),
    chains: await making.all('chains', (part) => making.chain(part), checkChain),
    hops: await making.all('hops', (part) => making.hop(part), checkHop),
    observers: await making.all('observers', (part) => part as unknown as ObserverModel, checkObserver),
    ...(await making.api()),
  }
  checkTogether(parts, making.issues)
  if (making.issues.length === 0) making.warn(model)
  return { model, issues: making.issues, warnings: making.warnings }
}

/** What stands in the place of a secret where `-O` hides it. */
const HIDDEN = '***'

/** A part as its table has read it. */
interface ReadPart {
  readonly [name: string]: unknown
  readonly origin: PartOrigin
}

type Given = Readonly<Record<string, unknown>>

class Making {
  readonly issues: ConfigIssue[] = []
  readonly warnings: string[] = []
  readonly #parts: readonly WrittenPart[]
  readonly #chain: string | undefined
  readonly #names: Set<string>
  /** By the place of each. */
  readonly #written = new Map<PartOrigin, WrittenPart>()

  constructor(parts: readonly WrittenPart[], chain: string | undefined) {
    this.#parts = parts
    this.#chain = chain
    this.#names = new Set(namesOf('services', parts))
  }

  /** Reads, completes and checks all parts of a kind. */
  async all<Part extends { readonly origin: PartOrigin }>(
    kind: PartKind,
    complete: (part: ReadPart) => Part | Promise<Part>,
    check: (part: Part, fail: Fail, isRead: (...fields: readonly string[]) => boolean, warn: Fail) => void,
  ): Promise<Part[]> {
    const made: Part[] = []
    for (const written of this.#parts.filter((part) => part.kind === kind)) {
      const { part: read, unread = new Set() } = this.#read(written)
      // What services have is independent enough to be checked without the rest.
      if (read === undefined || (kind !== 'services' && unread.size > 0)) continue
      const part = await complete(read)
      const isRead = (...fields: readonly string[]) => !fields.some((field) => unread.has(field))
      check(part, this.#failAt(written), isRead, (path, message) => this.#warn(written.placeOf(path), message))
      made.push(part)
    }
    return made
  }

  async api(): Promise<{ readonly api?: ApiModel }> {
    const [api] = await this.all('api', completeApi, checkApi)
    return api === undefined ? {} : { api }
  }

  async service(part: ReadPart): Promise<ServiceModel> {
    const { origin, name, ...rest } = part as unknown as ServiceModel
    const written = this.#writtenOf(part)
    const index = this.#parts.filter(({ kind }) => kind === 'services').indexOf(written)
    const { handler, listener, forwarder, observer, metadata } = rest
    const { type, chain: own, auth } = handler
    const { module } = handler.metadata
    const given = own ?? (connectsOnwards(type) ? this.#chain : undefined)
    const chain = metadata.ignoreChain ? undefined : given
    if (metadata.ignoreChain && own !== undefined)
      this.#warn(origin, `"ignoreChain" is true: the chain "${own}" isn't used`)
    const nodes = forwarder && (await this.#forwarder(forwarder, type, written))
    return {
      origin,
      name: name ?? nameFreely('service', this.#names, index),
      addr: rest.addr,
      handler: {
        type,
        ...(chain !== undefined && { chain }),
        ...(auth !== undefined && { auth }),
        metadata: { ...(module !== undefined && { module: resolve(written.folder, module) }) },
      },
      listener: { ...listener, ...(listener.tls && { tls: toAbsolute(listener.tls, written.folder) }) },
      ...(nodes && { forwarder: nodes }),
      ...(observer !== undefined && { observer }),
      metadata,
    }
  }

  async chain(part: ReadPart): Promise<ChainModel> {
    const { origin, name, hops } = part as unknown as ChainModel
    const all = await Promise.all(
      hops.map(async (hop, i) =>
        hop.nodes === undefined ? hop : this.#hop(nameFirst(hop, `hop-${i}`), part, `hops.${i}.`),
      ),
    )
    return { origin, name, hops: all }
  }

  async hop(part: ReadPart): Promise<HopModel> {
    const hop = part as unknown as HopModel
    return this.#hop(hop, part, '')
  }

  /** Tells of what is allowed but may not be meant. */
  warn({ services, chains }: ServicesModel): void {
    for (const service of services) {
      const { warning } = addressOf(service)
      if (warning !== undefined) this.#warn(service.origin, `"${service.name}" ${warning}`)
    }
    const isIdle = this.#chain !== undefined && services.every(({ handler: { chain } }) => chain !== this.#chain)
    const forward = chains.find(({ name }) => name === this.#chain)
    if (isIdle && forward !== undefined) this.#warn(forward.origin, 'has no effect: no service goes through it')
  }

  /** Reads a part by the table of its kind, without the fields that can't be read, whose names are in `unread`. */
  #read(written: WrittenPart): { readonly part?: ReadPart; readonly unread?: ReadonlySet<string> } {
    const { kind, given } = written
    const fail = this.#failAt(written)
    if (!isObject(given)) {
      fail('', `must be an object, got ${typeof given === 'string' ? 'a text' : printValue(given)}`)
      return {}
    }
    const unread = new Set<string>()
    const refuse: Fail = (path, message) => {
      unread.add(path.split('.')[0] as string)
      fail(path, message.replace('Known options:', 'Known fields:'))
    }
    for (const path of findHidden(given))
      refuse(path, `has "${HIDDEN}", which stands for a secret that is not known here: write the secret`)
    const table = partFields[kind]
    const texts = readTexts(withoutIdleForwarder(given, written, fail), schemaOf(kind)) as Given
    const read = table.parse(texts, '', (error) => reportTo(refuse, error))
    const isRead = ([name]: readonly [string, unknown]) => !unread.has(name)
    const rest = Object.fromEntries(Object.entries(texts).filter(isRead))
    const origin = written.placeOf('')
    this.#written.set(origin, written)
    return { part: { origin, ...(unread.size === 0 ? read : table.parse(rest, '', () => undefined)) }, unread }
  }

  async #forwarder(forwarder: ForwarderModel, type: HandlerType, written: WrittenPart): Promise<ForwarderModel> {
    const nodes = await Promise.all(
      forwarder.nodes.map(async (node, i) => {
        const isBare = type === 'forward' && !/^(?:\w+:\/\/|unix:)/i.test(node.addr)
        const tls = node.tls && (await this.#certificates(node.tls, `forwarder.nodes.${i}.tls.ca`, written))
        return { ...node, addr: isBare ? `http://${node.addr}` : node.addr, ...(tls && { tls }) }
      }),
    )
    return { ...forwarder, nodes }
  }

  async #hop<Hop extends Omit<HopModel, 'origin'>>(hop: Hop, part: ReadPart, place: string): Promise<Hop> {
    const written = this.#writtenOf(part)
    const nodes = await Promise.all(
      hop.nodes.map(async (node, i): Promise<ChainNodeModel> => {
        const dialer = await this.#certificates(node.dialer, `${place}nodes.${i}.dialer.ca`, written)
        return { ...nameFirst(node, `node-${i}`), dialer }
      }),
    )
    return { ...hop, nodes }
  }

  /** Returns options of TLS with the content of the files that `ca` names. */
  async #certificates<Options extends { readonly ca?: unknown }>(
    options: Options,
    path: string,
    written: WrittenPart,
  ): Promise<Options> {
    const { ca } = options
    if (ca === undefined) return options
    const texts = [ca].flat() as string[]
    const contents = texts.map(async (text) => {
      if (text.includes('-----BEGIN')) return text
      try {
        return await readFile(resolve(written.folder, text), 'utf8')
      } catch (error) {
        this.#failAt(written)(path, `can't be read: ${(error as Error).message}`)
        return text
      }
    })
    const all = await Promise.all(contents)
    return { ...options, ca: Array.isArray(ca) ? all : all[0] }
  }

  #failAt(written: WrittenPart): Fail {
    return (path, message) => void this.issues.push(issueAt(written.placeOf(path), message))
  }

  #writtenOf({ origin }: ReadPart): WrittenPart {
    return this.#written.get(origin) as WrittenPart
  }

  #warn({ source, line, path }: PartOrigin, message: string): void {
    const place = line === undefined ? source : `${source}:${line}`
    this.warnings.push(`${place}: ${path === '' ? '' : `"${path}" `}${message}`)
  }
}

/** Tells of a forwarder that the handler of a service has no use for, and returns the service without it. */
function withoutIdleForwarder(given: object, written: WrittenPart, fail: Fail): Given {
  const { forwarder, ...service } = given as Given
  const { type = 'auto' } = (isObject(service['handler']) ? service['handler'] : {}) as { readonly type?: unknown }
  const isIdle =
    written.kind === 'services' && forwarder !== undefined && ['app', 'http', 'socks5', 'auto'].includes(type as string)
  if (!isIdle) return given as Given
  const paths = written.placeOf('').path === '' ? leavesOf(forwarder, 'forwarder') : ['forwarder']
  for (const path of paths)
    fail(path, `has no effect: the type of the handler is "${String(type)}", and only tcp and forward take it`)
  return service
}

function leavesOf(value: unknown, path: string): string[] {
  if (!isObject(value)) return [path]
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, `${path}.${name}`))
}

/** Lists the paths of texts that stand for a secret that was hidden, as `-O` prints them. */
function findHidden(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return value === HIDDEN || value.includes(`://${HIDDEN}@`) ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => findHidden(member, path === '' ? name : `${path}.${name}`))
}

/** Returns a part with its name before the rest, as `-O` prints it. */
function nameFirst<Part extends { readonly name?: string }>(
  part: Part,
  otherwise: string,
): Part & { readonly name: string } {
  const { name = otherwise, ...rest } = part
  return { name, ...rest } as Part & { readonly name: string }
}

const schemas = new Map<PartKind, JsonSchema>()

/** Returns the schema of a kind, which is made once. */
function schemaOf(kind: PartKind): JsonSchema {
  const schema = schemas.get(kind) ?? partFields[kind].jsonSchema()
  schemas.set(kind, schema)
  return schema
}

function toAbsolute<Paths extends Readonly<Record<string, string>>>(paths: Paths, folder: string): Paths {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, resolve(folder, path)])) as Paths
}

/** The token may be the password of a user, as in GOST. */
function completeApi(part: ReadPart): ApiModel {
  const { auth, ...api } = part as unknown as Omit<ApiModel, 'auth'> & {
    readonly auth?: string | { readonly token?: string; readonly password?: string }
  }
  const token = typeof auth === 'string' ? auth : (auth?.token ?? auth?.password)
  return { ...api, ...(token !== undefined && { auth: { token } }) }
}
