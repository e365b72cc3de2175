// The frameworks in the order of the table: each name is a file in frameworks/, with a function `listen`.

import { variants } from './bare/variants.mjs'

/** Name to the folder of its package, seen from here; null where there is none. */
export const frameworks = {
  bare: null,
  ...Object.fromEntries(Object.keys(variants).map((name) => [`node:${name}`, null])),
  fastify: 'node_modules/fastify',
  'fastify-schema': 'node_modules/fastify',
  hono: 'node_modules/hono',
  'hono-validator': 'node_modules/hono',
  h3: 'node_modules/h3',
  koa: 'node_modules/koa',
  express: 'node_modules/express',
  adonis: 'node_modules/@adonisjs/http-server',
  'nest-fastify': 'node_modules/@nestjs/core',
  'nest-fastify-singleton': 'node_modules/@nestjs/core',
  'nest-express': 'node_modules/@nestjs/core',
  tribind: '../..',
  'tribind-declared': '../..',
}
