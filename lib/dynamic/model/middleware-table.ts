import {
  type CompressOptions,
  compress,
  type CorsOptions,
  cors,
  type Middleware,
  type RequestIdOptions,
  requestId,
  type SecurityHeadersOptions,
  securityHeaders,
  timeout,
} from '../../index.ts'
import {
  compressOptions,
  corsOptions,
  duration,
  type Fields,
  nested,
  type Option,
  requestIdOptions,
  securityHeadersOptions,
} from '../../kit.ts'
import { type Kind, kind } from './kind.ts'
import { type Reference, references } from './reference.ts'

/** The middlewares that one of a configuration stands for, the outermost first. */
export type Middlewares = Middleware | readonly Middleware[]

const kinds: readonly Kind<Middlewares>[] = [
  kind<{ chain: readonly Reference[] }, Middlewares>(
    'chain',
    { chain: references('middlewares', { required: true }) },
    ({ read, middlewares }) => read.chain.flatMap(middlewares),
  ),
  ofOptions<CorsOptions>('cors', corsOptions, cors),
  ofOptions<CompressOptions>('compress', compressOptions, compress),
  ofOptions<SecurityHeadersOptions>('securityHeaders', securityHeadersOptions, securityHeaders),
  ofOptions<RequestIdOptions>('requestId', requestIdOptions, requestId),
  ofValue<number>('timeout', duration(1, { required: true }), timeout),
]

/** The kinds of middlewares that are ours, by name. */
export const middlewareKinds: ReadonlyMap<string, Kind<Middlewares>> = new Map(kinds.map((kind) => [kind.name, kind]))

/** Declares a kind that code gave a name to. */
export function providedKind(name: string, create: (options: never) => Middleware): Kind<Middlewares> {
  const row = { isValid: () => true, words: 'options', required: true } as const
  return ofValue<never>(name, row, create)
}

/** Declares a kind whose value is an object of options, passed on as it was written. */
function ofOptions<Options extends object>(
  name: string,
  table: Fields<object>,
  create: (options: Options) => Middleware,
): Kind<Middlewares> {
  const row = nested(table, 'an object of options', { required: true })
  return kind<Record<string, unknown>, Middlewares>(name, { [name]: row }, ({ given }) =>
    create(given[name] as Options),
  )
}

/** Declares a kind by its value as it was read. */
function ofValue<Read>(
  name: string,
  row: Option<unknown, 'always', Read>,
  create: (value: Read) => Middleware,
): Kind<Middlewares> {
  return kind<Record<string, unknown>, Middlewares>(name, { [name]: row }, ({ read }) => create(read[name] as Read))
}
