/**
 * Types that an application declares once, for what it gives the server:
 *
 * `declare module 'tribind' { interface Register { db: Tables } }`
 */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface Register {}

/** The type that `Register` has under a name, or `Otherwise` where the application declares none. */
export type Registered<Name extends string, Otherwise> =
  Register extends Readonly<Record<Name, infer Type>> ? Type : Otherwise
