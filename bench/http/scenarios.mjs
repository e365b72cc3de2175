// What is measured: what each scenario asks for, who takes part, and why those.

import { variants } from './bare/variants.mjs'

const everyone = [
  'bare',
  'fastify',
  'hono',
  'h3',
  'koa',
  'express',
  'adonis',
  'nest-fastify',
  'nest-express',
  'tribind',
]
const thoseWithDomains = ['bare', 'fastify', 'hono', 'koa', 'adonis', 'nest-express', 'tribind']

/** 200 bytes as `JSON.stringify` writes it, so that every echo is the same. */
const order = {
  id: 1024,
  customer: 'Ada Lovelace',
  items: [
    { sku: 'tea-500', count: 2, price: 11.5 },
    { sku: 'cup-blue', count: 4, price: 6.25 },
  ],
  note: 'leave it at the door, by the cat',
  paid: true,
  express: false,
}

const postOrder = {
  path: '/echo',
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(order),
}

/**
 * The scenarios by name.
 *
 * `requests` are asked for in turn: a `path`, and `method`, `host`, `headers` and `body` where they matter. Every answer
 * must have `status`, 200 where none is given. `frameworks` take part, for the reason `why`.
 *
 * The handlers are those that each framework has under the name of the scenario, or under `handlers`; they get `size`.
 */
export const scenarios = {
  hello: {
    title: 'hello text',
    requests: [{ path: '/' }],
    frameworks: everyone,
    why: 'everyone',
  },
  'below-bare': {
    title: 'hello text by other ways of node:http',
    requests: [{ path: '/' }],
    handlers: 'hello',
    frameworks: ['bare', ...Object.keys(variants).map((name) => `node:${name}`), 'tribind'],
    why: 'what the public API of node:http has to offer below its plain use; bare/variants.mjs says what each does',
  },
  json: {
    title: 'JSON, a small object',
    requests: [{ path: '/json' }],
    frameworks: [...everyone, 'fastify-schema'],
    why: 'everyone; Fastify with a response schema too, which no other has',
  },
  params: {
    title: 'two parameters, /users/:id/posts/:postId',
    requests: [{ path: '/users/42/posts/7' }],
    frameworks: everyone,
    why: 'everyone',
  },
  'routes-10': describeRoutes('10 routes', 10),
  'routes-1000': describeRoutes('1,000 routes', 1000),
  'routes-10000': describeRoutes('10,000 routes', 10_000),
  echo: {
    title: 'JSON of 200 bytes posted and echoed',
    requests: [postOrder],
    frameworks: everyone,
    why: 'everyone; Koa and AdonisJS with the body parser of their own project',
  },
  'declared-json': {
    title: 'JSON with a declared response',
    requests: [{ path: '/json' }],
    handlers: 'json',
    frameworks: ['bare', 'fastify', 'fastify-schema', 'tribind', 'tribind-declared'],
    why: 'Fastify with the same response schema, and both without; tribind-declared with fast-json-stringify, which Fastify has by itself',
  },
  'declared-echo': {
    title: 'JSON of 200 bytes posted, checked by a schema and echoed',
    requests: [postOrder],
    handlers: 'echo',
    frameworks: ['bare', 'fastify', 'fastify-schema', 'hono', 'hono-validator', 'tribind', 'tribind-declared'],
    why: 'those that check a body: Fastify by ajv, Hono and tribind by the same schema of zod; each without, too',
  },
  controller: {
    title: 'a controller per request and two hooks',
    requests: [{ path: '/controller' }],
    frameworks: [...everyone, 'nest-fastify-singleton'],
    why: 'everyone, with a before and an after hook; NestJS in request scope, on Fastify also with one controller for all requests, its default',
    provesHooks: true,
  },
  middleware: {
    title: 'five middleware',
    requests: [{ path: '/middleware' }],
    frameworks: everyone,
    why: 'everyone; Fastify with five onRequest hooks, which are its middleware',
  },
  session: {
    title: 'a session read, by a signed cookie',
    requests: [{ path: '/session' }],
    login: { path: '/login' },
    frameworks: ['bare', 'fastify', 'express', 'tribind'],
    why: 'those whose sessions lie in a store, here in the process, and have a signed id in the cookie; Fastify by @fastify/session, Express by express-session',
  },
  view: {
    title: 'a page of 4 kB through the view',
    requests: [{ path: '/page' }],
    frameworks: ['bare', 'fastify', 'express', 'tribind'],
    why: 'those whose view can run eta, so that all render one template; Fastify by @fastify/view',
  },
  file: {
    title: 'a static file of 10 kB',
    requests: [{ path: '/ten-kilobytes.txt' }],
    frameworks: ['bare', 'fastify', 'hono', 'express', 'tribind'],
    why: 'those that serve folders by a function of their own project; Fastify by @fastify/static',
  },
  'domains-1': describeDomains('one domain', 1),
  'domains-16': describeDomains('16 domains in turn', 16),
  missing: {
    title: '404',
    requests: [{ path: '/nothing/here' }],
    status: 404,
    handlers: 'hello',
    frameworks: everyone,
    why: 'everyone',
  },
  error: {
    title: 'an error with status 409, thrown',
    requests: [{ path: '/conflict' }],
    status: 409,
    frameworks: ['bare', 'fastify', 'tribind'],
    why: 'those whose errors have a status',
  },
  'start-up': {
    title: 'start of the process to the first answer',
    requests: [{ path: '/' }],
    measure: 'start-up',
    handlers: 'hello',
    frameworks: everyone,
    why: 'everyone, with hello text',
  },
}

/** A table of `size` routes, asked for the last of each kind. */
function describeRoutes(title, size) {
  return {
    title: `${title}, the last of each kind`,
    requests: [{ path: `/api/area-${size - 2}/items` }, { path: `/api/area-${size - 1}/items/42` }],
    handlers: 'routes',
    size,
    frameworks: everyone,
    why: 'everyone',
  }
}

/** One route bound under each of `size` domains. */
function describeDomains(title, size) {
  return {
    title,
    requests: Array.from({ length: size }, (_, shop) => ({ path: '/', host: `shop-${shop}.example.com` })),
    handlers: 'domains',
    size,
    frameworks: thoseWithDomains,
    why: 'those that bind routes to a host, by an option or, as Hono, by a documented way',
  }
}
