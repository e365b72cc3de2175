/** What has no paths of its own. */
type Whole =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | Date
  | RegExp
  | URL
  | Uint8Array
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | Promise<unknown>
  | ((...args: never) => unknown)

/** As deep as paths are known; types that contain themselves have no end. */
type Levels = [never, 0, 1, 2, 3, 4, 5, 6, 7]

/** The paths of all values of a type, such as `database` and `database.port`; any string where the type isn't known. */
export type PathOf<T, Level extends number = 8> = unknown extends T
  ? string
  : [Level] extends [never]
    ? never
    : T extends Whole | null | undefined
      ? never
      : T extends readonly (infer Item)[]
        ? PathThrough<`${number}`, Item, Levels[Level]>
        : { [Name in keyof T & (string | number)]: PathThrough<`${Name}`, T[Name], Levels[Level]> }[keyof T &
            (string | number)]

type PathThrough<Name extends string, Value, Level extends number> = Name | `${Name}.${PathOf<Value, Level>}`

/** The type of the value at a path; with `undefined` where something on the way is optional. */
export type ValueAt<T, Path extends string> = unknown extends T
  ? unknown
  : T extends null | undefined
    ? undefined
    : Path extends `${infer Name}.${infer Rest}`
      ? ValueAt<Member<T, Name>, Rest>
      : Member<T, Path>

/** With `undefined` for one of many: an item, or a key of a record. */
type Member<T, Name extends string> = T extends readonly (infer Item)[]
  ? Item | undefined
  : Name extends keyof T
    ? T[Name] | (string extends keyof T ? undefined : never)
    : Name extends `${infer Index extends number}`
      ? Index extends keyof T
        ? T[Index]
        : undefined
      : undefined
