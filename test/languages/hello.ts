import type { Server } from 'tribind'
import type { Languages } from 'tribind/languages'
import { load } from './language-folder.ts'

export const languages: Languages = await load({
  'en-US.json': { hello: 'Hello {name}', only: 'only here' },
  'de.json': { hello: 'Hallo {name}' },
  'fr.json': { hello: 'Bonjour {name}' },
  'pt-BR.json': { hello: 'Olá {name}' },
})
export const accept = (url: string, range: string) => ({ url, headers: { 'accept-language': range } })

export function bindHello(server: Server): void {
  server.get('/', ({ language }) => language.t('hello', { name: 'x' }))
  server.get('/plain', () => 'plain')
  server.get('/set/:name', (request) => {
    request.setLanguage(request.params.name as string)
    return request.language.t('hello', { name: 'y' })
  })
}
