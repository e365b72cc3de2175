import type { ConfigurationIssue } from '../../index.ts'
import { isMethod, parseHost, parsePath } from '../../kit.ts'
import type { AdminWorld, Endpoints } from '../admin-world.ts'
import { conflict, invalid } from '../problem.ts'
import { readObject } from '../read-object.ts'
import { entryPointOf } from './entry-points.ts'

/** What would become of a request, and why. */
export function matchEndpoints({ server, parts }: AdminWorld): Endpoints {
  return {
    'POST:/api/match': async (request) => {
      const { method, host, path, entryPoint } = readAsked(await readObject(request))
      const all = server.entryPoints()
      const chosen =
        entryPoint === undefined ? all.find((one) => one.addresses.length > 0) : entryPointOf(all, entryPoint)
      if (chosen === undefined) throw conflict('No entry point is open')
      const segments = parsePath(path)
      const asked = { method, host, path, entryPoint: chosen.name }
      // As the dispatcher refuses them.
      if (segments === undefined) return { ...asked, version: server.version, status: 400, ...nothing }
      const place = parts.entryPoints().insideOf(chosen.name)?.place
      if (place === undefined || chosen.addresses.length === 0)
        throw conflict(`Entry point "${chosen.name}" is not open`)
      const { explained } = parts.layers().explain(place, { method, host, rawPath: path, segments })
      return { ...asked, ...explained }
    },
  }
}

const nothing = { allowedMethods: [], others: [], hooks: [], middleware: [] }

interface Asked {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly entryPoint: string | undefined
}

/** @throws Problem 422 with all that is wrong */
function readAsked({ method = 'GET', host = '', path, entryPoint, ...rest }: Record<string, unknown>): Asked {
  const issues: ConfigurationIssue[] = Object.keys(rest).map((name) => ({
    path: name,
    message: 'is unknown; known are method, host, path and entryPoint',
  }))
  const add = (name: string, message: string) => void issues.push({ path: name, message })
  const name = typeof method === 'string' ? method.toUpperCase() : ''
  if (!isMethod(name) || name === 'ALL') add('method', 'must be a method of HTTP, such as "GET"')
  const parsed = typeof host === 'string' ? parseHost(host) : undefined
  if (parsed === undefined) add('host', 'must be a host name or an address, such as "shop.example.com"')
  if (typeof path !== 'string' || !path.startsWith('/')) add('path', 'must be a path such as "/cart"')
  if (entryPoint !== undefined && typeof entryPoint !== 'string')
    add('entryPoint', 'must be the name of an entry point')
  if (issues.length > 0) throw invalid(issues)
  const [rawPath = '/'] = (path as string).split(/[?#]/, 1)
  return { method: name, host: parsed as string, path: rawPath, entryPoint: entryPoint as string | undefined }
}
