import { statSync } from 'node:fs'
import type { Handler, Request, StaticOptions } from '../../index.ts'
import {
  defineOptions,
  nested,
  type Option,
  parseRoute,
  StaticFolder,
  staticRows,
  text,
  toFolderPath,
} from '../../kit.ts'
import { type Kind, kind, type Service } from '../model/kind.ts'
import { MakingError } from '../model/making-error.ts'
import { serveByRest } from './compose.ts'

type FolderOptions = StaticOptions & { readonly root: string }

const folderOptions = defineOptions<FolderOptions, Required<FolderOptions>>({
  root: text({ required: true }),
  ...staticRows,
})

/** Serves the files of a folder, by the part of the path that the `*` of the route took. */
export const staticService: Kind<Service> = kind<{ static: Required<FolderOptions> }>(
  'static',
  {
    static: nested(folderOptions, 'an object with root, and other options of serveStatic', {
      required: true,
    }) as Option<unknown, 'always', Required<FolderOptions>>,
  },
  ({ read }) => {
    const { root: given, ...options } = read.static
    const root = toFolderPath(given)
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new MakingError('static.root', `must be an existing folder, got ${JSON.stringify(root)}`)
    return serveByRest(
      serveBelow(root, options, ({ route = '/*' }) => parseRoute(route).segments.length - 1),
      serveBelow(root, options, () => 0),
    )
  },
)

/** @param depthOf returns how many segments of the path are before the rest */
function serveBelow(root: string, options: StaticOptions, depthOf: (request: Request) => number): Handler {
  const folders = new Map<string, StaticFolder>()
  return function serveStatic(request: Request) {
    const { response, method, route = '/*' } = request
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return response.writeStatus(405)
    }
    const folder = folders.get(route) ?? new StaticFolder([root], depthOf(request), options)
    folders.set(route, folder)
    return folder.serve(request)
  }
}
