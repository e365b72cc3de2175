import { defineOptions, encodeRedirect, integer, nested, type Option } from '../../kit.ts'
import { type Kind, kind, type Service } from '../model/kind.ts'

interface RedirectOptions {
  readonly to: string
  readonly status: number
}

const redirectOptions = defineOptions<{ to: string; status?: number }, RedirectOptions>({
  to: {
    isValid: isRedirect,
    words: 'a URL of http: or https:, or a path',
    required: true,
    json: () => ({ type: 'string', minLength: 1 }),
  },
  status: integer({ from: 300, to: 399 }, { default: 302 }),
})

/** Redirects to a URL. */
export const redirectService: Kind<Service> = kind<{ redirect: RedirectOptions }>(
  'redirect',
  {
    redirect: nested(redirectOptions, 'an object with to, and status', { required: true }) as Option<
      unknown,
      'always',
      RedirectOptions
    >,
  },
  ({ read }) =>
    function redirect({ response }) {
      response.redirectTo(read.redirect.to, read.redirect.status)
    },
)

function isRedirect(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false
  try {
    return encodeRedirect(value) !== ''
  } catch {
    return false
  }
}
