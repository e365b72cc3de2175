// The NestJS application of a scenario, the same on every platform.

import 'reflect-metadata'
import { Body, Get, HttpCode, Module, Param, Post, Req } from '@nestjs/common'
import {
  createDomains,
  createMessage,
  createRouteTable,
  describePassed,
  describePost,
  greeting,
  middlewareCount,
} from '../content.mjs'
import { createController, createRequestController } from './create-controller.mjs'

/** Each gives the controllers; `text` are the decorators of methods that answer with text. */
const scenarios = {
  hello: (text) => [createController({}, [{ answer: () => greeting, decorators: [Get('/'), ...text] }])],

  json: () => [createController({}, [{ answer: () => createMessage(), decorators: [Get('/json')] }])],

  params(text) {
    const answer = (id, postId) => describePost(id, postId)
    const decorators = [Get('/users/:id/posts/:postId'), ...text]
    return [createController({}, [{ answer, params: [Param('id'), Param('postId')], decorators }])]
  },

  routes(text, count) {
    const methods = createRouteTable(count).map(({ route, answer }) => ({
      answer,
      params: [Param('id')],
      decorators: [Get(route), ...text],
    }))
    return [createController({}, methods)]
  },

  echo() {
    const decorators = [Post('/echo'), HttpCode(200)]
    return [createController({}, [{ answer: (body) => body, params: [Body()], decorators }])]
  },

  controller: (text) => [createRequestController(text)],

  singleton(text) {
    const answer = (request) => (request === undefined ? 'Hello, nobody!' : greeting)
    return [createController({}, [{ answer, params: [Req()], decorators: [Get('/controller'), ...text] }])]
  },

  middleware(text) {
    const answer = (request) => describePassed(request.passed ?? request.raw.passed)
    return [createController({}, [{ answer, params: [Req()], decorators: [Get('/middleware'), ...text] }])]
  },

  domains: (text, count) =>
    createDomains(count).map(({ host, text: page }) =>
      createController({ host }, [{ answer: () => page, decorators: [Get('/'), ...text] }]),
    ),
}

export function createModule(handlers, size, text) {
  class BenchModule {
    configure(consumer) {
      if (handlers !== 'middleware') return
      consumer.apply(...Array.from({ length: middlewareCount }, () => countStep)).forRoutes('{*path}')
    }
  }
  Module({ controllers: scenarios[handlers](text, size) })(BenchModule)
  return BenchModule
}

function countStep(request, response, next) {
  request.passed = (request.passed ?? 0) + 1
  next()
}
