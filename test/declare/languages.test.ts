import { expect } from 'chai'
import { declaration, Server } from 'tribind'
import { z } from 'zod'
import { load } from '../languages/language-folder.ts'
import { json } from './send.ts'
import { silent } from './silent.ts'

const languages = await load({
  'en-US.json': {},
  'de.json': {
    validation: {
      too_small: '{field} braucht mindestens {minimum} Zeichen',
      missing: 'Der Inhalt fehlt',
      invalid_type: '{field}: {expected} erwartet',
    },
    fields: { reader: 'Der Leser', days: 'Die Tage' },
  },
})

describe('the issues of declared endpoints', () => {
  const query = z.object({ days: z.coerce.number() })
  const body = z.object({ reader: z.string().min(2) })
  const server = new Server({ logger: silent, languages, problems: true })
  server.post(
    '/x',
    declaration({ query, body }).handler(() => 'never'),
  )

  it('are told in the language of the request, and in problems with paths that begin with the part', async () => {
    const headers = { ...json, 'accept-language': 'de' }
    const refused = await server.inject({ method: 'POST', url: '/x?days=x', headers, body: '{"reader":"A"}' })
    expect(refused.status).to.equal(400)
    expect(refused.json()).to.have.deep.property('issues', [
      { message: 'Die Tage: number erwartet', path: ['query', 'days'] },
      { message: 'Der Leser braucht mindestens 2 Zeichen', path: ['body', 'reader'] },
    ])
    const missing = await server.inject({ method: 'POST', url: '/x?days=1', headers })
    expect(missing.json()).to.have.deep.property('issues', [{ message: 'Der Inhalt fehlt', path: ['body'] }])
  })
})
