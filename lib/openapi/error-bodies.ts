import { STATUS_CODES } from 'node:http'
import type { Json } from './json-schema.ts'
import type { Schemas } from './schemas.ts'

const issues = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      message: { type: 'string' },
      path: { type: 'array', items: { type: ['string', 'integer'] } },
    },
    required: ['message', 'path'],
  },
}

/** The members of a problem as the server writes it (RFC 9457). */
const members = {
  title: { type: 'string' },
  detail: { type: 'string' },
  status: { type: 'integer' },
}

const problem = { title: 'ProblemDetails', type: 'object', properties: members, required: ['title', 'status'] }

const invalidInput = {
  title: 'InputProblem',
  description: 'The issues begin with the part of the request that they are about, such as body or query.',
  type: 'object',
  properties: { ...members, issues },
  required: ['title', 'status'],
}

/** The answers to what the server refuses. */
export class ErrorBodies {
  readonly #schemas: Schemas
  readonly #areProblems: boolean

  /** @param areProblems the option `problems` of the server */
  constructor(schemas: Schemas, areProblems: boolean) {
    this.#schemas = schemas
    this.#areProblems = areProblems
  }

  /** Returns the response of a status as OpenAPI has it. @param areMapped whether a function of `mapErrors` writes it */
  describe(status: number, areMapped: boolean): Json {
    const description = STATUS_CODES[status] ?? `Status ${status}`
    if (areMapped) return { description }
    const schema = status === 400 ? invalidInput : problem
    const content = this.#areProblems
      ? { 'application/problem+json': { schema: this.#schemas.add(schema, 'output') } }
      : { 'text/plain': { schema: { type: 'string' } } }
    return { description, content }
  }
}
