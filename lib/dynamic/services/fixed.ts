import { type Handler, type Request, redirect, type RedirectOptions } from '../../index.ts'
import { integer, isField, isObject, type Option, redirectOptions } from '../../kit.ts'
import { type Kind, kind, requiredOptions, type Service } from '../model/kind.ts'

/** What an answer has beside its body. */
interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

const headRows = {
  status: integer({ from: 200, to: 599 }, { default: 200 }) as Option<unknown, 'always', number>,
  headers: {
    isValid: (value: unknown) => isObject(value) && Object.entries(value).every((field) => isField(...field)),
    words: 'an object of names of fields and their values, which are texts',
    default: {},
    json: () => ({ type: 'object', additionalProperties: { type: 'string' } }),
  } as Option<unknown, 'always', Readonly<Record<string, string>>>,
} as const

/** Answers with a text. */
export const textService: Kind<Service> = kind<Head & { text: string }>(
  'text',
  {
    text: {
      isValid: (value) => typeof value === 'string',
      words: 'a text',
      required: true,
      json: () => ({ type: 'string' }),
    },
    ...headRows,
  },
  ({ read }) => answer(read, ({ response }) => response.write(read.text)),
)

/** Answers with a value as JSON. */
export const jsonService: Kind<Service> = kind<Head & { json: unknown }>(
  'json',
  { json: { isValid: () => true, words: 'a value', required: true, json: () => ({}) }, ...headRows },
  ({ read }) => answer(read, ({ response }) => response.writeJson(read.json)),
)

function answer({ status, headers }: Head, write: (request: Request) => void): Handler {
  const fields = Object.entries(headers)
  return function answerFixed(request) {
    request.response.status = status
    for (const [name, value] of fields) request.response.setHeader(name, value)
    write(request)
  }
}

/** Redirects each request, as the middleware of that name does. */
export const redirectService: Kind<Service> = kind<{ redirect: object }>(
  'redirect',
  {
    redirect: requiredOptions<object>(redirectOptions, 'an object with to, and status'),
  },
  ({ given }) => {
    const middleware = redirect(given['redirect'] as RedirectOptions)
    return function answerRedirect(request) {
      return middleware(request, goNoFurther)
    }
  },
)

/** There is nothing inside of a service. */
async function goNoFurther(): Promise<void> {}
