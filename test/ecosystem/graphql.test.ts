import { ApolloServer, HeaderMap } from '@apollo/server'
import { createHandler } from 'graphql-http/lib/use/fetch'
import { bothWays } from '../feature/both-ways.ts'
import { askBoth, hello, schema, typeDefs } from './greeting-schema.ts'

describe('graphql-http', () => {
  bothWays(
    'answers queries',
    (server) => {
      const handle = createHandler({ schema })
      server.all('/graphql', (request) => handle(request.web))
    },
    askBoth,
  )
})

describe('@apollo/server', () => {
  bothWays(
    'answers queries',
    (server) => {
      const apollo = new ApolloServer({ typeDefs, resolvers: { Query: { hello } } })
      apollo.startInBackgroundHandlingStartupErrorsByLoggingAndFailingAllRequests()
      server.post('/graphql', async (request) => {
        const headers = new HeaderMap(request.web.headers)
        const asked = { method: request.method, headers, search: '', body: await request.json() }
        const answer = await apollo.executeHTTPGraphQLRequest({
          httpGraphQLRequest: asked,
          context: async () => ({}),
        })
        const body = answer.body.kind === 'complete' ? answer.body.string : null
        return new Response(body, { status: answer.status ?? 200, headers: [...answer.headers] })
      })
    },
    askBoth,
  )
})
