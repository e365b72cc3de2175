import type { Request } from '../index.ts'
import { Problem } from './problem.ts'

const MAX_PER_PAGE = 10_000

/** What `search` and `status` of a list look at. */
export interface ListColumns<Row> {
  readonly texts: (row: Row) => readonly unknown[]
  /** Default: the list has no states. */
  readonly status?: (row: Row) => string
}

/** Returns the part of a list that a request asks for, and tells how long the list is. @throws Problem 400 for a bad parameter */
export function listFor<Row>(request: Request, rows: readonly Row[], { texts, status }: ListColumns<Row>): Row[] {
  const page = readCount(request, 'page', 1, Number.MAX_SAFE_INTEGER)
  const perPage = readCount(request, 'per_page', 100, MAX_PER_PAGE)
  const search = request.getQuery('search', '').toLowerCase()
  const state = request.getQuery('status')
  if (state !== undefined && status === undefined) throw badQuery('status', 'left out: this list has no states')
  const found = rows.filter(
    (row) =>
      (state === undefined || status?.(row) === state) &&
      (search === '' ||
        texts(row).length === 0 ||
        texts(row).some((text) => String(text).toLowerCase().includes(search))),
  )
  request.response.setHeader('X-Total-Count', found.length)
  return found.slice((page - 1) * perPage, page * perPage)
}

/** Reads a parameter that is an integer from 1. */
function readCount(request: Request, name: string, fallback: number, max: number): number {
  const given = request.getQuery(name)
  if (given === undefined) return fallback
  const count = /^\d{1,16}$/.test(given) ? Number(given) : 0
  if (count < 1 || count > max) throw badQuery(name, `an integer from 1 to ${max}, got ${JSON.stringify(given)}`)
  return count
}

function badQuery(name: string, must: string): Problem {
  return new Problem(400, `The parameter "${name}" must be ${must}`, { failure: 'ERR_TRIBIND_ADMIN_QUERY' })
}
