import { runAtOnce } from '../base/steps.ts'
import { sortBindings } from '../binding/list-routes.ts'
import { bindFrom } from '../binding/origin.ts'
import type { Handler } from '../binding/registrar.ts'
import { Routes } from '../binding/routes.ts'
import type { Bindings } from '../pipeline/dispatcher.ts'
import { indexBindings } from './layer-content.ts'

/** No line of the application binds it. */
const origin = { toString: () => 'an option of an entry point' }

/** Returns bindings by which one handler serves every request, or those of a route. */
export function bindAlone(handler: Handler, route = '/*'): Bindings {
  const routes = new Routes()
  bindFrom(origin, () => routes.bindHandler(route, handler))
  const sorted = runAtOnce(sortBindings(routes.bindings))
  return runAtOnce(indexBindings(sorted)).get(undefined) as Bindings
}
