import { Controller } from 'tribind'
import { z } from 'zod'

const named = z.object({ name: z.string().trim().max(50) })

/** Who reads, and in which language: both are in the session, which is in the database. */
export class ReadersController extends Controller {
  async enter(): Promise<void> {
    const { name } = await this.request.parse(named)
    const language = this.session.get<string>('language')
    // A new id, against session fixation.
    await this.session.regenerate()
    this.session.set('language', language)
    this.session.set('reader', name === '' ? undefined : name)
    this.response.redirectTo('/', 303)
  }

  async language(): Promise<void> {
    const { name } = await this.request.parse(named)
    this.request.setLanguage(name)
    // One that there is, whatever was asked for.
    this.session.set('language', this.request.language.name)
    this.response.redirectTo('/', 303)
  }
}
