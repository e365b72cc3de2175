import {
  adminOptions,
  defineOptions,
  entryPointOptions,
  flag,
  isObject,
  isText,
  type JsonSchema,
  nested,
  observerOptions,
  oneOf,
  option,
  type Option,
  type OptionTable,
  printValue,
  type Report,
  text,
  textSchema,
} from '../../kit.ts'
import { ConfigError } from '../../index.ts'
import { chainNodeOptions, hopOptions } from '../../forward/chain/chain-options.ts'
import { connectorOptions } from '../../forward/chain/connector-options.ts'
import { forwardOptions } from '../../forward/request/forward-options.ts'
import { forwardNodeOptions } from '../../forward/request/node-options.ts'
import { selectorOptions } from '../../forward/selector/selector-options.ts'
import type { HandlerType } from './model.ts'

/** A table of the fields of a part. What it returns is a part of the model. */
export type FieldTable = OptionTable<Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>>

type Row = Option<unknown, 'always' | 'maybe', unknown>

export const handlerTypes: readonly HandlerType[] = ['app', 'http', 'socks5', 'auto', 'tcp', 'forward']

const { username } = (connectorOptions.pick('auth').auth as Row & { readonly fields: FieldTable }).fields.pick(
  'username',
)

const handler = fields({
  type: oneOf(handlerTypes, { default: 'auto', summary: 'what answers' }),
  chain: text({ summary: 'the chain that connections go through' }),
  auth: nested(
    // A proxy of ours refuses an empty password, which one that a hop goes through may have.
    fields({ username, password: { ...username, summary: 'the password', secret: true } }),
    'an object with username and password',
    { summary: 'the one user of a proxy' },
  ),
  metadata: nested(
    fields({ module: text({ summary: 'the path of the module of an app, relative to the file' }) }),
    'an object with module',
    { default: {}, summary: 'what else an app has' },
  ),
})

const listener = fields({
  type: oneOf(['tcp', 'tls'], { default: 'tcp', summary: 'whether clients speak TLS' }),
  tls: nested(
    fields({
      certFile: text({ required: true, summary: 'the path of the certificate, in PEM' }),
      keyFile: text({ required: true, summary: 'the path of its key, in PEM' }),
    }),
    'an object with certFile and keyFile',
    { summary: 'the certificate of a listener of TLS; its files are watched' },
  ),
})

/** What a forwarder has for `forward` alone. */
const requestRows = {
  ...keepAll(forwardOptions.pick('probe', 'failStatus', 'retry')),
  ...withoutDefaults(forwardOptions.pick('connectTimeout', 'headTimeout', 'idleTimeout', 'maxBodySize')),
  ...keepAll(forwardOptions.pick('stripPrefix', 'addPrefix', 'rewrite', 'host', 'headers')),
}

const requestNodeRows = keepAll(forwardNodeOptions.pick('host', 'headers', 'tls'))

/** The names of the fields of a forwarder that only `forward` has, and those of its nodes. */
export const requestFields: { readonly forwarder: readonly string[]; readonly node: readonly string[] } = {
  forwarder: Object.keys(requestRows),
  node: Object.keys(requestNodeRows),
}

/** The fields of a node of a forwarder. */
export const forwarderNodeFields: FieldTable = fields({
  ...chainNodeOptions.pick('name'),
  addr: text({ required: true, summary: 'host:port, or unix:/path; for forward a URL too' }),
  ...forwardNodeOptions.pick('weight', 'backup', 'maxFails', 'failTimeout'),
  interface: interfaceRow('from where connections to it leave'),
  ...requestNodeRows,
})

const forwarder = fields({
  selector: nested(selectorOptions, 'an object with a strategy', {
    default: {},
    summary: 'how a node is chosen, and when one counts as failed',
  }),
  nodes: listOf(forwarderNodeFields, 'nodes', 'the servers, of which each connection or request goes to one'),
  ...requestRows,
})

const metadata = fields({
  enableStats: flag({ default: false, summary: 'whether connections, bytes, requests and errors are counted' }),
  ...withoutDefaults({
    'observer.period': { ...observerOptions.pick('period').period, summary: 'how often its observer gets statistics' },
    'observer.resetTraffic': {
      ...observerOptions.pick('resetTraffic').resetTraffic,
      summary: 'whether bytes are those since the event before',
    },
  }),
  interface: interfaceRow('from where connections leave'),
  preUp: commandRow('preUp', 'what runs before it listens'),
  postUp: commandRow('postUp', 'what runs once it listens'),
  preDown: commandRow('preDown', 'what runs before it takes no more connections'),
  postDown: commandRow('postDown', 'what runs when its last connection has ended'),
  ...withoutDefaults({ open: flag({ summary: 'whether a proxy without auth may be used from other machines' }) }),
  ignoreChain: flag({ default: false, summary: 'whether it goes through no chain, that of -F included' }),
})

/** The fields of a service. */
export const serviceFields: FieldTable = fields({
  name: text({ defaultText: '`service-0`, `service-1` and so on', summary: 'its name, in the log and in status' }),
  addr: text({ required: true, summary: 'where it listens: host:port, :port or unix:/path, several joined with ","' }),
  handler: nested(handler, 'an object with a type', { default: {}, summary: 'what answers' }),
  listener: nested(listener, 'an object with a type', { default: {}, summary: 'what is spoken below' }),
  forwarder: nested(forwarder, 'an object with nodes', { summary: 'where tcp and forward send what comes in' }),
  observer: text({ summary: 'the observer that is told of it' }),
  metadata: nested(metadata, 'an object', { default: {}, summary: 'what else it has' }),
})

/** The fields of a node of a hop. */
export const hopNodeFields: FieldTable = fields({
  ...chainNodeOptions.pick('name', 'addr', 'weight', 'backup', 'maxFails', 'failTimeout'),
  interface: interfaceRow('from where connections to it leave, if its hop is the first'),
  ...chainNodeOptions.pick('connector', 'dialer'),
})

const hopRows = {
  interface: interfaceRow('from where connections to its nodes leave, if it is the first'),
  ...hopOptions.pick('selector', 'retries'),
  nodes: listOf(hopNodeFields, 'nodes', 'the proxies, of which each connection goes through one'),
}

/** The fields of a hop. */
export const hopFields: FieldTable = fields({
  name: text({ required: true, summary: 'what chains name it by' }),
  ...hopRows,
})

const inlineHopFields = fields({
  name: text({ defaultText: '`hop-0`, `hop-1` and so on', summary: 'its name, in status and errors' }),
  ...hopRows,
})
const hopNameFields = fields({ name: text({ required: true, summary: 'the name of one of the hops' }) })

/** The fields of a chain. */
export const chainFields: FieldTable = fields({
  name: text({ required: true, summary: 'what services name it by' }),
  hops: hopsOfChain(),
})

/** The fields of an observer. */
export const observerFields: FieldTable = fields({
  name: text({ required: true, summary: 'what services name it by' }),
  plugin: nested(
    fields({
      type: oneOf(['http'], { default: 'http', summary: 'how it is told' }),
      addr: { ...observerOptions.pick('url').url, required: true, summary: 'where events are posted' },
      token: { ...observerOptions.pick('token').token, summary: 'what is sent as Bearer token' },
      timeout: { ...observerOptions.pick('timeout').timeout, summary: 'how long a delivery may take' },
    }),
    'an object with addr',
    { required: true, summary: 'what is told, and how' },
  ),
})

/** The fields of the administration. */
export const apiFields: FieldTable = fields({
  addr: { ...adminOptions.pick('address').address, summary: 'where it listens: a loopback address, or unix:/path' },
  auth: {
    ...nested(authFields(), 'the token, or an object with token, or with username and password', {}, isText),
    json: () => textSchema,
    secret: true,
    summary: 'what clients send as Bearer token',
  },
  pathPrefix: {
    ...adminOptions.pick('pathPrefix').pathPrefix,
    defaultText: 'none',
    summary: 'what all its paths begin with',
  },
  dashboard: { ...adminOptions.pick('dashboard').dashboard, summary: 'whether its page is there' },
})

/** The fields of all parts, by the names of the lists in which they are. */
export const partFields: Readonly<Record<'services' | 'chains' | 'hops' | 'observers' | 'api', FieldTable>> = {
  services: serviceFields,
  chains: chainFields,
  hops: hopFields,
  observers: observerFields,
  api: apiFields,
}

/** What a token may be written as: itself, or as the password of a user, whose name isn't looked at. */
function authFields(): FieldTable {
  const { token } = adminOptions.pick('token')
  return fields({
    token: { ...token, summary: 'the token' },
    username: text({ summary: 'not looked at' }),
    password: { ...token, summary: 'the token, as GOST writes it' },
  })
}

function interfaceRow(summary: string): Row {
  return { ...(keepAll(hopOptions.pick('interface'))['interface'] as Row), summary }
}

function commandRow(event: 'preUp' | 'postUp' | 'preDown' | 'postDown', summary: string): Row {
  return {
    ...(keepAll(entryPointOptions.pick(event))[event] as Row),
    words: 'a command, or a list of commands',
    summary,
  }
}

function fields(rows: object): FieldTable {
  return defineOptions<Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>>(rows as never)
}

/** Declares a required field that is a list of parts, each of which another table reads. */
function listOf(table: FieldTable, words: string, summary: string): Row {
  const row = readList(
    (item, place, report) => table.parse(item, place, report),
    words,
    () => table.jsonSchema(),
  )
  return { ...row, summary }
}

/** A hop is written there, or named: as a text, or as an object with a name alone. */
function hopsOfChain(): Row {
  const isName = (hop: object) => Object.keys(hop).join() === 'name'
  const read: ReadItem = (hop, place, report) =>
    (isName(hop) ? hopNameFields : inlineHopFields).parse(hop, place, report)
  const json = () => ({ anyOf: [textSchema, hopNameFields.jsonSchema(), inlineHopFields.jsonSchema()] })
  const row = readList(read, 'hops', json, (hop) => (isText(hop) ? { name: hop } : hop))
  return { ...row, summary: 'the hops in order, each as below, or by the name of one of the hops' }
}

type ReadItem = (item: Readonly<Record<string, unknown>>, place: string, report?: Report) => unknown

function readList(
  read: ReadItem,
  words: string,
  schema: () => JsonSchema,
  spell: (item: unknown) => unknown = (item) => item,
): Row {
  const convert = (value: unknown, place: string, report?: Report) =>
    (value as unknown[]).map((given, i) => {
      const item = spell(given)
      if (isObject(item)) return read(item as Readonly<Record<string, unknown>>, `${place}[${i}].`, report)
      const got = typeof item === 'string' ? 'a text' : printValue(item)
      const error = new ConfigError(`option "${place}[${i}]" must be an object, got ${got}`, {
        failure: 'ERR_TRIBIND_OPTION_VALUE',
      })
      if (report === undefined) throw error
      return report(error)
    })
  const isList = (value: unknown) => Array.isArray(value) && value.length > 0
  const json = () => ({ type: 'array', minItems: 1, items: schema() })
  return { ...option<unknown>(isList, `a list of ${words}, one at least`, { required: true, json }), convert }
}

/** Declares fields whose values are checked, and stay in the form in which they were written; those with a default aren't set. */
function keepAll(rows: object): Readonly<Record<string, Row>> {
  return mapRows(withoutDefaults(rows), ({ fields, convert, ...row }) => ({
    ...row,
    json: () => schemaOf({ ...row, fields } as Row),
    convert(value, place, report) {
      if (fields !== undefined && isObject(value)) fields.parse(value as never, `${place}.`, report ?? raise)
      else convert?.(value, place, report)
      return structuredClone(value)
    },
  }))
}

/** Declares fields that aren't set where they aren't written: what takes them has the default. */
function withoutDefaults(rows: object): Readonly<Record<string, Row>> {
  return mapRows(rows, ({ default: value, ...row }) => {
    const isSaid = row.defaultText !== undefined || value === undefined || isObject(value)
    return isSaid ? row : { ...row, defaultText: `\`${value as string}\`` }
  })
}

function mapRows(rows: object, map: (row: Row) => Row): Readonly<Record<string, Row>> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, map(row as Row)]))
}

function schemaOf({ json, fields }: Row): JsonSchema {
  const schemas = [fields?.jsonSchema(), json?.()].filter((schema) => schema !== undefined)
  return schemas.length === 1 ? (schemas[0] as JsonSchema) : { anyOf: schemas }
}

const raise: Report = (error) => {
  throw error
}
