// NestJS without a compiler: decorators are functions, and are called here.

import { Controller, Get, Inject, Scope } from '@nestjs/common'
import { REQUEST } from '@nestjs/core'
import { greeting } from '../content.mjs'

/** A controller with a method for each of `methods`: `answer`, the decorators of its `params`, and its own. */
export function createController(options, methods) {
  class BenchController {}
  for (const [index, { answer, params = [], decorators }] of methods.entries()) {
    BenchController.prototype[`method${index}`] = answer
    decorateMethod(BenchController.prototype, `method${index}`, decorators, params)
  }
  Controller({ path: '/', ...options })(BenchController)
  return BenchController
}

/** A controller made for each request, which it gets, and which checks that it serves no second one. */
export function createRequestController(decorators) {
  class GreetingController {
    #request
    #used = false

    constructor(request) {
      this.#request = request
    }

    show() {
      if (this.#used) throw new Error('This controller served a request before')
      this.#used = true
      return this.#request === undefined ? 'Hello, nobody!' : greeting
    }
  }
  Inject(REQUEST)(GreetingController, undefined, 0)
  decorateMethod(GreetingController.prototype, 'show', [Get('/controller'), ...decorators], [])
  Controller({ path: '/', scope: Scope.REQUEST })(GreetingController)
  return GreetingController
}

function decorateMethod(prototype, name, decorators, params) {
  for (const [position, decorate] of params.entries()) decorate(prototype, name, position)
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  for (const decorate of decorators) decorate(prototype, name, descriptor)
}
