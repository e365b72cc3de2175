/** The tables as they are after all migrations. */
export interface Tables {
  notes: {
    id: string
    text: string
    /** As an ISO string. */
    created: string
  }
}

declare module 'tribind' {
  interface Register {
    db: Tables
  }
}
