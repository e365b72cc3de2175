import { redirect, type RedirectOptions } from '../../index.ts'
import { nested, type Option, redirectOptions } from '../../kit.ts'
import { type Kind, kind, type Service } from '../model/kind.ts'

/** Redirects each request, as the middleware of that name does. */
export const redirectService: Kind<Service> = kind<{ redirect: object }>(
  'redirect',
  {
    redirect: nested(redirectOptions, 'an object with to, and status', { required: true }) as Option<
      unknown,
      'always',
      object
    >,
  },
  ({ given }) => {
    const middleware = redirect(given['redirect'] as RedirectOptions)
    return function redirect(request) {
      return middleware(request, goNoFurther)
    }
  },
)

/** There is nothing inside of a service. */
async function goNoFurther(): Promise<void> {}
