import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect } from 'chai'
import { type Issue, type Server, ValidationError } from 'tribind'
import { z } from 'zod'
import { bothWays, type Send } from '../feature/both-ways.ts'
import { load } from './language-folder.ts'

const languages = await load({
  'en-US.json': {},
  'de.json': {
    validation: {
      too_small: '{field} braucht mindestens {minimum} Zeichen',
      invalid_type: '{field}: {expected} erwartet',
      min_value: '{field} ist zu klein ({requirement})',
      unrecognized_keys: 'Unbekannt: {keys}{field}',
    },
    fields: { name: 'Der Name', address: { city: 'Die Stadt' }, items: { title: 'Der Titel' } },
  },
  'fr.json': { validation: { too_small: '{field} est trop court' }, fields: { address: { city: 'La ville' } } },
})
const schema = z.strictObject({
  name: z.string().min(3).optional(),
  age: z.number().min(18).optional(),
  address: z.object({ city: z.string().min(2) }).optional(),
  items: z.array(z.object({ title: z.string().min(2) })).optional(),
})

function bind(server: Server): void {
  server.post('/', async (request) => request.parse(schema))
  server.post('/caught', async (request) => {
    try {
      return await request.parse(schema)
    } catch (error) {
      return { message: (error as Error).message, issues: (error as ValidationError).issues }
    }
  })
}

const post = (send: Send, body: unknown, range = 'de', url = '/') =>
  send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', 'accept-language': range },
    body: JSON.stringify(body),
  })

describe('a ValidationError', () => {
  bothWays(
    'is told in the language of the request, with the fields of the issue',
    bind,
    async (send) => {
      const answer = await post(send, { name: 'ab', address: { city: 7 }, items: [{ title: 'long' }, { title: 'x' }] })
      expect(answer.status).to.equal(400)
      expect(answer.text).to.equal(
        'The input is not valid: name: Der Name braucht mindestens 3 Zeichen; address.city: Die Stadt: string erwartet; ' +
          'items.1.title: Der Titel braucht mindestens 2 Zeichen',
      )
      expect([answer.header('content-language'), answer.header('vary')]).to.deep.equal(['de', 'Accept-Language'])
    },
    { languages },
  )

  bothWays(
    'has its issues in that language for code that catches it',
    bind,
    async (send) => {
      const { message, issues } = (await post(send, { name: 'ab' }, 'de', '/caught')).json() as Error & {
        issues: Issue[]
      }
      expect(message).to.equal('The input is not valid: name: Der Name braucht mindestens 3 Zeichen')
      expect(issues).to.have.length(1)
      expect(issues[0]).to.deep.include({
        code: 'too_small',
        minimum: 3,
        path: ['name'],
        message: 'Der Name braucht mindestens 3 Zeichen',
      })
    },
    { languages },
  )

  bothWays(
    'keeps the message of the schema where one of the two lines is missing',
    bind,
    async (send) => {
      const own = (input: unknown) => new ValidationError(schema.safeParse(input).error?.issues ?? []).message
      // No line for the field, for the code, or for either.
      for (const [body, range] of [
        [{ age: 7 }, 'de'],
        [{ name: 'ab' }, 'fr'],
        [{ address: { city: 7 } }, 'fr'],
        [{ name: 'ab' }, 'en'],
      ] as const)
        expect((await post(send, body, range)).text, range).to.equal(own(body))
      const both = await post(send, { name: 'ab', address: { city: 'x' } }, 'fr')
      expect(both.text).to.match(/: name: Too small: .*; address\.city: La ville est trop court$/)
    },
    { languages },
  )

  bothWays(
    'needs no line of a field where the input as a whole is wrong',
    bind,
    async (send) => {
      expect((await post(send, { a: 1, b: 2 })).text).to.equal('The input is not valid: Unbekannt: a,b')
    },
    { languages },
  )

  const valibotLike: StandardSchemaV1 = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => ({
        issues: [{ message: 'own', path: [{ key: 'name' }], type: 'min_value', requirement: 5 } as Issue],
      }),
    },
  }
  bothWays(
    'is told by the type of an issue that has no code, as those of Valibot',
    (server) => server.post('/', (request) => request.parse(valibotLike)),
    async (send) => {
      expect((await post(send, {})).text).to.equal('The input is not valid: name: Der Name ist zu klein (5)')
    },
    { languages },
  )

  bothWays(
    'is told too where the application throws it',
    (server) => {
      server.post('/', () => {
        throw new ValidationError([{ message: 'own', path: ['name'], code: 'too_small', minimum: 9 } as Issue])
      })
      server.post('/set', (request) => {
        request.setLanguage('fr')
        throw new ValidationError([{ message: 'own', path: ['address', 'city'], code: 'too_small' } as Issue])
      })
    },
    async (send) => {
      const answer = await post(send, {})
      expect([answer.status, answer.text]).to.deep.equal([
        400,
        'The input is not valid: name: Der Name braucht mindestens 9 Zeichen',
      ])
      expect(answer.header('content-language')).to.equal('de')
      const set = await post(send, {}, 'de', '/set')
      expect(set.text).to.equal('The input is not valid: address.city: La ville est trop court')
      expect([set.header('content-language'), set.header('vary')]).to.deep.equal(['fr', undefined])
    },
    { languages },
  )

  bothWays(
    'keeps its message where its language cannot be chosen',
    (server) => {
      server.post('/', () => {
        throw new ValidationError([{ message: 'own', path: ['name'], code: 'too_small' } as Issue])
      })
    },
    async (send, _world, { log }) => {
      const answer = await post(send, {})
      expect([answer.status, answer.text]).to.deep.equal([400, 'The input is not valid: name: own'])
      expect(log.filter(({ level }) => level === 'error').map(({ message }) => message)).to.deep.equal([
        'The message of a ValidationError could not be told in the language of the request',
      ])
    },
    {
      languages,
      detectLanguage() {
        throw new Error('no user')
      },
    },
  )

  bothWays(
    'asks for no language where the input is valid, and none without languages',
    bind,
    async (send) => {
      const answer = await post(send, { name: 'long enough' })
      expect([answer.status, answer.header('content-language'), answer.header('vary')]).to.deep.equal([
        200,
        undefined,
        undefined,
      ])
    },
    { languages },
  )

  bothWays('is told by the schema without languages', bind, async (send) => {
    const answer = await post(send, { name: 'ab' })
    expect(answer.text).to.match(/^The input is not valid: name: Too small/)
    expect(answer.header('content-language')).to.equal(undefined)
  })
})
