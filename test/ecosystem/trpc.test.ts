import { createTRPCClient, httpBatchLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { expect } from 'chai'
import { overHttp1, type Around } from '../feature/both-ways.ts'

const { router: createRouter, procedure } = initTRPC.create()
const asText = (value: unknown) => String(value)
const router = createRouter({
  greet: procedure.input(asText).query(({ input }) => `Hello ${input}`),
  count: procedure.input(asText).mutation(({ input }) => input.length),
})

async function call({ port }: Around): Promise<void> {
  const client = createTRPCClient<typeof router>({ links: [httpBatchLink({ url: `http://127.0.0.1:${port}/trpc` })] })
  const answers = await Promise.all([client.greet.query('ann'), client.greet.query('bob')])
  expect(answers).to.deep.equal(['Hello ann', 'Hello bob'])
  expect(await client.count.mutate('ann')).to.equal(3)
}

describe('@trpc/server', () => {
  overHttp1(
    'answers its client, by the listener of the standalone server',
    (server) => {
      server.mount('/trpc', { handle: createHTTPHandler({ router }) })
    },
    (_send, _world, around) => call(around),
  )

  overHttp1(
    'answers its client, by the handler for Node.js',
    (server) => {
      server.all('/trpc/:path', ({ params, response }) => {
        const { request: req, response: res } = response.hijack()
        void nodeHTTPRequestHandler({ req, res, path: params.path, router })
      })
    },
    (_send, _world, around) => call(around),
  )
})
