import type { AdminWorld } from '../admin-world.ts'

/** Knows which routes there are, and where requests come in. */
export class LiveRoutes {
  readonly #world: AdminWorld
  #version = -1
  #routes: ReadonlySet<string> = new Set()

  constructor(world: AdminWorld) {
    this.#world = world
  }

  /** Returns whether there is an entry point and a route, as things are now. */
  look(): (entryPoint: string, route: string | undefined) => boolean {
    const { server } = this.#world
    if (this.#version !== server.version) {
      this.#version = server.version
      this.#routes = new Set(server.routes().map(({ route }) => route))
    }
    const open = server.entryPoints().filter(({ addresses }) => addresses.length > 0)
    const entryPoints = new Set(open.map(({ name }) => name))
    // What is injected or mounted comes in there, whether or not it is open.
    entryPoints.add('default')
    // As which all requests are served where one handler serves an entry point.
    const isKnown = (route: string) => route === '/*' || this.#routes.has(route)
    return (entryPoint, route) => entryPoints.has(entryPoint) && (route === undefined || isKnown(route))
  }
}
