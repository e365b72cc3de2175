import type { Request } from '../index.ts'

/** Whether a request is only to say what would be wrong: `?dryRun`, unless it is `false` or `0`. */
export function isDryRun(request: Request): boolean {
  const value = request.getQuery('dryRun')
  return value !== undefined && value !== 'false' && value !== '0'
}
