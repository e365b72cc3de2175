import { expect } from 'chai'
import { createEverything } from './everything.ts'
import type { Paths, Told } from './told.ts'

describe('the operations of an OpenAPI document', () => {
  let paths: Paths
  let document: Told
  before(async () => {
    document = (await createEverything().inject('/openapi.json')).json() as Told
    paths = document.paths
  })

  it('are those of handlers, object methods and controller methods', () => {
    expect(Object.keys(paths)).to.deep.equal([
      '/any/{segment}/{path}',
      '/api/loan/{id}',
      '/arktype',
      '/books/{id}/loans',
      '/comments',
      '/files/{name}.{type}',
      '/files/{path}',
      '/inside',
      '/loans',
      '/loans/{id}',
      '/odd',
      '/offers',
      '/photo',
      '/search',
      '/shelf',
      '/shelves',
      '/shelves/find',
      '/shelves/index',
      '/shelves/list',
      '/table',
      '/twice',
      '/valibot',
    ])
  })

  it('tells GET and POST of ALL, and leaves out QUERY, CONNECT, and the HEAD of a GET', () => {
    expect(Object.keys(paths['/files/{name}.{type}'] ?? {})).to.deep.equal(['get', 'post'])
    expect(Object.keys(paths['/odd'] ?? {})).to.deep.equal(['options', 'patch'])
    expect(Object.keys(paths['/search'] ?? {})).to.deep.equal(['get'])
  })

  it('has the path as bound in x-pattern, and says of a * what it is', () => {
    expect(paths['/files/{path}']?.get?.['x-pattern']).to.equal('/files/*path')
    expect(paths['/any/{segment}/{path}']?.get?.['x-pattern']).to.equal('/any/:/*')
    const [segment, rest] = paths['/any/{segment}/{path}']?.get?.parameters ?? []
    expect(segment).to.deep.equal({ name: 'segment', in: 'path', required: true, schema: { type: 'string' } })
    expect(rest?.description).to.match(/the rest of the path, as "\*" does/)
  })

  it('tells of two in one place the one that matches first', () => {
    expect(paths['/loans/{id}']?.get?.operationId).to.equal('LoanController_show')
    expect(paths['/twice']?.get).to.include({ operationId: 'forShop_get' })
    expect(paths['/twice']?.get?.servers).to.deep.equal([{ url: '//shop.example' }])
  })

  it('has one path for paths that differ in the names of their parameters alone', () => {
    const removed = paths['/loans/{id}']?.delete
    expect(removed).to.include({ operationId: 'removeLoan_delete', 'x-pattern': '/loans/:loan' })
    expect(removed?.parameters).to.deep.equal([{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }])
  })

  it('has the domains in servers', () => {
    expect(paths['/offers']?.get?.servers).to.deep.equal([
      { url: '//shop.example' },
      { url: '//{subdomain}.shop.example', variables: { subdomain: { default: 'www' } } },
    ])
  })

  it('has unique ids: declared, or of class and method, or of function and method', () => {
    const ids = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId as string),
    )
    expect(new Set(ids).size).to.equal(ids.length)
    expect(ids).to.include.members([
      'lendBook',
      'changeLoan',
      'changeLoan_2',
      'LoanController_store',
      'offers_get',
      'get_shelves_list',
      'get_any_segment_path',
      'odd_patch',
    ])
  })

  it('tells the whole of a declaration', () => {
    const lend = paths['/books/{id}/loans']?.post
    const int = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
    expect(lend).to.deep.include({
      summary: 'Lends a book',
      description: 'To a reader.',
      tags: ['books'],
      operationId: 'lendBook',
      security: [{ session: [] }, { bearer: [] }],
    })
    expect(lend?.parameters).to.deep.equal([
      { name: 'id', in: 'path', required: true, schema: int },
      { name: 'days', in: 'query', schema: { default: 14, type: 'number', maximum: 30 } },
      { name: 'tag', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
      { name: 'idempotency-key', in: 'header', required: true, schema: { type: 'string' } },
      { name: 'shop', in: 'cookie', description: 'The shop.', schema: { type: 'string', description: 'The shop.' } },
    ])
    expect(lend?.requestBody.required).to.equal(true)
    expect(Object.keys(lend?.requestBody.content as object)).to.deep.equal([
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
    ])
    expect(Object.keys(lend?.responses as object)).to.deep.equal(['201', '400', '401', '403', '409', '413', '415'])
    expect(lend?.responses[201]).to.deep.equal({
      description: 'Lent',
      headers: { location: { required: true, schema: { type: 'string' } } },
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Loan' } } },
    })
    expect(paths['/loans/{id}']?.put).to.include({ deprecated: true })
  })

  it('has a default response for what declares none', () => {
    expect(paths['/shelves/list']?.get?.responses).to.deep.equal({ default: { description: 'Any response.' } })
  })

  it('says how a body comes', () => {
    const types = (path: string, method: string) => Object.keys(paths[path]?.[method]?.requestBody.content as object)
    expect(types('/table', 'put')).to.deep.equal(['text/csv'])
    expect(types('/photo', 'post')).to.deep.equal(['multipart/form-data'])
    expect(types('/comments', 'post')).to.deep.equal(['application/json'])
  })

  it('takes schemas of any library, and leaves open what it does not know', () => {
    expect(paths['/arktype']?.get?.parameters).to.deep.equal([
      { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
      { name: 'page', in: 'query', schema: { type: 'number' } },
    ])
    expect(paths['/valibot']?.get?.parameters).to.deep.equal([{ name: 'q', in: 'query', schema: {} }])
    expect(paths['/search']?.get?.parameters[0]).to.deep.include({
      name: 'query',
      schema: { type: 'object', additionalProperties: true },
    })
  })

  it('has the envelopes of mapResults around what they map, and nothing of errors that mapErrors writes', () => {
    const { responses } = paths['/api/loan/{id}']?.get ?? {}
    expect(responses?.[200]?.content['application/json']?.schema).to.deep.equal({
      type: 'object',
      properties: { code: { type: 'integer' }, data: { $ref: '#/components/schemas/Loan' } },
      required: ['code', 'data'],
    })
    expect(responses?.[204]).to.deep.equal({ description: 'No Content' })
    expect(responses?.[205]).to.deep.equal({ description: 'Reset Content' })
    expect(responses?.[400]).to.deep.equal({ description: 'Bad Request' })
  })

  it('has those schemas as components that have a name and are used twice, or contain themselves', () => {
    const { schemas, securitySchemes } = document.components
    expect(Object.keys(schemas)).to.deep.equal(['ATrouble', 'Comment', 'CommentInput', 'Loan', 'LoanInput', 'Schema'])
    expect(schemas['Loan']?.required).to.deep.equal(['id', 'reader', 'state'])
    expect(schemas['LoanInput']?.required).to.deep.equal(['id', 'reader'])
    expect(schemas['CommentInput']?.properties['answers']?.items).to.deep.equal({
      $ref: '#/components/schemas/CommentInput',
    })
    expect(Object.keys(securitySchemes)).to.deep.equal(['session', 'bearer'])
  })
})
