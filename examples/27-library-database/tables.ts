export interface Tables {
  books: {
    /** A UUID, since each database numbers rows in a way of its own. */
    id: string
    title: string
    author: string
  }
  /** One row for each book that is lent. */
  loans: {
    book: string
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
