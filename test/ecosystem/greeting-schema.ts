import { expect } from 'chai'
import { buildSchema, type GraphQLSchema } from 'graphql'
import type { Send } from '../feature/both-ways.ts'

export const typeDefs = 'type Query { hello(name: String!): String! }'
export const hello = (_parent: unknown, { name }: { name: string }) => `Hello ${name}`
export const schema: GraphQLSchema = buildSchema(typeDefs)
Object.assign(schema.getQueryType()?.getFields()['hello'] as object, { resolve: hello })

/** Asks for what there is and for what there isn't. */
export async function askBoth(send: Send): Promise<void> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const ask = (query: string) => send({ method: 'POST', url: '/graphql', headers, body: JSON.stringify({ query }) })
  expect(JSON.parse((await ask('{ hello(name: "ann") }')).text)).to.deep.equal({ data: { hello: 'Hello ann' } })
  expect(JSON.parse((await ask('{ nothing }')).text)).to.have.nested.property('errors[0].message')
}
