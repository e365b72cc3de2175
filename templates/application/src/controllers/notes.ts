import { Controller, ValidationError } from 'tribind'
import { addNote, listNotes, newNote } from '../services/notes.ts'

/** The page with the notes. Each request has a controller of its own. */
export class NotesController extends Controller {
  async index(): Promise<void> {
    await this.#show({})
  }

  async add(): Promise<void> {
    try {
      await addNote(this.server.db(), await this.request.parse(newNote))
      this.response.redirectTo('/', 303)
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      this.response.status = 400
      await this.#show({ typed: (await this.request.form())['text'], problem: error.issues[0]?.message })
    }
  }

  async #show(form: { typed?: unknown; problem?: string | undefined }): Promise<void> {
    const notes = await listNotes(this.server.db(), this.server.config.get('notes.shown'))
    await this.view.display('notes', { notes, language: this.request.language.name, ...form })
  }
}
