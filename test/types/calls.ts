import { expectTypeOf } from 'expect-type'
import { type AnyDeclaration, declaration } from 'tribind'
import type { CallArguments, CallInput, TestClient, TestResponse } from 'tribind/testing'
import { z } from 'zod'

// What `client.call` takes is what the schemas take. Checked by tsc, never run.

const lendBook = declaration({
  params: z.object({ id: z.number() }),
  query: z.object({ days: z.number().default(14), tags: z.array(z.string()).optional() }),
  headers: z.object({ 'idempotency-key': z.string() }),
  cookies: z.object({ shop: z.string().optional() }),
  body: z.object({ reader: z.string(), at: z.string().transform((text) => new Date(text)) }),
  responses: { 201: z.string() },
})

export async function calls(client: TestClient, any: AnyDeclaration): Promise<void> {
  const params = { id: 1 }
  const headers = { 'idempotency-key': 'k' }
  const body = { reader: 'Ann', at: '2026-01-01' }
  expectTypeOf(client.call(lendBook, { params, headers, body })).toEqualTypeOf<Promise<TestResponse>>()
  await client.call(lendBook, { params, headers: { ...headers, authorization: 'x' }, body: new FormData() })
  await client.call(lendBook, { params, headers, body, query: { days: 3 }, cookies: {}, signal: AbortSignal.abort() })
  // @ts-expect-error The parameters are missing.
  await client.call(lendBook, { headers, body })
  // @ts-expect-error So is everything.
  await client.call(lendBook)
  // @ts-expect-error A number, as the schema takes it.
  await client.call(lendBook, { params: { id: '1' }, headers, body })
  // @ts-expect-error There is no such parameter.
  await client.call(lendBook, { params: { id: 1, nope: 1 }, headers, body })
  // @ts-expect-error What the schema takes is a text, what it returns a date.
  await client.call(lendBook, { params, headers, body: { reader: 'Ann', at: new Date() } })
  // @ts-expect-error There is no such part.
  await client.call(lendBook, { params, headers, body, querry: {} })
  // @ts-expect-error One that is declared is missing.
  await client.call(lendBook, { params, headers: {}, body })

  const undeclared = declaration({ summary: 'Health' })
  await client.call(undeclared)
  await client.call(undeclared, { params: { id: 1 }, headers: { accept: 'text/html' }, cookies: { a: 'b' } })
  // @ts-expect-error It has no query, which would not be read.
  await client.call(undeclared, { query: { a: 1 } })
  // @ts-expect-error Nor a body.
  await client.call(undeclared, { body: {} })

  const table = declaration({ body: { type: 'text/csv', schema: z.string() } })
  await client.call(table, { body: 'a;b' })
  // @ts-expect-error No form fits there.
  await client.call(table, { body: new FormData() })

  const optional = declaration({ query: z.object({ page: z.coerce.number().optional() }) })
  expectTypeOf<CallArguments<(typeof optional)['parts']>>().toEqualTypeOf<
    [input?: CallInput<(typeof optional)['parts']>]
  >()
  await client.call(any, { params: { id: 1 }, body: {} })
}
