import { defineOptions, flag, oneOf, option, type OptionTable, text, textSchema } from '../../kit.ts'

/** How a node is connected to. */
export interface DialerOptions {
  /** Default `tcp`. */
  type?: DialerType
  /** The name that the certificate must be for. Default: the host of `addr`. */
  serverName?: string
  /** The certificates that are trusted, in PEM. Default: those of Node.js. */
  ca?: string | Buffer | readonly (string | Buffer)[]
  /** Whether the certificate must be valid. Default true. **Security**: false lets anybody between read and change all. */
  rejectUnauthorized?: boolean
}

export type DialerType = 'tcp' | 'tls' | 'virtual'

/** The options of a dialer as they were read. */
export interface ReadDialer {
  readonly type: DialerType
  readonly serverName?: string
  readonly ca?: string | Buffer | readonly (string | Buffer)[]
  readonly rejectUnauthorized: boolean
}

const types: readonly DialerType[] = ['tcp', 'tls', 'virtual']

/** The table of the options of a dialer. */
export const dialerOptions: OptionTable<DialerOptions, ReadDialer> = defineOptions<DialerOptions, ReadDialer>(
  {
    type: oneOf<DialerType, { default: DialerType; summary: string }>(types, {
      default: 'tcp',
      summary: 'what is spoken below',
    }),
    serverName: text({ defaultText: 'the host of `addr`', summary: 'the name that the certificate must be for' }),
    ca: option(isCertificates, 'certificates in PEM, as a string, a buffer or an array of these', {
      defaultText: 'those of Node.js',
      summary: 'the certificates that are trusted',
      json: () => ({ anyOf: [textSchema, { type: 'array', items: textSchema }] }),
    }),
    rejectUnauthorized: flag({ default: true, summary: 'whether the certificate must be valid' }),
  },
  { check: findProblem },
)

function findProblem({ type, serverName, ca, rejectUnauthorized }: ReadDialer, place: string): string | undefined {
  if (type === 'tls') return undefined
  const isSet = { serverName: serverName !== undefined, ca: ca !== undefined, rejectUnauthorized: !rejectUnauthorized }
  const [name] = Object.entries(isSet).find(([, isSet]) => isSet) ?? []
  return name && `option "${place}${name}" has no effect: the dialer "${type}" has no TLS`
}

function isCertificates(value: unknown): boolean {
  return (Array.isArray(value) ? value : [value]).every((one) => typeof one === 'string' || Buffer.isBuffer(one))
}
