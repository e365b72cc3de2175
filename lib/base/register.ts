/**
 * Types that an application declares once, for what it gives the server:
 *
 * `declare module 'tribind' { interface Register { db: Tables; services: { books: Books }; session: { userId: number } } }`
 */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface Register {}

/** The type that `Register` has under a name, or `Otherwise` where the application declares none. */
export type Registered<Name extends string, Otherwise> =
  Register extends Readonly<Record<Name, infer Type>> ? Type : Otherwise

declare const nothing: unique symbol

/** Has no name that a value could have. */
interface Nothing {
  readonly [nothing]?: never
}

/** The values by name that `Register` declares under `context`, `services` or `session`; none where it declares nothing. */
export type ValuesOf<Place extends 'context' | 'services' | 'session'> = Registered<Place, Nothing>

/** The type of the value of a name; any, where none is declared. */
export type ValueOf<Place extends 'context' | 'services' | 'session', Name> = Name extends keyof ValuesOf<Place>
  ? ValuesOf<Place>[Name]
  : unknown
