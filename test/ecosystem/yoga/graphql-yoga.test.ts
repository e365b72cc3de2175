import { expect } from 'chai'
import { createYoga } from 'graphql-yoga'
import { bothWays } from '../../feature/both-ways.ts'
import { askBoth, schema } from '../greeting-schema.ts'

describe('graphql-yoga', () => {
  bothWays(
    'answers queries, and shows its page',
    (server) => {
      const yoga = createYoga({ schema, logging: false })
      server.all('/graphql', (request) => yoga.fetch(request.web))
    },
    async (send) => {
      await askBoth(send)
      const page = await send({ url: '/graphql', headers: { accept: 'text/html' } })
      expect(page.header('content-type')).to.match(/^text\/html/)
    },
  )
})
