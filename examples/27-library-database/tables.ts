import type { Generated } from 'kysely'

export interface Tables {
  books: {
    id: Generated<number>
    title: string
    author: string
  }
  /** One row for each book that is lent. */
  loans: {
    book: number
    reader: string
    /** As an ISO string. */
    since: string
  }
}

declare module 'tribind' {
  interface Register {
    db: Tables
  }
}
