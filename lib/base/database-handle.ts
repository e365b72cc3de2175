import type { Registered } from './register.ts'

/**
 * The types of `server.db()` by the name of the library. `tribind/database` declares one, so that an application without it needs
 * no types of that library.
 *
 * @typeParam _Tables what `Register` has as `db`
 */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface DatabaseHandles<_Tables> {}

/** The type of `server.db()`: with `tribind/database`, a `Kysely` of the tables in `Register`; else what is `db` there. */
export type DatabaseHandle =
  // oxlint-disable-next-line typescript/no-explicit-any -- without declared tables, any table may be named
  DatabaseHandles<Registered<'db', any>> extends { readonly kysely: infer Handle } ? Handle : Registered<'db', unknown>
