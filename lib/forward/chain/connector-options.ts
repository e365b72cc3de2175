import { defineOptions, type JsonSchema, nested, oneOf, option, type OptionTable, textSchema } from '../../kit.ts'

/** How a node is asked to connect further: as an HTTP or SOCKS proxy; `tcp` if it is the target itself; `virtual` if there is none. */
export interface ConnectorOptions {
  /** Default `http`. */
  type?: ConnectorType
  /** For `http` and `socks5`; `socks4` has a name alone. Default: none. */
  auth?: Credentials
}

export type ConnectorType = 'http' | 'socks5' | 'socks4' | 'tcp' | 'virtual'

/** A user of a proxy. */
export interface Credentials {
  username: string
  /** Default: empty. */
  password?: string
}

/** The options of a connector as they were read. */
export interface ReadConnector {
  readonly type: ConnectorType
  readonly auth?: Readonly<Required<Credentials>>
}

const types: readonly ConnectorType[] = ['http', 'socks5', 'socks4', 'tcp', 'virtual']

// RFC 1929, section 2: each length is one byte.
const MAX_BYTES = 255

const credentialsOptions: OptionTable<Credentials, Readonly<Required<Credentials>>> = defineOptions<
  Credentials,
  Readonly<Required<Credentials>>
>({
  username: option<string, { required: true; summary: string; json: () => JsonSchema }>(
    (value) => isCredential(value) && value !== '',
    'a text of 1 to 255 bytes without control characters',
    { required: true, summary: 'the name of the user', json: () => textSchema },
  ),
  password: option<
    string,
    { default: string; defaultText: string; summary: string; secret: true; json: () => JsonSchema }
  >(isCredential, 'a text of at most 255 bytes without control characters', {
    default: '',
    defaultText: 'empty',
    summary: 'the password',
    secret: true,
    json: () => ({ type: 'string' }),
  }),
})

/** The table of the options of a connector. */
export const connectorOptions: OptionTable<ConnectorOptions, ReadConnector> = defineOptions<
  ConnectorOptions,
  ReadConnector
>(
  {
    type: oneOf<ConnectorType, { default: ConnectorType; summary: string }>(types, {
      default: 'http',
      summary: 'what it speaks',
    }),
    auth: nested(credentialsOptions, 'an object with username and password', {
      summary: 'the user by whom it is used',
    }),
  },
  { check: findProblem },
)

function findProblem({ type, auth }: ReadConnector, place: string): string | undefined {
  if (auth === undefined) return undefined
  const option = `option "${place}auth`
  if (type === 'tcp' || type === 'virtual')
    return `${option}" has no effect: the connector "${type}" has no credentials`
  if (type === 'socks4' && auth.password !== '')
    return `${option}.password" has no effect: SOCKS4 has a user name alone`
  if (type === 'http' && auth.username.includes(':'))
    return `${option}.username" must be without ":" for the connector "http" (RFC 7617, section 2)`
  return undefined
}

function isCredential(value: unknown): boolean {
  return typeof value === 'string' && Buffer.byteLength(value) <= MAX_BYTES && !/[\0-\x1f\x7f]/.test(value)
}
