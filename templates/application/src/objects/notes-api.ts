import type { Request } from 'tribind'
import { addNote, listNotes, newNote, type Note } from '../services/notes.ts'

/** The notes as JSON: one object for all requests, a method for each method of HTTP. */
export const notesApi = {
  get({ server }: Request): Promise<Note[]> {
    return listNotes(server.db(), server.config.get('notes.shown'))
  },

  /** What isn't valid is answered with 400 and the problems. */
  async post(request: Request): Promise<Note> {
    const note = await addNote(request.server.db(), await request.parse(newNote))
    request.response.status = 201
    return note
  },
}
