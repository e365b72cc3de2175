import { Controller } from 'tribind'
import { giveBack, lend } from '../services/loans.ts'
import { showLibrary } from './show-library.ts'

export class LoansController extends Controller {
  async borrow(): Promise<void> {
    const { server } = this
    const loan = { ...this.#loan(), max: server.config.get('library.maxLoans') }
    if (loan.reader === '') return showLibrary(this, 403, { loan: this.t('readers.unknown') })
    const refusal = await lend(server.db(), loan, () => server.logger.info('Lent', loan))
    if (refusal === undefined) this.response.redirectTo('/', 303)
    else
      await showLibrary(this, refusal === 'loans.unknown' ? 404 : 409, { loan: this.t(refusal, { count: loan.max }) })
  }

  async giveBack(): Promise<void> {
    await giveBack(this.server.db(), this.#loan())
    this.response.redirectTo('/', 303)
  }

  #loan(): { book: string; reader: string } {
    const { book = '' } = this.request.params
    // PostgreSQL refuses a value that is longer than its column.
    return { book: book.slice(0, 36), reader: this.session.get<string>('reader') ?? '' }
  }
}
