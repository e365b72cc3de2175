import type { Request, Verdict } from '../../index.ts'
import { isObject } from '../../kit.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { checkConditions, etagOf } from '../etag.ts'
import { InTurn } from '../in-turn.ts'
import { isDryRun } from '../is-dry-run.ts'
import { conflict, invalid, unknown } from '../problem.ts'
import { readDocument } from '../read-object.ts'
import { findHidden, restoreSecrets } from './restore-secrets.ts'

/** The document of the provider `api`: it is read, set as a whole, merged, and routes are taken from it. */
export function routingEndpoints(world: AdminWorld): Endpoints {
  const routing = new Routing(world)
  return {
    'GET:/config/schema': () => world.configuration.schema,
    'GET:/config/routing': (request) => routing.show(request),
    'PUT:/config/routing': async (request) => {
      const sent = await readDocument(request)
      return routing.change(request, () => sent)
    },
    'PATCH:/config/routing': async (request) => {
      const patch = await readDocument(request)
      return routing.change(request, (shown) => mergePatch(shown, patch))
    },
    'DELETE:/config/routing/routes/:name': (request) =>
      routing.change(request, (shown) => withoutRoute(shown, request.params['name'] ?? '')),
  }
}

class Routing {
  readonly #world: AdminWorld
  readonly #turn = new InTurn()

  constructor(world: AdminWorld) {
    this.#world = world
  }

  /** Shows it without its secrets; the ETag is of what it is. */
  show({ response }: Request): object {
    response.setHeader('ETag', etagOf(this.#document))
    return this.#shown
  }

  /**
   * Serves another document in its place, and answers after the switch.
   *
   * @param make gets the document as it is shown; the secrets are put back afterwards
   */
  change(request: Request, make: (shown: object) => unknown): Promise<object> {
    return this.#turn.run(async () => {
      checkConditions(request, this.#document)
      const document = restoreSecrets(make(this.#shown), { secret: this.#document, shown: this.#shown }) as object
      const { face } = this.#world.configuration
      const { server } = this.#world
      const hidden = findHidden(document)
      const issues = hidden.length > 0 || isEmpty(document) ? hidden : await face.check(document)
      if (issues.length > 0) throw invalid(issues)
      if (isDryRun(request)) return { version: server.version, dryRun: true }
      if (face.status().pinned)
        throw conflict(
          'An older version is served, and changes are held back: POST /api/resume goes on with the newest',
        )
      const version = await this.#publish(document)
      request.response.setHeader('ETag', etagOf(this.#document))
      return { version }
    })
  }

  get #document(): object {
    return this.#world.configuration.api.document ?? {}
  }

  get #shown(): object {
    return this.#world.configuration.redact(this.#document)
  }

  /** An empty document is nothing, which by accident would change nothing. @throws Problem 422 or 409 */
  async #publish(document: object): Promise<number> {
    const { api } = this.#world.configuration
    const verdict: Verdict = await (isEmpty(document) ? api.withdraw() : api.set(document))
    if (verdict.applied) return verdict.version
    if ('issues' in verdict) throw invalid(verdict.issues)
    throw conflict('A newer document came before it was its turn')
  }
}

function isEmpty(document: object): boolean {
  const isNothing = (parts: unknown) => isObject(parts) && Object.keys(parts).length === 0
  return Object.entries(document).every(([name, parts]) => name === '$schema' || isNothing(parts))
}

/** @throws Problem 404 */
function withoutRoute(shown: object, name: string): object {
  const { routes = {}, ...rest } = shown as { readonly routes?: object }
  if (!Object.hasOwn(routes, name)) throw unknown(`route "${name}" in the document of the provider "api"`)
  return { ...rest, routes: Object.fromEntries(Object.entries(routes).filter(([other]) => other !== name)) }
}

/** Applies a JSON Merge Patch (RFC 7396, section 2): `null` takes a member away, objects are merged, anything else replaces. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), value))
  }
  return Object.fromEntries(merged)
}
