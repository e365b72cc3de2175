/** The parameters of a route by name, all strings. A pattern of type `string` may have any name. */
export type ParamsOf<Pattern extends string> = string extends Pattern
  ? Record<string, string>
  : { [Name in ParamNames<RouteOf<Pattern>>]: string }

/** The route of a pattern `[METHOD:]route[@domain]`. */
export type RouteOf<Pattern extends string> = WithoutDomain<WithoutMethod<Trim<Pattern>>>

type WithoutMethod<S extends string> = S extends `/${string}`
  ? S
  : S extends `${string}:${infer Route}`
    ? Trim<Route>
    : S

// The domain begins at the last `@`, and no `/` follows it.
type WithoutDomain<S extends string> = S extends `${infer Before}@${infer After}`
  ? After extends `${string}@${string}`
    ? `${Before}@${WithoutDomain<After>}`
    : After extends `${string}/${string}`
      ? S
      : Trim<Before>
  : S

type ParamNames<Route extends string> = Route extends `${infer Segment}/${infer Rest}`
  ? SegmentNames<Segment> | ParamNames<Rest>
  : SegmentNames<Route>

type SegmentNames<Segment extends string> = Segment extends `:${infer Name}` | `*${infer Name}`
  ? Name extends ''
    ? never
    : Name
  : Segment extends `${string}{${infer Name}}${infer Rest}`
    ? Name | SegmentNames<Rest>
    : never

type Trim<S extends string> = S extends ` ${infer T}` | `${infer T} ` ? Trim<T> : S
