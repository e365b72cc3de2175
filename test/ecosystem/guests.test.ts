import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect } from 'chai'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import serverless from 'serverless-http'
import supertest from 'supertest'
import { Server } from 'tribind'
import { bothWays, collectingLogger } from '../feature/both-ways.ts'

const post = (url: string) => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', 'content-length': '7' },
  body: '{"a":1}',
})

describe('koa', () => {
  bothWays(
    'serves what is below a prefix',
    (server) => {
      const koa = new Koa()
      koa.use(async (context) => {
        const body = await context.req.toArray()
        context.set('x-koa', context.path)
        context.body = { url: context.url, body: Buffer.concat(body as Buffer[]).toString() }
      })
      server.mount('/koa', { handle: koa.callback() })
    },
    async (send) => {
      const { text, header } = await send(post('/koa/users?a=1'))
      expect(JSON.parse(text)).to.deep.equal({ url: '/users?a=1', body: '{"a":1}' })
      expect(header('x-koa')).to.equal('/users')
    },
  )
})

describe('hono', () => {
  bothWays(
    'serves web requests',
    (server) => {
      const hono = new Hono().basePath('/hono')
      hono.post('/users/:id', async (c) => c.json({ id: c.req.param('id'), body: await c.req.json() }, 201))
      server.all('/hono/*', (request) => hono.fetch(request.web))
    },
    async (send) => {
      const { status, text } = await send(post('/hono/users/7'))
      expect([status, text]).to.deep.equal([201, '{"id":"7","body":{"a":1}}'])
      expect((await send('/hono/none')).status).to.equal(404)
    },
  )
})

function createShop(): Server {
  const server = new Server({ logger: collectingLogger() })
  server.post('/users/:id', async (request) => ({ id: request.params.id, body: await request.json() }))
  return server
}

describe('tribind as a guest', () => {
  it('serves what is below a prefix of Express', async () => {
    const app = express()
    const shop = createShop()
    app.use('/shop', shop.handle)
    const http = app.listen(0, '127.0.0.1')
    await once(http, 'listening')
    try {
      const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/shop/users/7`
      const { method, headers: type, body } = post('')
      const response = await fetch(url, { method, headers: { 'content-type': type['content-type'] }, body })
      expect(await response.json()).to.deep.equal({ id: '7', body: { a: 1 } })
    } finally {
      http.close()
      await shop.stop()
    }
  })

  it('is asked by supertest', async () => {
    const server = createShop()
    await supertest(server.handle)
      .post('/users/7')
      .send({ a: 1 })
      .expect(200, { id: '7', body: { a: 1 } })
    await server.stop()
  })

  it('answers the events of AWS Lambda, by serverless-http', async () => {
    const server = createShop()
    const handler = serverless(server)
    const answer = await handler(
      {
        version: '2.0',
        rawPath: '/users/7',
        rawQueryString: '',
        headers: { 'content-type': 'application/json', host: 'a.example' },
        requestContext: { http: { method: 'POST', path: '/users/7', sourceIp: '192.0.2.1' } },
        body: '{"a":1}',
        isBase64Encoded: false,
      },
      {},
    )
    expect(answer).to.include({ statusCode: 200, body: '{"id":"7","body":{"a":1}}' })
    await server.stop()
  })
})
