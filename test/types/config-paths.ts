import { expectTypeOf } from 'expect-type'
import { type Config, type ConfigValues, loadConfig, type PathOf, serverSchema, type ValueAt } from 'tribind/config'
import { z } from 'zod'

// The paths of a configuration and what is at them. Checked by tsc, never run.

interface Values {
  name: string
  database: { port: number; pool?: { max: number; min?: number } | null; mode: 'a' | 'b' }
  tags: string[]
  hosts: { name: string }[]
  labels: Record<string, { text: string }>
  site: URL
  call: (a: string) => number
  either: { a: number } | { b: string }
  free: unknown
}

expectTypeOf<PathOf<{ a: { b: { c: 1 } }; d: 2 }>>().toEqualTypeOf<'a' | 'a.b' | 'a.b.c' | 'd'>()
expectTypeOf<PathOf<{ a?: { b: 1 } | null; site: URL; on: Date; call: () => void }>>().toEqualTypeOf<
  'a' | 'a.b' | 'site' | 'on' | 'call'
>()
expectTypeOf<PathOf<{ list: { a: 1 }[] }>>().toEqualTypeOf<'list' | `list.${number}` | `list.${number}.a`>()
expectTypeOf<PathOf<unknown>>().toEqualTypeOf<string>()

expectTypeOf<ValueAt<Values, 'name'>>().toEqualTypeOf<string>()
expectTypeOf<ValueAt<Values, 'database'>>().toEqualTypeOf<Values['database']>()
expectTypeOf<ValueAt<Values, 'database.mode'>>().toEqualTypeOf<'a' | 'b'>()
expectTypeOf<ValueAt<Values, 'database.pool.max'>>().toEqualTypeOf<number | undefined>()
expectTypeOf<ValueAt<Values, 'database.pool.min'>>().toEqualTypeOf<number | undefined>()
expectTypeOf<ValueAt<Values, 'tags.0'>>().toEqualTypeOf<string | undefined>()
expectTypeOf<ValueAt<Values, 'hosts.0.name'>>().toEqualTypeOf<string | undefined>()
expectTypeOf<ValueAt<Values, 'labels.x.text'>>().toEqualTypeOf<string | undefined>()
expectTypeOf<ValueAt<Values, 'site'>>().toEqualTypeOf<URL>()
expectTypeOf<ValueAt<Values, 'either.a'>>().toEqualTypeOf<number | undefined>()
expectTypeOf<ValueAt<unknown, 'x.y'>>().toEqualTypeOf<unknown>()

declare const config: Config<Values>
expectTypeOf(config.values).toExtend<Values>()
expectTypeOf(config.get('database.port')).toEqualTypeOf<number>()
expectTypeOf(config.get('free')).toEqualTypeOf<unknown>()
config.get('free.of.types')
// @ts-expect-error misspelt
config.get('database.prot')
// @ts-expect-error below a single value
config.get('name.length')
// @ts-expect-error within an object of a class
config.get('site.host')
expectTypeOf(config.with({})).resolves.toEqualTypeOf<Config<Values>>()

// A type that contains itself has paths too, up to some depth.
interface Tree {
  name: string
  next?: Tree
}
declare const tree: Config<Tree>
expectTypeOf(tree.get('next.next.next.name')).toEqualTypeOf<string | undefined>()

const schema = { server: serverSchema, app: z.object({ name: z.string(), size: z.number().default(1) }) }
expectTypeOf<ConfigValues<typeof schema>['app']>().toEqualTypeOf<{ name: string; size: number }>()
expectTypeOf<ConfigValues<(typeof schema)['app']>>().toEqualTypeOf<{ name: string; size: number }>()
expectTypeOf(loadConfig({ schema })).resolves.toEqualTypeOf<Config<ConfigValues<typeof schema>>>()

declare const both: Config<ConfigValues<typeof schema>>
expectTypeOf(both.get('server.port')).toEqualTypeOf<number | undefined>()
expectTypeOf(both.get('server.name')).toEqualTypeOf<string>()
expectTypeOf(both.get('server.upload.maxFiles')).toEqualTypeOf<number | undefined>()
expectTypeOf(both.get('app.size')).toEqualTypeOf<number>()
// @ts-expect-error only code can set it
both.get('server.logger')

// @ts-expect-error no schema
void loadConfig({})
// @ts-expect-error misspelt
void loadConfig({ schema, files: 'a.yaml' })
