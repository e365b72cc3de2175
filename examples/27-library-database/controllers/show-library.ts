import type { Controller } from 'tribind'
import { listBooks } from '../services/books.ts'

/** Shows the page: all there is to see. @param problems what is wrong, by the field of a form */
export async function showLibrary(
  { request, response, server, session, view }: Controller,
  status = 200,
  problems: Record<string, string> = {},
): Promise<void> {
  response.status = status
  await view.display('library', {
    books: await listBooks(server.db()),
    reader: session.get('reader'),
    languages: { en: 'English', de: 'Deutsch', pl: 'Polski' },
    language: request.language.name,
    // What was typed, so that it needn't be typed again.
    form: status === 200 ? {} : await request.form(),
    problems,
  })
}
